#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/forge/effect.hpp"
#include "reprise/net/client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// Slack's Web API: one call, and what its answers mean.
namespace reprise::forge {

struct slack_config {
    net::url api_url;     // "https://slack.com/api"; methods are called below it.
    std::string token;    // Of the bot, "xoxb-...".
    std::string channel;  // Its id: "C0123456789". Names do not work for changing messages.
    std::shared_ptr<net::client_tls> tls;  // Null: whom the system trusts.
    std::chrono::milliseconds call_limit{10'000};
};

// A sentence about what cannot work; nothing when all is well.
std::optional<std::string> find_fault(const slack_config& config);

struct slack_failure {
    enum effect_failure::kind kind = effect_failure::kind::later;
    std::string code;  // Slack's: "channel_not_found"; empty when it gave none.
    std::string text;  // What, and the way out; without the token.
    std::optional<std::chrono::seconds> retry_after;
    int status = 0;
};

using slack_result = boost::system::result<boost::json::object, slack_failure>;
[[noreturn]] void throw_exception_from_error(const slack_failure& failure, const boost::source_location& where);

// What Slack answered to `method`: the object when it is ok, else why not and whether another try can help.
slack_result judge_slack(std::string_view method, const result<net::client_response>& answer);

// Safe from any strand; must outlive its calls. Nothing is tried twice here.
class slack_api {
public:
    slack_api(slack_config config, metrics& numbers);

    // "chat.postMessage" with its arguments as JSON. `limit` may shorten slack_config::call_limit.
    boost::asio::awaitable<slack_result> call(
        std::string method, boost::json::object arguments,
        std::chrono::milliseconds limit = std::chrono::milliseconds::max()
    );

    // For methods that take no JSON: conversations.history.
    boost::asio::awaitable<slack_result> ask(std::string method, boost::json::object arguments);

    const std::string& channel() const noexcept { return config_.channel; }

private:
    boost::asio::awaitable<slack_result> send(
        std::string method, std::string content_type, std::string body, std::chrono::milliseconds limit
    );

    slack_config config_;
    net::http_client client_;
    counter& calls_;
    counter& failures_;
};

}  // namespace reprise::forge
