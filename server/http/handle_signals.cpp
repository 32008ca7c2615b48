#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "render.hpp"
#include "time_range.hpp"

#include "reprise/store/database.hpp"
#include "reprise/store/signals.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {

handler_answer list_signals(context& api, const caller&, net::request& req)
{
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    const auto kind = read_word(req, "kind", model::find_signal_kind);
    if (!kind)
        co_return problem_of(req, kind.error());
    const auto suppressed = read_choice(req, "suppressed");
    if (!suppressed)
        co_return problem_of(req, suppressed.error());
    const auto times = read_time_range(req);
    if (!times)
        co_return problem_of(req, times.error());
    store::signal_filter filter;
    filter.raised_from_ns = times->from_ns;
    filter.raised_to_ns = times->to_ns;
    filter.suppressed = *suppressed;
    filter.service = std::string(req.find_query("service").value_or(std::string_view()));
    filter.kind = *kind;
    filter.after = page->after;
    filter.limit = page->limit + 1;
    auto load = [&](const store::reader& from) -> result<loaded> {
        auto signals = store::list_signals(from, filter);
        if (!signals)
            return signals.error();
        std::string next = cut_page(*signals, page->limit, [](const model::signal& row) { return row.id; });
        json::array items;
        for (const model::signal& each : *signals)
            items.emplace_back(render_signal(each));
        return load_page(from, std::move(items), std::move(next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the list of signals");
}

handler_answer get_signal(context& api, const caller&, net::request& req)
{
    const std::string id(req.param("id"));
    auto load = [&id](const store::reader& from) -> result<loaded> {
        const auto signal = store::find_signal(from, id);
        if (!signal)
            return signal.error();
        if (!*signal)
            return errc::not_found;
        return load_item(from, render_signal(**signal));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "signal " + id);
}

}  // namespace reprise::http
