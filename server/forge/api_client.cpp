#include "api_client.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>
#include <utility>

namespace asio = boost::asio;

namespace reprise::forge {
namespace {

constexpr std::size_t link_bytes_max = 2'048;

net::client_limits client_limits_of(const api_limits& limits)
{
    net::client_limits client;
    client.connect = limits.connect;
    client.write = limits.write;
    client.answer = limits.answer;
    client.body = limits.body;
    client.body_bytes_max = limits.answer_bytes_max;
    return client;
}

// Exactly the configured base: same scheme, host, port and path prefix.
net::target_guard guard_of(const api_place& place)
{
    auto guard = net::target_guard::parse({place.base.origin() + place.base.target}, place.networks);
    // Networks are checked with the configuration; without them the guard is stricter, not laxer.
    if (!guard)
        guard = net::target_guard::parse({place.base.origin() + place.base.target}, {});
    return guard ? *guard : *net::target_guard::parse({}, {});
}

net::client_transport transport_of(const api_place& place)
{
    net::client_transport transport;
    transport.tls = place.tls;
    return transport;
}

std::string root_of(const net::url& base)
{
    std::string path = base.target;
    while (path.ends_with('/'))
        path.pop_back();
    return path;
}

std::string labels_of(std::string_view tracker)
{
    return "tracker=\"" + std::string(tracker) + "\"";
}

// A server that repeats our own header in its error must not bring the secret into our texts.
void scrub(std::string& text, const std::string& authorization)
{
    const auto space = authorization.find(' ');
    const std::string token = space == std::string::npos ? authorization : authorization.substr(space + 1);
    if (token.empty())
        return;
    for (auto at = text.find(token); at != std::string::npos; at = text.find(token, at))
        text.replace(at, token.size(), "(secret)");
}

}  // namespace

api_client::api_client(api_place place, std::string_view tracker, const clock& time, metrics& numbers)
    : place_(std::move(place)),
      origin_(place_.base.origin()),
      root_(root_of(place_.base)),
      time_(time),
      client_(guard_of(place_), client_limits_of(place_.limits), transport_of(place_)),
      requests_(numbers.add_counter(
          "reprise_forge_requests_total", "Requests sent to the APIs of trackers.", labels_of(tracker)
      ))
{
    add_header("Accept", "application/json");
    add_header("User-Agent", "reprise");
}

void api_client::add_header(std::string name, std::string value)
{
    const auto same = std::find_if(headers_.begin(), headers_.end(), [&name](const auto& one) {
        return one.first == name;
    });
    if (same != headers_.end())
        same->second = std::move(value);
    else
        headers_.emplace_back(std::move(name), std::move(value));
}

asio::awaitable<api_result> api_client::send(api_request wanted)
{
    net::client_request request;
    request.method = wanted.method;
    request.url = place_.base;
    request.url.target = root_ + wanted.path;
    if (request.url.target.empty())
        request.url.target = "/";
    request.headers = headers_;
    if (!wanted.authorization.empty())
        request.headers.emplace_back("Authorization", wanted.authorization);
    if (wanted.body) {
        request.headers.emplace_back("Content-Type", "application/json");
        request.body = json::serialize(*wanted.body);
    }
    requests_.add();
    const auto answer = co_await client_.send(std::move(request));
    auto judged = judge(wanted, origin_, answer, time_.now_ns());
    if (!judged) {
        effect_failure failure = judged.error();
        scrub(failure.text, wanted.authorization);
        co_return failure;
    }
    co_return judged;
}

const json::value* find_at(const json::value& from, std::string_view name)
{
    const json::object* object = from.if_object();
    return object != nullptr ? object->if_contains(name) : nullptr;
}

std::string text_at(const json::value& from, std::string_view name)
{
    const json::value* found = find_at(from, name);
    const json::string* text = found != nullptr ? found->if_string() : nullptr;
    return text != nullptr ? std::string(*text) : std::string();
}

std::string text_in(const json::value& from, std::string_view first, std::string_view second)
{
    const json::value* found = find_at(from, first);
    return found != nullptr ? text_at(*found, second) : std::string();
}

std::optional<std::int64_t> number_at(const json::value& from, std::string_view name)
{
    const json::value* found = find_at(from, name);
    if (found == nullptr)
        return std::nullopt;
    json::error_code failed;
    const auto number = found->to_number<std::int64_t>(failed);
    return failed ? std::nullopt : std::optional(number);
}

const json::array& list_of(const json::value& from)
{
    static const json::array none;
    const json::array* list = from.if_array();
    return list != nullptr ? *list : none;
}

std::string link_at(const json::value& from, std::string_view name)
{
    const std::string text = text_at(from, name);
    const bool is_web = text.starts_with("https://") || text.starts_with("http://");
    const bool is_clean = std::all_of(text.begin(), text.end(), [](unsigned char one) {
        return one > 0x20 && one < 0x7F && one != '"' && one != '<' && one != '>' && one != '\\';
    });
    return is_web && is_clean && text.size() <= link_bytes_max ? text : std::string();
}

std::string encoded(std::string_view text, bool keep_slash)
{
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() + 8);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain || (keep_slash && c == '/')) {
            out += c;
            continue;
        }
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

}  // namespace reprise::forge
