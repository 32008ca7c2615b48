#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "render.hpp"

#include "reprise/store/audit.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/publications.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {

handler_answer list_publications(context& api, const caller&, net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    auto load = [&page](const store::reader& from) -> result<loaded> {
        auto publications = store::list_publications(from, page->after, page->limit + 1);
        if (!publications)
            return publications.error();
        std::string next =
            cut_page(*publications, page->limit, [](const store::publication& row) { return row.id; });
        json::array items;
        for (const store::publication& each : *publications)
            items.emplace_back(render_publication(each));
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of publications");
}

handler_answer list_audit(context& api, const caller&, net::request& req)
{
    const auto after = read_number(req, "after", 0);
    if (!after)
        co_return problem_of(req, after.error());
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    auto load = [&after, &page](const store::reader& from) -> result<loaded> {
        auto rows = store::list_audit(from, *after, page->limit + 1);
        if (!rows)
            return rows.error();
        std::string next =
            cut_page(*rows, page->limit, [](const store::audit_row& row) { return std::to_string(row.seq); });
        json::array items;
        for (const store::audit_row& each : *rows)
            items.emplace_back(render_audit_row(each));
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the audit");
}

handler_answer verify_audit(context& api, const caller&, net::request& req)
{
    auto verify = [](const store::reader& from) -> result<loaded> {
        const auto report = store::verify_audit(from);
        if (!report)
            return report.error();
        json::object out;
        out["ok"] = report->ok();
        out["rows"] = report->rows;
        out["head_hash"] = report->head_hash;
        if (report->first_bad) {
            out["first_bad"] = *report->first_bad;
            out["reason"] = report->reason;
        }
        return load_item(from, std::move(out));
    };
    const auto found = co_await api.parts.store.read(std::move(verify));
    co_return answer(req, found, "the audit");
}

}  // namespace reprise::http
