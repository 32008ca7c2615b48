#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "json_text.hpp"
#include "person_audit.hpp"
#include "render.hpp"
#include "time_range.hpp"

#include "reprise/base/log.hpp"
#include "reprise/base/offload.hpp"
#include "reprise/http/audit_text.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/database.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t filter_bytes_max = 256;
constexpr std::size_t export_bytes_max = 4 * 1024 * 1024;  // Of one page; a row that begins below it is whole.

json::object render_report(const store::audit_report& report)
{
    json::object out;
    out["ok"] = report.ok();
    out["rows"] = report.rows;
    out["head_hash"] = report.head_hash;
    if (report.first_bad) {
        out["first_bad"] = *report.first_bad;
        out["reason"] = report.reason;
    }
    out["checkpoints"] = report.checkpoints;
    if (report.checkpoint_seq > 0) {
        out["checkpoint_seq"] = report.checkpoint_seq;
        out["checkpoint_at"] = time_value(report.checkpoint_ns);
    }
    return out;
}

checked<std::string> read_filter(const net::request& req, std::string_view name)
{
    std::string text(req.find_query(name).value_or(std::string_view()));
    if (text.size() > filter_bytes_max)
        return refuse(std::string(name) + " is limited to " + std::to_string(filter_bytes_max) + " bytes.");
    return text;
}

checked<store::audit_filter> read_audit_filter(const net::request& req)
{
    store::audit_filter filter;
    for (const auto& [name, into] : {std::pair{"actor", &filter.actor}, std::pair{"action", &filter.action},
                                     std::pair{"object", &filter.object}}) {
        auto text = read_filter(req, name);
        if (!text)
            return text.error();
        *into = std::move(*text);
    }
    const std::string_view order = req.find_query("order").value_or("oldest");
    if (order != "oldest" && order != "newest")
        return refuse("order must be oldest or newest.");
    filter.newest_first = order == "newest";
    const auto times = read_time_range(req);
    if (!times)
        return times.error();
    if (times->from_ns > 0)
        filter.from_ns = times->from_ns;
    if (times->to_ns > 0)
        filter.to_ns = times->to_ns;
    const auto after = read_number(req, "after", 0);
    if (!after)
        return after.error();
    filter.after = *after;
    const auto page = read_page(req);
    if (!page)
        return page.error();
    filter.limit = page->limit;
    return filter;
}

struct exported_page {
    std::string lines;
    std::int64_t last = 0;   // seq of the last row in it; 0 without rows.
    std::int64_t until = 0;  // seq of the last row of the whole export.
};

// Rows after `after` up to `until`, and the row that says they were taken.
result<exported_page> export_page(
    store::transaction& tx, const caller& who, std::int64_t after, std::optional<std::int64_t> until,
    const net::request& req, std::int64_t now_ns
)
{
    const auto newest = store::find_audit_seq(tx);
    if (!newest)
        return newest.error();
    exported_page page;
    page.until = std::min(until.value_or(*newest), *newest);
    const auto rows = store::list_audit(tx, after, store::audit_listed_max);
    if (!rows)
        return rows.error();
    for (const store::audit_row& row : *rows) {
        if (row.seq > page.until || page.lines.size() >= export_bytes_max)
            break;
        page.lines += audit_line(row) + "\n";
        page.last = row.seq;
    }
    person_deed deed;
    deed.action = "audit.export";
    deed.object = "audit";
    deed.detail = {{"after", after}, {"to", page.last}};
    const auto audited = audit_person(tx, who.person, req, now_ns, deed);
    if (!audited)
        return audited.error();
    return page;
}

}  // namespace

handler_answer list_audit(context& api, const caller&, net::request& req)
{
    const auto filter = read_audit_filter(req);
    if (!filter)
        co_return problem_of(req, filter.error());
    auto load = [&filter](const store::reader& from) -> result<loaded> {
        const auto page = store::find_audit(from, *filter);
        if (!page)
            return page.error();
        json::array items;
        for (const store::audit_row& each : page->rows)
            items.emplace_back(render_audit_row(each));
        return load_page(from, std::move(items), page->next > 0 ? std::to_string(page->next) : std::string());
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the audit");
}

handler_answer verify_audit(context& api, const caller&, net::request& req)
{
    std::vector<store::audit_checkpoint> outside;
    if (!api.config.audit.checkpoint_file.empty()) {
        auto load = [&api] { return read_checkpoint_file(api.config.audit.checkpoint_file); };
        auto read = co_await offload(api.parts.cpu_pool, std::move(load));
        if (!read && read.error() != errc::not_found) {
            log_error("http.audit", "the checkpoint file cannot be read: " + read.error().message());
            co_return problem_of(req, read.error(), "the checkpoint file");
        }
        if (read)
            outside = std::move(*read);
    }
    store::audit_checks checks;
    checks.keys = api.config.audit.known_keys.empty() ? nullptr : &api.config.audit.known_keys;
    checks.outside = outside;
    auto verify = [&checks](const store::reader& from) -> result<loaded> {
        const auto report = store::verify_audit(from, checks);
        if (!report)
            return report.error();
        return load_item(from, render_report(*report));
    };
    const auto found = co_await api.parts.store.read(std::move(verify));
    co_return answer(req, found, "the audit");
}

handler_answer export_audit(context& api, const caller& who, net::request& req)
{
    const auto after = read_number(req, "after", 0);
    if (!after)
        co_return problem_of(req, after.error());
    const auto wanted = read_number(req, "until", 0);
    if (!wanted)
        co_return problem_of(req, wanted.error());
    const auto until = *wanted > 0 ? std::optional(*wanted) : std::nullopt;
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto take = [&](store::transaction& tx) { return export_page(tx, who, *after, until, req, now_ns); };
    auto page = co_await api.parts.store.write(std::move(take));
    if (!page)
        co_return problem_of(req, page.error(), "the audit");
    const bool more = page->last > 0 && page->last < page->until;
    net::response reply(200, "application/x-ndjson", std::move(page->lines));
    reply.set_header("Content-Disposition", "attachment; filename=\"audit.jsonl\"");
    if (more)
        reply.set_header(
            "Link", "</api/v1/audit.jsonl?after=" + std::to_string(page->last) + "&until=" +
                        std::to_string(page->until) + ">; rel=\"next\""
        );
    co_return reply;
}

}  // namespace reprise::http
