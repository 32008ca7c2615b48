#include "handlers.hpp"

#include "reprise/live/hub.hpp"
#include "reprise/store/database.hpp"

namespace reprise::http {

handler_answer get_openapi(context& api, const caller&, net::request&)
{
    co_return net::response(200, "application/json", std::string_view(api.openapi));
}

handler_answer get_healthz(context&, const caller&, net::request&)
{
    co_return net::response(200, "text/plain; charset=utf-8", std::string_view("ok\n"));
}

handler_answer get_readyz(context& api, const caller&, net::request& req)
{
    if (!api.parts.store.healthy())
        co_return net::problem(req, 503, "store_unhealthy", "The store refuses writes; the log has the reason.");
    if (!api.parts.intake_healthy())
        co_return net::problem(req, 503, "journal_unhealthy", "The journal cannot write; the log has the reason.");
    co_return net::response(200, "text/plain; charset=utf-8", std::string_view("ready\n"));
}

// For the scraper beside us; what it says is no secret, but nobody's business outside either.
handler_answer get_metrics(context& api, const caller&, net::request& req)
{
    if (!req.peer_is_loopback)
        co_return net::problem(req, 403, "loopback_only", "Metrics are served to this machine only.");
    const store::database_stats stats = api.parts.store.stats();
    api.live_subscribers.set(static_cast<std::int64_t>(api.parts.hub.subscriber_count()));
    api.store_wal_bytes.set(static_cast<std::int64_t>(stats.wal_bytes));
    api.store_writes_queued.set(static_cast<std::int64_t>(stats.writes_queued));
    co_return net::response(200, "text/plain; version=0.0.4; charset=utf-8", api.parts.numbers.render());
}

}  // namespace reprise::http
