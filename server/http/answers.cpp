#include "answers.hpp"

#include "json_text.hpp"

#include "reprise/store/events.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {

result<loaded> load_item(const store::reader& from, json::object item, std::optional<std::int64_t> version)
{
    const auto seq = store::last_seq(from);
    if (!seq)
        return seq.error();
    json::object body;
    body["item"] = std::move(item);
    body["as_of_seq"] = *seq;
    loaded out;
    out.body = json_text(body);
    if (version)
        out.etag = "\"" + std::to_string(*version) + "\"";
    return out;
}

result<loaded> load_page(const store::reader& from, json::array items, std::string next)
{
    const auto seq = store::last_seq(from);
    if (!seq)
        return seq.error();
    json::object body;
    body["items"] = std::move(items);
    if (!next.empty())
        body["next"] = std::move(next);
    body["as_of_seq"] = *seq;
    return loaded{json_text(body), {}};
}

net::response answer(const net::request& req, const result<loaded>& from, std::string_view what)
{
    if (!from)
        return problem_of(req, from.error(), what);
    net::response reply(200, "application/json", from->body);
    if (!from->etag.empty())
        reply.set_header("ETag", from->etag);
    return reply;
}

}  // namespace reprise::http
