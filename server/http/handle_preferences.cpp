#include "handlers.hpp"
#include "inputs.hpp"
#include "problems.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/runs/preferences.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"

#include <utility>

namespace reprise::http {
namespace {

constexpr std::size_t page_bytes_max = 4U << 20;  // A page ends early; one line alone may be longer.

struct lines_page {
    std::string lines;
    std::string next;  // Empty on the last page.
};

lines_page render_page(const std::vector<store::preference>& records, std::size_t limit)
{
    lines_page page;
    for (std::size_t i = 0; i < records.size(); ++i) {
        std::string line = runs::preference_line(records[i]);
        const bool is_full = i == limit || (i > 0 && page.lines.size() + line.size() > page_bytes_max);
        if (is_full) {
            page.next = records[i - 1].id;
            break;
        }
        page.lines += line;
    }
    return page;
}

}  // namespace

handler_answer get_preferences(context& api, const caller&, net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    std::int64_t since_ns = 0;
    if (const auto since = req.find_query("since"); since && !since->empty()) {
        const auto parsed = parse_rfc3339(*since);
        if (!parsed)
            co_return bad_request(req, "since must be a time like 2026-11-26T00:00:00Z.");
        since_ns = *parsed;
    }
    auto load = [&](const store::reader& from) {
        return store::list_preferences(from, page->after, page->limit + 1, since_ns);
    };
    const auto records = co_await api.parts.store.read(std::move(load));
    if (!records)
        co_return problem_of(req, records.error(), "the preferences");
    lines_page lines = render_page(*records, page->limit);
    net::response reply(200, "application/x-ndjson", std::move(lines.lines));
    if (!lines.next.empty())
        reply.set_header("X-Next-After", lines.next);
    co_return reply;
}

}  // namespace reprise::http
