#include "reprise/http/api.hpp"

#include "assets.hpp"
#include "checkpoints.hpp"
#include "context.hpp"
#include "handle_slack.hpp"
#include "live_channel.hpp"
#include "oidc_provider.hpp"
#include "openapi.hpp"
#include "publisher.hpp"
#include "serve.hpp"

#include "reprise/base/log.hpp"
#include "reprise/net/router.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/tokens.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>
#include <utility>

namespace asio = boost::asio;

namespace reprise::http {
namespace {

constexpr std::chrono::minutes upkeep_pause{10};
constexpr std::size_t limited_keys_max = 8192;  // Sessions, names and peers that are counted apart.
constexpr std::int64_t ended_tokens_kept_ns = 90LL * 24 * 3600 * ns_per_s;  // Shown as expired or revoked that long.
constexpr double refusals_audited_burst = 20;
constexpr double refusals_audited_per_s = 0.1;
constexpr std::string_view slack_path = "/api/v1/hooks/slack/interactions";
constexpr std::size_t slack_body_bytes_max = 256 * 1024;  // It brings the whole message along, percent-encoded.

origin_rules make_origins(const api_config& config)
{
    auto rules = origin_rules::parse(config.public_url, config.hosts);
    if (!rules)
        throw std::invalid_argument(
            "server.public_url \"" + config.public_url + "\" is no origin such as http://127.0.0.1:4380"
        );
    return std::move(*rules);
}

std::unique_ptr<oidc_provider> make_oidc(const api_config& config, const api_parts& parts)
{
    if (config.oidc.issuer.empty() || parts.oidc_client == nullptr)
        return nullptr;
    return std::make_unique<oidc_provider>(config.oidc, *parts.oidc_client, parts.time);
}

result<void> tidy_up(store::transaction& tx, std::int64_t now_ns, std::uint64_t events_kept)
{
    const auto sessions = store::prune_sessions(tx, now_ns);
    if (!sessions)
        return sessions.error();
    const auto tokens = store::prune_tokens(tx, now_ns - ended_tokens_kept_ns);
    if (!tokens)
        return tokens.error();
    const auto events = store::prune_events(tx, events_kept);
    if (!events)
        return events.error();
    return {};
}

}  // namespace

model::header_list security_headers(bool is_https)
{
    model::header_list headers = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
         "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
         "require-trusted-types-for 'script'"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Permissions-Policy",
         "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
         "microphone=(), midi=(), payment=(), usb=(), xr-spatial-tracking=()"},
    };
    if (is_https)
        headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    return headers;
}

api::context::context(api_config config_, api_parts parts_)
    : config(std::move(config_)), parts(std::move(parts_)), origins(make_origins(config)),
      cookie_name(origins.cookie_name()), assets(index_assets(parts.assets)), openapi(render_openapi()),
      calls({config.limits.calls_burst, config.limits.calls_per_s}, limited_keys_max),
      sign_ins_by_name({config.limits.sign_ins_burst, config.limits.sign_ins_per_s}, limited_keys_max),
      sign_ins_by_peer({config.limits.peer_sign_ins_burst, config.limits.peer_sign_ins_per_s}, limited_keys_max),
      refusals_audited({refusals_audited_burst, refusals_audited_per_s}, 1),
      slack_refusals({refusals_audited_burst, refusals_audited_per_s}, 1), oidc(make_oidc(config, parts)),
      started_ns(parts.time.now_ns()), alarms(parts.numbers),
      sign_ins(parts.numbers.add_counter("reprise_sign_ins_total", "Sessions begun.")),
      sign_ins_refused(parts.numbers.add_counter("reprise_sign_ins_refused_total", "Wrong proofs of who somebody is.")),
      sign_ins_limited(parts.numbers.add_counter(
          "reprise_requests_limited_total", "Answered with 429.", "limit=\"sign_in\""
      )),
      calls_limited(
          parts.numbers.add_counter("reprise_requests_limited_total", "Answered with 429.", "limit=\"session\"")
      ),
      access_refused(parts.numbers.add_counter("reprise_access_refused_total", "Without session, role or token.")),
      slack_taken(parts.numbers.add_counter(
          "reprise_slack_interactions_total", "Buttons and dialogs of Slack.", "result=\"taken\""
      )),
      slack_refused(parts.numbers.add_counter(
          "reprise_slack_interactions_total", "Buttons and dialogs of Slack.", "result=\"refused\""
      )),
      slack_forged(parts.numbers.add_counter(
          "reprise_slack_interactions_total", "Buttons and dialogs of Slack.", "result=\"bad_signature\""
      )),
      backtests(parts.numbers.add_counter("reprise_backtests_total", "Back-tests that ran to their end.")),
      backtests_busy(parts.numbers.add_counter(
          "reprise_backtests_refused_total", "Back-tests refused because another one was running."
      )),
      backtests_cut(parts.numbers.add_counter(
          "reprise_backtests_cut_total", "Back-tests over less than was asked for, or with findings left out."
      )),
      suppressions_refused(parts.numbers.add_counter(
          "reprise_suppressions_refused_total", "Suppressions beyond as many as may stand for a service."
      )),
      detections_refused(parts.numbers.add_counter(
          "reprise_detection_settings_refused_total", "Settings beyond as many services as may have their own."
      )),
      live_overflows(parts.numbers.add_counter("reprise_live_overflows_total", "Live channels closed as too slow.")),
      live_messages(parts.numbers.add_counter("reprise_live_messages_total", "Messages written to live channels.")),
      live_subscribers(parts.numbers.add_gauge("reprise_live_subscribers", "Open live channels.")),
      store_wal_bytes(parts.numbers.add_gauge("reprise_store_wal_bytes", "Size of the write-ahead log.")),
      store_writes_queued(parts.numbers.add_gauge("reprise_store_writes_queued", "Writes waiting for the store."))
{
}

api::context::~context() = default;

api::api(api_config config, api_parts parts)
    : context_(std::make_unique<context>(std::move(config), std::move(parts)))
{
}

api::~api() = default;

void api::add_routes(net::router& routes)
{
    context* const all = context_.get();
    routes.set_gate([all](const net::request& req) {
        const bool is_signed = all->parts.proves_itself(req.path) || req.path == slack_path;
        return is_signed ? std::nullopt : refuse_foreign(all->origins, req);
    });
    for (const endpoint& route : endpoints()) {
        auto handle = [all, &route](net::request& req) { return serve(*all, route, req); };
        routes.add(route.method, full_path(route), std::move(handle), route.body_bytes_max);
    }
    // Signed by Slack instead of a session, and a form instead of JSON: it has no place in the table.
    auto press = [all](net::request& req) { return take_slack_interaction(*all, req); };
    routes.add(net::method::post, std::string(slack_path), std::move(press), slack_body_bytes_max);
    auto check = [all](net::request& req) { return check_live(*all, req); };
    auto talk = [all](net::request& req, net::websocket& socket) { return talk_live(*all, req, socket); };
    routes.add_websocket(std::string(api_base) + "/live", std::move(check), std::move(talk));
    routes.set_fallback([all](net::request& req) { return answer_asset(*all, req); });
}

asio::awaitable<void> api::run_publisher()
{
    return run_publishing(*context_);
}

asio::awaitable<void> api::run_upkeep()
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        const std::int64_t now_ns = context_->parts.time.now_ns();
        context_->answers.prune(now_ns);
        const std::uint64_t events_kept = context_->config.events_kept;
        auto tidy = [now_ns, events_kept](store::transaction& tx) { return tidy_up(tx, now_ns, events_kept); };
        const auto done = co_await context_->parts.store.write(std::move(tidy));
        if (!done)
            log_warn("http.upkeep", "cannot forget old sessions and events: " + done.error().message());
        timer.expires_after(upkeep_pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> api::run_checkpoints()
{
    return run_checkpointing(*context_);
}

std::vector<std::string> api::list_routes() const
{
    std::vector<std::string> out;
    for (const endpoint& route : endpoints())
        out.push_back(std::string(net::to_text(route.method)) + " " + full_path(route));
    out.push_back("GET " + std::string(api_base) + "/live");
    return out;
}

}  // namespace reprise::http
