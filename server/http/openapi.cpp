#include "openapi.hpp"

#include "endpoints.hpp"
#include "schemas.hpp"
#include "token_routes.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>

namespace json = boost::json;

namespace reprise::http {
namespace {

json::object reference(std::string_view name)
{
    return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

json::object json_content(json::object schema)
{
    return {{"application/json", json::object{{"schema", std::move(schema)}}}};
}

// "Page Signal": a page of signals; "Item Me": one; a bare name: that.
json::object render_answer(std::string_view answers)
{
    const std::size_t space = answers.find(' ');
    if (space == std::string_view::npos)
        return reference(answers);
    const bool is_page = answers.substr(0, space) == "Page";
    const json::object one = reference(answers.substr(space + 1));
    json::object properties;
    json::array required = {"as_of_seq"};
    if (is_page) {
        properties["items"] = json::object{{"type", "array"}, {"items", one}};
        properties["next"] = json::object{{"type", "string"}};
        required.emplace_back("items");
    } else {
        properties["item"] = one;
        required.emplace_back("item");
    }
    properties["as_of_seq"] = json::object{{"type", "integer"}};
    return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

json::object parameter(std::string_view name, std::string_view place, bool required)
{
    return {
        {"name", name}, {"in", place}, {"required", required}, {"schema", json::object{{"type", "string"}}}};
}

json::array render_parameters(const endpoint& route)
{
    json::array out;
    std::string_view rest = route.path;
    for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
        const std::size_t close = rest.find('}', open);
        out.emplace_back(parameter(rest.substr(open + 1, close - open - 1), "path", true));
        rest.remove_prefix(close);
    }
    std::string_view query = route.query;
    while (!query.empty() && query != "*") {
        const std::string_view name = query.substr(0, query.find(' '));
        out.emplace_back(parameter(name, "query", false));
        query.remove_prefix(std::min(name.size() + 1, query.size()));
    }
    const bool is_get = route.method == net::method::get;
    if (!is_get && route.access != need::nothing)
        out.emplace_back(parameter("X-CSRF-Token", "header", true));
    const bool by_version = route.path.starts_with("/services") || route.path.ends_with("/content") ||
                            route.path.starts_with("/webhooks");
    if (route.method == net::method::put && by_version)
        out.emplace_back(parameter("If-Match", "header", true));
    if (route.method == net::method::post && route.repeatable)
        out.emplace_back(parameter("Idempotency-Key", "header", false));
    return out;
}

std::string operation_name(const endpoint& route)
{
    std::string name(net::to_text(route.method));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    for (const char c : route.path)
        name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return name;
}

json::object render_operation(const endpoint& route)
{
    json::object done = {{"description", "Done"}};
    if (!route.answers.empty())
        done["content"] = json_content(render_answer(route.answers));
    const json::object problem = {
        {"description", "Refused, with a stable code"},
        {"content", json::object{{"application/problem+json", json::object{{"schema", reference("Problem")}}}}}};
    const bool says_nothing =
        route.path == "/auth/logout" || (route.method == net::method::delete_ && route.answers.empty());
    const bool makes_row = route.method == net::method::post && route.path == "/suppressions";
    const bool leads_on = route.path.starts_with("/auth/oidc");
    const std::string_view status = says_nothing ? "204" : leads_on ? "302" : makes_row ? "201" : "200";
    json::object out;
    out["operationId"] = operation_name(route);
    out["summary"] = route.summary;
    const scope needs = find_token_scope(route.method, route.path);
    out["description"] = "Role: " + std::string(to_text(route.access)) + ". API token: " +
                         (needs == scope::nobody ? "none may" : "scope " + std::string(to_text(needs))) + ".";
    out["parameters"] = render_parameters(route);
    if (!route.takes.empty())
        out["requestBody"] = json::object{
            {"required", route.takes != "Comment"}, {"content", json_content(reference(route.takes))}};
    out["responses"] = json::object{{status, std::move(done)}, {"default", problem}};
    if (route.access != need::nothing) {
        json::array ways = {json::object{{"session", json::array()}}};
        if (needs != scope::nobody)
            ways.emplace_back(json::object{{"token", json::array()}});
        out["security"] = std::move(ways);
    }
    return out;
}

std::string verb_of(net::method method)
{
    switch (method) {
    case net::method::post: return "post";
    case net::method::put: return "put";
    case net::method::delete_: return "delete";
    default: return "get";
    }
}

}  // namespace

std::string render_openapi()
{
    json::object paths;
    for (const endpoint& route : endpoints()) {
        json::value& path = paths[full_path(route)];
        if (!path.is_object())
            path = json::object();
        path.get_object()[verb_of(route.method)] = render_operation(route);
    }
    json::object live = {
        {"summary", "WebSocket of committed changes"},
        {"description", "Role: viewer. Speaks as docs/api.md says; a plain request is answered with 426."},
        {"responses", json::object{{"101", json::object{{"description", "Switching"}}}}}};
    paths[std::string(api_base) + "/live"] = json::object{{"get", std::move(live)}};
    json::object out;
    out["openapi"] = "3.1.0";
    out["info"] = json::object{{"title", "Reprise"}, {"version", "1"}};
    out["paths"] = std::move(paths);
    const json::object cookie = {{"type", "apiKey"}, {"in", "cookie"}, {"name", "reprise"}};
    const json::object bearer = {{"type", "http"}, {"scheme", "bearer"}};
    out["components"] = json::object{
        {"schemas", render_schemas()}, {"securitySchemes", json::object{{"session", cookie}, {"token", bearer}}}};
    return json::serialize(out);
}

}  // namespace reprise::http
