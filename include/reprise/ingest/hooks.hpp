#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/model/alarm.hpp"
#include "reprise/net/signing_certificate.hpp"
#include "reprise/net/url.hpp"
#include "reprise/net/webhook_signature.hpp"
#include "reprise/pipeline/alarms.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::net {
class router;
}
namespace reprise::store {
class database;
class transaction;
}

// Webhooks of other systems: docs/hooks.md. A request is verified over its raw bytes and kept, body and dedup key,
// in one transaction; then its sender hears 202. A loop reads what was kept and hands its alarms on, each in the
// transaction that marks the delivery as done. What a crash interrupts is done again, and counts once.
namespace reprise::ingest {

constexpr std::size_t hook_body_bytes_max = 1024 * 1024;
constexpr std::size_t sns_body_bytes_max = 512 * 1024;         // A message of 256 KiB, quoted.
constexpr std::size_t hooks_waiting_max = 10'000;              // More are told to come back.
constexpr std::size_t hook_refusals_audited_max = 6;           // A minute and source; the rest is counted.
constexpr std::uint32_t hook_attempts_max = 5;
constexpr std::size_t hook_secret_bytes_min = 16;
constexpr std::size_t sns_token_bytes_min = 32;                // Whoever knows it may send; nothing is signed.
constexpr std::size_t sns_certificates_max = 16;               // Kept in memory.
constexpr std::size_t sns_fetches_max = 30;                    // Of certificates, a minute.
constexpr std::size_t sns_fetches_at_once_max = 4;
constexpr std::int64_t sns_message_age_ns_max = 3600 * ns_per_s;
constexpr std::int64_t hook_keep_ns = 7 * 24 * 3600 * ns_per_s;  // What is done; so long a repeat is known.
constexpr std::int64_t hook_keep_failed_ns = 30 * 24 * 3600 * ns_per_s;
constexpr std::uint64_t hook_bodies_bytes_max = 256ULL * 1024 * 1024;    // Of those that are done; the oldest go first.

// Why a file of secrets cannot be used, as one line for a person.
struct hook_error {
    std::string text;
};

// Reading the value of a failed result is a bug.
[[noreturn]] void throw_exception_from_error(const hook_error& what, const boost::source_location& where);

// One secret a line; empty lines and those that begin with # do not count. Several lines: any of them fits.
boost::system::result<std::vector<std::string>, hook_error> parse_hook_secrets(
    std::string_view text, std::size_t bytes_min = hook_secret_bytes_min
);
// Of generic sources: keys of the Standard Webhooks specification.
boost::system::result<std::vector<net::webhook_key>, hook_error> parse_hook_keys(std::string_view text);

// What a topic list may hold: "arn:aws:sns:<region>:<account>:<name>".
bool is_sns_topic(std::string_view arn);
// Where the SNS of these topics is reached: "https://sns.eu-west-1.amazonaws.com". Nothing else is ever contacted.
std::vector<std::string> sns_origins(const std::vector<std::string>& topics);

struct sns_settings {
    std::vector<std::string> topics;   // ARNs whose messages are taken. Empty: only `tokens`.
    std::vector<std::string> confirm;  // Those among them whose subscriptions we confirm.
    bool takes_sha1 = false;           // SignatureVersion 1, which topics have unless told otherwise.
    std::vector<std::string> tokens;   // For deliveries without a signature.
};

struct hook_settings {
    // "github" and so on. A source that is not here takes nothing.
    std::map<std::string, std::vector<std::string>, std::less<>> secrets;
    std::map<std::string, std::vector<net::webhook_key>, std::less<>> generic;  // By name.
    std::string grafana_time_header;  // Set: Grafana signs the time, too, and sends it there.
    sns_settings sns;
    std::string sealing_key;          // sealing_key_bytes; bodies are sealed with keys made of it.
    std::string grafana_signature_header = "X-Grafana-Alerting-Signature";
};

// How SNS is reached. One GET, answered with the body of a 200 or an error; no redirects; bounded in time and size.
// The address must live until the answer.
class sns_port {
public:
    virtual ~sns_port() = default;
    virtual boost::asio::awaitable<result<std::string>> fetch(const net::url& from) = 0;
};

// By reference: must outlive the hooks and their routes.
struct hook_parts {
    store::database& store;
    const clock& time;
    metrics& numbers;
    boost::asio::any_io_executor cpu_pool;  // For large bodies.
    sns_port& sns;
    std::shared_ptr<net::certificate_trust> sns_trust;  // May be null without topics.
    // pipeline::accept_alarm with its policy. Runs in the transaction of the delivery.
    std::function<result<pipeline::alarm_outcome>(store::transaction&, const model::alarm&, std::int64_t now_ns)>
        accept;
    std::function<void(const pipeline::alarm_outcome&)> count;  // Once it is committed.
};

class hooks {
public:
    hooks(hook_settings settings, hook_parts parts);
    ~hooks();
    hooks(const hooks&) = delete;
    hooks& operator=(const hooks&) = delete;

    // Once, before the server starts.
    void add_routes(net::router& routes);

    // Requests to this path prove themselves who they are: they come from anywhere, without a session.
    static bool is_hook_path(std::string_view path) noexcept;

    // Works on what was kept until cancelled. Once.
    boost::asio::awaitable<void> run_hook_processor();

    // "github", "generic/backup": what is taken.
    std::vector<std::string> list_sources() const;

    class state;  // Private to the room.

private:
    std::unique_ptr<state> state_;
};

}  // namespace reprise::ingest
