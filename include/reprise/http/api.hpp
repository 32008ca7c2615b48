#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/embedded.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/detect/limits.hpp"
#include "reprise/forge/tracker_set.hpp"
#include "reprise/forge/webhook_rules.hpp"
#include "reprise/http/audit_text.hpp"
#include "reprise/http/oidc.hpp"
#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/model/exchange.hpp"
#include "reprise/pipeline/alarms.hpp"
#include "reprise/replay/target.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::archive {
class evidence_reader;
}
namespace reprise::forge {
class sealed_secrets;
class slack_api;
}
namespace reprise::live {
class hub;
}
namespace reprise::net {
class http_client;
class router;
}
namespace reprise::pipeline {
class detection_book;
}
namespace reprise::runs {
class notice_sink;
}
namespace reprise::store {
class database;
}

// REST, live channel, sign-in and dashboard: docs/api.md.
namespace reprise::http {

// What intake has counted since the start; for the overview.
struct intake_figures {
    std::uint64_t records = 0;
    std::uint64_t refused = 0;
    std::uint64_t late = 0;         // Records that came after their window had closed.
    std::uint64_t last_minute = 0;  // 0: not measured; the newest windows tell then.
    std::optional<std::int64_t> last_record_ns;
};

// What lies on the disk; for the overview.
struct storage_figures {
    std::uint64_t database_bytes = 0;  // 0: nobody measures.
    std::uint64_t wal_bytes = 0;
    std::uint64_t evidence_bytes = 0;
    std::uint64_t free_bytes = 0;      // Where the database lies.
};

// How often something may be asked; more is answered with 429.
struct call_limits {
    double calls_burst = 3000;       // Of one session or API token.
    double calls_per_s = 300;
    double sign_ins_burst = 10;      // For one name, right or wrong.
    double sign_ins_per_s = 1.0 / 30;
    double peer_sign_ins_burst = 60; // From one address.
    double peer_sign_ins_per_s = 1;
};

// Systems outside that the configuration names; for the list of how they are doing.
struct configured_integrations {
    std::vector<std::string> trackers;      // "file", "github".
    std::vector<std::string> log_stores;
    std::vector<std::string> hook_sources;  // "github", "generic/backup".
};

struct api_config {
    // Where people reach the dashboard: "http://127.0.0.1:4380", no path. Sign-in links begin with it and
    // requests that change something must come from it. With https the cookie is Secure and __Host-.
    std::string public_url;
    // Further values of Host that are ours, beside that of public_url: "reprise.internal:4380". For a
    // loopback public_url 127.0.0.1, localhost and [::1] with its port are always ours.
    std::vector<std::string> hosts;
    std::string server_version = "0.1.0";
    std::string otlp_grpc;                   // "127.0.0.1:4317": shown to people.
    std::string otlp_http;
    std::int64_t window_ns = 60 * ns_per_s;
    detect::detection_limits detection;      // What holds where nothing is set for a service.
    lifecycle::approval_policy approvals;
    std::string link_key;                    // Signs links to approvals; shorter than 16 bytes: none are made.
    // Whether a tracker takes what a service names: "github:owner/name". Any thread, must not block.
    std::function<bool(std::string_view)> takes_target = [](std::string_view target) {
        return target == "file:tickets";
    };
    configured_integrations integrations;
    pipeline::alarm_policy alarms;           // For POST /events and the gate before the pipeline.
    std::vector<replay::target> replay_targets;  // What a service's replay target may be.
    std::chrono::milliseconds heartbeat{15'000};
    std::chrono::milliseconds session_check{30'000};  // How often an open live channel asks for its session.
    call_limits limits;
    bool passwords = true;                   // Whether people may sign in with one.
    oidc_config oidc;                        // Off without an issuer.
    audit_config audit;
    std::uint64_t events_kept = 100'000;     // A client that is further behind loads everything again.
};

// What the routes about notices need. Slack's are null and empty where Slack is not configured.
struct outside_parts {
    forge::webhook_rules rules;
    const forge::sealed_secrets* secrets = nullptr;
    forge::slack_api* slack = nullptr;
    std::vector<std::string> slack_signing_secrets;
    forge::tracker_set* trackers = nullptr;  // Null: none can be asked.
};

// By reference or as shared by nature: must outlive the api and its routes.
struct api_parts {
    store::database& store;
    archive::evidence_reader& evidence;
    live::hub& hub;
    const clock& time;
    metrics& numbers;
    boost::asio::any_io_executor cpu_pool;   // For opening evidence bundles.
    std::span<const embedded_file> assets;   // web/dist; empty: a page that says how to build it.
    std::function<intake_figures()> intake;  // Any thread, must not block.
    std::function<bool()> intake_healthy = [] { return true; };  // The same.
    runs::notice_sink* notices = nullptr;    // Null: nobody listens.
    net::http_client* oidc_client = nullptr;  // Allowed to reach the provider of identities and nobody else.
    // Paths whose requests are signed by whoever sends them: they come from anywhere, under any host name.
    std::function<bool(std::string_view path)> proves_itself = [](std::string_view) { return false; };
    outside_parts outside = {};
    pipeline::detection_book* detection = nullptr;  // Is told what is set for a service; null: nobody closes windows.
    std::function<storage_figures()> storage = [] { return storage_figures(); };  // Any thread; a few stat() calls.
};

// Headers for net::server_config::headers: CSP and the rest, on every answer.
model::header_list security_headers(bool is_https);

class api {
public:
    // Throws std::invalid_argument when public_url is no origin.
    api(api_config config, api_parts parts);
    ~api();
    api(const api&) = delete;
    api& operator=(const api&) = delete;

    // All routes of /api/v1, /healthz, /readyz, /metrics and the dashboard, and the gate that refuses
    // foreign hosts and origins. Once, before the server starts.
    void add_routes(net::router& routes);

    // Publishes committed changes to the hub until cancelled. Once; spawn it on a task_group before the
    // first write. Takes the store's commit listener.
    boost::asio::awaitable<void> run_publisher();

    // Forgets ended sessions, old events and old idempotency keys now and every ten minutes, until
    // cancelled.
    boost::asio::awaitable<void> run_upkeep();

    // Signs the head of the audit chain when it has moved, and writes what it signed to the file too, until
    // cancelled. Returns at once without a key.
    boost::asio::awaitable<void> run_checkpoints();

    // Each route as it is served and documented: "GET /api/v1/signals/{id}".
    std::vector<std::string> list_routes() const;

    class context;  // Private to the room.

private:
    std::unique_ptr<context> context_;
};

}  // namespace reprise::http
