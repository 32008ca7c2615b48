#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "render.hpp"

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

}  // namespace reprise::http
