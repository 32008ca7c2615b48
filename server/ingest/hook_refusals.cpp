#include "hook_refusals.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"
#include "reprise/store/database.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace asio = boost::asio;
namespace json = boost::json;

namespace reprise::ingest {
namespace {

constexpr std::int64_t minute_ns = 60 * ns_per_s;

store::audit_entry entry_of(const std::string& source, const json::object& detail, std::int64_t now_ns)
{
    store::audit_entry entry;
    entry.actor = "hook:" + source;
    entry.actor_type = "system";
    entry.auth = "none";
    entry.action = "hook.refuse";
    entry.object = "hook/" + source;
    entry.detail = json::serialize(detail);
    entry.at_ns = now_ns;
    return entry;
}

}  // namespace

hook_refusals::hook_refusals(store::database& store, const clock& time, metrics& numbers)
    : store_(store), time_(time),
      suppressed_(numbers.add_counter(
          "reprise_hook_refusals_suppressed_total", "Refused webhooks beyond those that the audit takes a minute."
      ))
{
}

std::optional<std::uint64_t> hook_refusals::admit(const std::string& source, std::int64_t now_ns)
{
    const std::lock_guard lock(mutex_);
    minute& current = minutes_[source];
    if (now_ns < current.begin_ns || now_ns >= current.begin_ns + minute_ns) {
        current.begin_ns = now_ns;
        current.written = 0;
    }
    if (current.written == hook_refusals_audited_max) {
        ++current.suppressed;
        suppressed_.add();
        return std::nullopt;
    }
    ++current.written;
    return std::exchange(current.suppressed, 0);
}

asio::awaitable<void> hook_refusals::write(store::audit_entry entry)
{
    auto append = [&entry](store::transaction& tx) { return store::append_audit(tx, entry); };
    const auto written = co_await store_.write(std::move(append));
    if (!written)
        log_warn("hooks", entry.object + ": a refusal is not in the audit: " + written.error().message());
}

asio::awaitable<void> hook_refusals::note(std::string source, std::string_view reason, const net::request& req)
{
    const std::int64_t now_ns = time_.now_ns();
    const auto left_out = admit(source, now_ns);
    if (!left_out)
        co_return;
    const json::object detail = {{"reason", reason},
                                 {"peer", req.peer_address},
                                 {"bytes", req.body.size()},
                                 {"body_sha256", sha256_hex(req.body)},
                                 {"suppressed", *left_out}};
    store::audit_entry entry = entry_of(source, detail, now_ns);
    entry.request_id = req.id;
    co_await write(std::move(entry));
}

asio::awaitable<void> hook_refusals::write_suppressed()
{
    const std::int64_t now_ns = time_.now_ns();
    std::vector<store::audit_entry> entries;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [source, current] : minutes_) {
            if (current.suppressed == 0 || now_ns < current.begin_ns + minute_ns)
                continue;
            const json::object detail = {{"reason", "several"},
                                         {"suppressed", std::exchange(current.suppressed, 0)}};
            entries.push_back(entry_of(source, detail, now_ns));
        }
    }
    for (store::audit_entry& entry : entries)
        co_await write(std::move(entry));
}

}  // namespace reprise::ingest
