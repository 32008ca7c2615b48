#include "reprise/replay/target.hpp"

#include "reprise/base/hash.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace reprise::replay {
namespace {

constexpr std::uint64_t mark_seed = 0x7265'7072'6973'65;  // Keeps marks apart from other hashes of run ids.

constexpr std::array<std::string_view, 4> safe_methods = {"GET", "HEAD", "OPTIONS", "TRACE"};

// What belonged to the captured connection, to its caller's identity or to its trace.
constexpr std::array<std::string_view, 29> headers_left_out = {
    "authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token", "x-access-token",
    "x-csrf-token", "x-xsrf-token", "x-amz-security-token", "host", "forwarded", "x-real-ip", "via", "connection",
    "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect", "content-length",
    "traceparent", "tracestate", "baggage", "b3", "x-request-id", "x-replay"
};
constexpr std::array<std::string_view, 3> header_families_left_out = {"x-forwarded-", "x-b3-", ":"};

std::string lower(std::string_view text)
{
    std::string made(text);
    for (char& letter : made)
        letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    return made;
}

// Texts from outside in our sentences: printable and short.
std::string quoted(std::string_view text)
{
    constexpr std::size_t shown_bytes_max = 120;
    std::string made = "\"";
    for (const char letter : text.substr(0, shown_bytes_max))
        made += letter >= ' ' && letter <= '~' ? letter : '?';
    return made + (text.size() > shown_bytes_max ? "...\"" : "\"");
}

refusal bad(std::string_view url, std::string_view why)
{
    return {errc::bad_target, "The replay target " + quoted(url) + " " + std::string(why) +
                                  "; give it as http://host:port."};
}

bool is_below(std::string_view path, std::string_view base)
{
    return base.empty() || path == base || (path.starts_with(base) && path[base.size()] == '/');
}

std::set<std::string> names_in_connection_header(const model::header_list& headers)
{
    std::set<std::string> names;
    std::string_view left = model::find_header(headers, "connection");
    while (!left.empty()) {
        const auto comma = left.find(',');
        std::string_view name = left.substr(0, comma);
        left = comma == std::string_view::npos ? std::string_view() : left.substr(comma + 1);
        while (!name.empty() && name.front() == ' ')
            name.remove_prefix(1);
        while (!name.empty() && name.back() == ' ')
            name.remove_suffix(1);
        names.insert(lower(name));
    }
    return names;
}

bool is_left_out(std::string_view name)
{
    const auto begins = [name](std::string_view family) { return name.starts_with(family); };
    const auto listed = std::find(headers_left_out.begin(), headers_left_out.end(), name);
    return name.empty() || listed != headers_left_out.end() ||
           std::any_of(header_families_left_out.begin(), header_families_left_out.end(), begins);
}

bool is_clean(std::string_view value)
{
    return std::none_of(value.begin(), value.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::string origin_form(std::string_view path)
{
    if (const auto scheme = path.find("://"); scheme != std::string_view::npos && scheme < path.find('/')) {
        const auto slash = path.find('/', scheme + 3);
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
    }
    path = path.substr(0, path.find('#'));
    return path.starts_with('/') ? std::string(path) : "/" + std::string(path);
}

}  // namespace

std::string target::text() const
{
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return scheme + "://" + (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port) + base_path;
}

checked<target> parse_target(std::string_view url)
{
    if (url.size() > target_bytes_max)
        return bad(url, "is longer than " + std::to_string(target_bytes_max) + " bytes");
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed)
        return bad(url, "is not a URL");
    target made;
    made.scheme = lower(std::string_view(parsed->scheme()));
    if (made.scheme != "http" && made.scheme != "https")
        return bad(url, "is neither http nor https");
    if (parsed->has_userinfo())
        return bad(url, "carries a user name; credentials do not belong into it");
    if (parsed->has_query() || parsed->has_fragment())
        return bad(url, "carries a query or a fragment");
    made.host = lower(parsed->host_address());
    if (made.host.empty())
        return bad(url, "names no host");
    made.port = parsed->has_port() ? parsed->port_number() : made.scheme == "https" ? 443 : 80;
    if (made.port == 0)
        return bad(url, "has no usable port");
    for (const auto segment : parsed->segments()) {
        if (segment == "." || segment == "..")
            return bad(url, "has a path that leaves itself");
    }
    made.base_path = std::string(std::string_view(parsed->encoded_path()));
    while (made.base_path.ends_with('/'))
        made.base_path.pop_back();
    return made;
}

checked<target> check_target(std::string_view url, std::span<const target> allowed)
{
    auto wanted = parse_target(url);
    if (!wanted)
        return wanted;
    std::string listed;
    for (const target& entry : allowed) {
        if (entry.scheme == wanted->scheme && entry.host == wanted->host && entry.port == wanted->port &&
            is_below(wanted->base_path, entry.base_path))
            return wanted;
        listed += (listed.empty() ? "" : ", ") + entry.text();
    }
    return refusal{
        errc::not_allowed, "The replay target " + wanted->text() + " is not on the allow-list (" +
                               (listed.empty() ? "it is empty" : "listed: " + listed) +
                               "); add it to replay.targets in the configuration."
    };
}

bool is_unsafe_method(std::string_view method) noexcept
{
    return std::find(safe_methods.begin(), safe_methods.end(), method) == safe_methods.end();
}

std::vector<std::string> list_unsafe_methods(std::span<const model::exchange> exchanges)
{
    std::set<std::string> methods;
    for (const model::exchange& exchange : exchanges) {
        if (is_unsafe_method(exchange.method))
            methods.insert(exchange.method);
    }
    return {methods.begin(), methods.end()};
}

std::uint64_t replay_mark(std::string_view run_id) noexcept
{
    const std::uint64_t mark = hash64(run_id, mark_seed);
    return mark != 0 ? mark : mark_seed;
}

request make_request(
    const model::exchange& captured, std::string_view run_id, const model::trace_id& trace, std::uint64_t span
)
{
    request made;
    made.method = captured.method;
    made.path = origin_form(captured.path);
    made.body = captured.request_body;
    const auto hop_by_hop = names_in_connection_header(captured.request_headers);
    for (const auto& [name, value] : captured.request_headers) {
        const std::string known = lower(name);
        if (!is_left_out(known) && !hop_by_hop.contains(known) && is_clean(name) && is_clean(value))
            made.headers.emplace_back(name, value);
    }
    made.headers.emplace_back("X-Replay", run_id);
    made.headers.emplace_back("traceparent", "00-" + to_hex(trace) + "-" + model::span_to_hex(span) + "-01");
    return made;
}

}  // namespace reprise::replay
