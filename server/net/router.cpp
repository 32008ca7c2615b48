#include "reprise/net/router.hpp"

#include "reprise/net/url.hpp"

#include <algorithm>
#include <cassert>

namespace reprise::net {
namespace {

std::vector<std::string> split(std::string_view path)
{
    std::vector<std::string> segments;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        segments.emplace_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return segments;
}

bool is_param(std::string_view segment) noexcept
{
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool same_shape(const route& route, const std::vector<std::string>& path)
{
    if (route.segments.size() != path.size())
        return false;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const bool fits = is_param(route.segments[i]) ? !path[i].empty() : route.segments[i] == path[i];
        if (!fits)
            return false;
    }
    return true;
}

// The earlier the literal, the closer the match.
bool is_closer(const route& a, const route& b)
{
    for (std::size_t i = 0; i < a.segments.size(); ++i) {
        const bool a_param = is_param(a.segments[i]);
        if (a_param != is_param(b.segments[i]))
            return !a_param;
    }
    return false;
}

void bind_params(const route& route, std::vector<std::string>& path, request& req)
{
    req.params.clear();
    req.route = route.pattern;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const std::string_view segment = route.segments[i];
        if (is_param(segment))
            req.params.emplace_back(segment.substr(1, segment.size() - 2), std::move(path[i]));
    }
}

void add_allowed(std::string& allow, net::method method)
{
    const auto add = [&allow](std::string_view text) {
        if (allow.find(text) == std::string::npos)
            allow += (allow.empty() ? "" : ", ") + std::string(text);
    };
    add(to_text(method));
    if (method == method::get)
        add(to_text(method::head));
}

bool serves(const route& route, net::method asked) noexcept
{
    return route.method == asked || (route.method == method::get && asked == method::head);
}

}  // namespace

void router::add(net::method method, std::string pattern, handler handle, std::size_t body_bytes_max)
{
    assert(pattern.starts_with('/'));
    assert(handle);
    route entry;
    entry.method = method;
    entry.segments = split(pattern);
    entry.pattern = std::move(pattern);
    entry.body_bytes_max = body_bytes_max;
    entry.handle = std::move(handle);
    assert(std::none_of(routes_.begin(), routes_.end(), [&entry](const route& other) {
        return other.method == entry.method && other.pattern == entry.pattern;
    }));
    routes_.push_back(std::move(entry));
}

void router::add_websocket(std::string pattern, websocket_check check, websocket_handler talk)
{
    assert(pattern.starts_with('/'));
    assert(check);
    assert(talk);
    route entry;
    entry.segments = split(pattern);
    entry.pattern = std::move(pattern);
    entry.body_bytes_max = 0;
    entry.check = std::move(check);
    entry.talk = std::move(talk);
    routes_.push_back(std::move(entry));
}

void router::add_streaming(std::string pattern, streaming_handler stream)
{
    assert(pattern.starts_with('/'));
    assert(stream);
    route entry;
    entry.segments = split(pattern);
    entry.pattern = std::move(pattern);
    entry.body_bytes_max = 0;
    entry.stream = std::move(stream);
    routes_.push_back(std::move(entry));
}

void router::set_fallback(handler handle)
{
    route entry;
    entry.pattern = "*";
    entry.body_bytes_max = 0;
    entry.handle = std::move(handle);
    fallback_ = std::move(entry);
}

void router::set_gate(gate check)
{
    gate_ = std::move(check);
}

void router::set_refusal_form(refusal_form form)
{
    refusal_form_ = std::move(form);
}

response router::refusal(const request& req, int status, std::string_view code, std::string_view detail) const
{
    return refusal_form_ ? refusal_form_(req, status, code, detail) : problem(req, status, code, detail);
}

router::match router::find(request& req) const
{
    match out;
    std::vector<std::string> path = split(req.path);
    for (std::string& segment : path) {
        auto plain = percent_decode(segment, false);
        if (!plain) {
            out.status = 400;
            return out;
        }
        segment = std::move(*plain);
    }
    bool known = false;
    for (const route& entry : routes_) {
        if (!same_shape(entry, path))
            continue;
        known = true;
        add_allowed(out.allow, entry.method);
        if (serves(entry, req.method) && (!out.found || is_closer(entry, *out.found)))
            out.found = &entry;
    }
    if (out.found) {
        bind_params(*out.found, path, req);
        return out;
    }
    if (known) {
        out.status = req.method == method::options ? 204 : 405;
        return out;
    }
    if (fallback_ && (req.method == method::get || req.method == method::head)) {
        out.found = &*fallback_;
        req.route = fallback_->pattern;
    }
    return out;
}

std::optional<response> router::refuse(const request& req) const
{
    return gate_ ? gate_(req) : std::nullopt;
}

}  // namespace reprise::net
