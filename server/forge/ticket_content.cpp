#include "reprise/forge/ticket.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/hash.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace reprise::forge {
namespace {

namespace json = boost::json;

constexpr std::string_view ticket_action = "ticket";

const json::string* find_text(const json::object& object, std::string_view name)
{
    const json::value* found = object.if_contains(name);
    return found != nullptr ? found->if_string() : nullptr;
}

}  // namespace

std::string ticket_content(const ticket_source& source, const ticket& draft, std::string_view target)
{
    json::object content;
    content["action"] = ticket_action;
    content["target"] = target;
    content["title"] = draft.title;
    content["body"] = draft.body;
    content["incident"] = source.incident.id;
    content["generation"] = source.incident.generation;
    content["run"] = source.run_id;
    content["risk"] = model::to_text(source.risk);
    json::array reasons;
    for (const std::string& reason : source.risk_reasons)
        reasons.emplace_back(reason);
    content["risk_reasons"] = std::move(reasons);
    content["evidence"] = nullptr;
    if (source.evidence) {
        content["evidence"] = json::object{
            {"id", source.evidence->id}, {"sha256", source.evidence->sha256}, {"path", source.evidence->path}};
    }
    return canonical_json(content);
}

result<released_ticket> parse_ticket_content(std::string_view content)
{
    json::error_code failed;
    const json::value parsed = json::parse(content, failed);
    if (failed || !parsed.is_object())
        return errc::corrupt;
    const json::object& object = parsed.get_object();
    const json::string* action = find_text(object, "action");
    const json::string* target = find_text(object, "target");
    const json::string* title = find_text(object, "title");
    const json::string* body = find_text(object, "body");
    const json::string* incident = find_text(object, "incident");
    const json::value* generation = object.if_contains("generation");
    const bool complete = action != nullptr && target != nullptr && title != nullptr && body != nullptr
        && incident != nullptr && generation != nullptr && generation->is_int64();
    if (!complete || *action != ticket_action)
        return errc::corrupt;

    released_ticket released;
    released.target = std::string(*target);
    released.incident_id = std::string(*incident);
    released.generation = generation->get_int64();
    released.text.title = std::string(*title);
    released.text.body = std::string(*body);
    released.content_hash = sha256_hex(content);
    return released;
}

}  // namespace reprise::forge
