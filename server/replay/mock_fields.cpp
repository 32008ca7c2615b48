#include "mock_fields.hpp"

#include "reprise/net/url.hpp"
#include "reprise/telemetry/body_fields.hpp"
#include "reprise/telemetry/normalise.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace reprise::replay {
namespace {

std::string decoded(std::string_view text, bool plus_is_space)
{
    auto plain = net::percent_decode(text, plus_is_space);
    return plain ? std::move(*plain) : std::string(text);
}

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return out;
}

std::string_view find_value(std::span<const net::raw_header> headers, std::string_view name)
{
    for (const net::raw_header& one : headers) {
        if (one.name.size() == name.size() && lower(one.name) == name)
            return one.value;
    }
    return {};
}

void add_path(std::string_view path, std::vector<match_field>& fields)
{
    std::size_t number = 0;
    while (!path.empty()) {
        path.remove_prefix(1);  // The slash before the segment.
        const std::string_view segment = path.substr(0, path.find('/'));
        fields.push_back({"path/" + std::to_string(number++), decoded(segment, false)});
        path.remove_prefix(segment.size());
    }
}

void add_query(std::string_view query, std::vector<match_field>& fields)
{
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.empty())
            continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
        fields.push_back({"query." + decoded(pair.substr(0, equals), true), decoded(value, true)});
    }
}

}  // namespace

std::string plain_host(std::string_view authority)
{
    std::string host = lower(authority);
    for (const std::string_view port : {":80", ":443"}) {
        if (host.ends_with(port) && (host.front() == '[' || host.find(':') == host.size() - port.size())) {
            host.resize(host.size() - port.size());
            break;
        }
    }
    return host;
}

match_request describe_request(const request_parts& parts, std::span<const std::string> match_headers)
{
    match_request made;
    made.method = parts.method;
    made.host = plain_host(parts.authority);
    const std::string_view path = parts.target.substr(0, parts.target.find('?'));
    made.route = telemetry::normalise_route(path);
    if (path.starts_with('/'))
        add_path(path, made.fields);
    if (path.size() < parts.target.size())
        add_query(parts.target.substr(path.size() + 1), made.fields);
    for (const std::string& name : match_headers)
        made.fields.push_back({"header." + name, std::string(find_value(parts.headers, name))});
    auto body = telemetry::flatten_body(parts.body, find_value(parts.headers, "content-type"));
    for (auto& field : body.fields)
        made.fields.push_back({"body" + std::move(field.path), std::move(field.value)});
    // What was left out still counts: two bodies that differ only there are two.
    if (body.left_out > 0)
        made.fields.push_back({"body#bytes", std::string(parts.body)});
    return made;
}

request_parts parts_of(const model::exchange& recorded, std::vector<net::raw_header>& headers)
{
    headers.clear();
    for (const auto& [name, value] : recorded.request_headers)
        headers.push_back({name, value});
    return {recorded.method, recorded.host, recorded.path, recorded.request_body, headers};
}

std::string field_pattern(std::string_view name)
{
    if (!name.starts_with("body/"))
        return std::string(name);
    std::string out("body");
    name.remove_prefix(4);
    while (!name.empty()) {
        const std::size_t end = std::min(name.find('/', 1), name.size());
        const std::string_view segment = name.substr(1, end - 1);
        const bool number = !segment.empty() && segment.find_first_not_of("0123456789") == std::string_view::npos;
        out += '/';
        out += number ? std::string_view("*") : segment;
        name.remove_prefix(end);
    }
    return out;
}

}  // namespace reprise::replay
