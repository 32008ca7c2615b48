#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"
#include "reprise/forge/webhook_rules.hpp"
#include "reprise/net/client.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Notices as webhooks, by the Standard Webhooks specification: what is sent, how it is signed and what an answer
// means. docs/notifications.md.
namespace reprise::forge {

constexpr std::size_t webhook_body_bytes_max = 20'000;   // Ours are far smaller: ids and links, not content.
constexpr std::size_t webhook_snippet_bytes_max = 1'024;

struct webhook_message {
    std::string id;    // webhook-id; the same at every attempt.
    std::string type;  // "approval.opened"
    std::string data;  // JSON object with ids.
    std::int64_t at_ns = 0;
};

// {"data":{...,"url":...},"timestamp":...,"type":...}: the same bytes for the same message and public URL. The link
// is to what the notice is about. errc::corrupt when `data` is no JSON object, errc::too_large.
result<std::string> webhook_body(const webhook_message& message, std::string_view public_url);

struct webhook_limits {
    std::chrono::milliseconds connect{5'000};
    std::chrono::milliseconds whole{20'000};  // From the first look-up to the last byte of the answer.
    std::size_t answer_bytes_max = 1024 * 1024;
};

struct webhook_outcome {
    bool delivered = false;
    bool gone = false;      // 410: no more of these.
    int status = 0;         // 0: no answer.
    std::string error;      // What went wrong, as one sentence; empty when delivered.
    std::string snippet;    // The beginning of the answer as harmless text.
    std::optional<std::chrono::seconds> asked_for;  // Retry-After.
};

// What an answer, or its absence, means: 2xx is success and nothing else; redirects are not followed.
webhook_outcome judge_webhook(
    const result<net::client_response>& answer, const webhook_limits& limits, std::int64_t now_ns
);

// Sends one message at a time to any endpoint; many calls at once from any strand are fine. Each call resolves the
// name anew, checks every address against the rules and talks to the checked one.
class webhook_sender {
public:
    // Null `tls`: whom the system trusts.
    webhook_sender(
        webhook_rules rules, webhook_limits limits, std::shared_ptr<net::client_tls> tls, const clock& time,
        std::string user_agent
    );

    // Signed with each of the secrets ("whsec_..."), now.
    boost::asio::awaitable<webhook_outcome> send(
        std::string url, std::vector<std::string> secrets, std::string message_id, std::string body
    );

private:
    result<net::client_request> make_request(
        const net::url& target, const std::vector<std::string>& secrets, const std::string& message_id,
        std::string body
    ) const;

    webhook_rules rules_;
    webhook_limits limits_;
    std::shared_ptr<net::client_tls> tls_;
    const clock& time_;
    std::string user_agent_;
};

}  // namespace reprise::forge
