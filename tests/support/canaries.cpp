#include "canaries.hpp"

#include "reprise/base/hash.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <cstring>
#include <stdexcept>

namespace reprise::support {
namespace {

std::string json_text(std::string_view text)
{
    return boost::json::serialize(boost::json::string(text));
}

void add_json(std::string& body, const std::string& name, const std::string& value)
{
    body = "{\"a\":[{\"b\":1}],\"deep\":{\"x\":[{" + json_text(name) + ": " + value + " }]},\"z\":" + "\"end\"}";
}

std::uint64_t first_bytes(std::string_view text)
{
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof word);
    return word;
}

constexpr std::size_t beginnings_max = 1U << 20U;

std::size_t beginning(std::uint64_t word)
{
    return word * 0x9e3779b97f4a7c15ULL >> 44U;
}

}  // namespace

const std::vector<std::pair<std::string, secret_place>>& named_places()
{
    static const std::vector<std::pair<std::string, secret_place>> places = {
        {"header", [](auto& e, auto&, auto& s) { e.request_headers.emplace_back("X-Internal", s); }},
        {"cookie", [](auto& e, auto& n, auto& s) {
             e.response_headers.emplace_back("Set-Cookie", n + "=" + s + "; Path=/"); }},
        {"query", [](auto& e, auto& n, auto& s) { e.path += "?a=1&" + n + "=" + url_encoded(s) + "&b=2"; }},
        {"json", [](auto& e, auto& n, auto& s) { add_json(e.request_body, n, json_text(s)); }},
        {"json list", [](auto& e, auto& n, auto& s) { add_json(e.response_body, n, "[" + json_text(s) + "]"); }},
        {"json in json", [](auto& e, auto& n, auto& s) {
             add_json(e.response_body, "payload", json_text("{\"" + n + "\":" + json_text(s) + "}")); }},
        {"cut json", [](auto& e, auto& n, auto& s) { e.request_body = "{\"a\":1,\"" + n + "\":\"" + s; }},
        {"form", [](auto& e, auto& n, auto& s) {
             e.request_headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
             e.request_body = "x=1&" + url_encoded(n) + "=" + url_encoded(s); }},
        {"multipart", [](auto& e, auto& n, auto& s) {
             e.request_headers.emplace_back("Content-Type", "multipart/form-data; boundary=xx");
             e.request_body = "--xx\r\nContent-Disposition: form-data; name=\"" + n + "\"\r\n\r\n" + s +
                              "\r\n--xx--\r\n"; }},
        {"xml", [](auto& e, auto& n, auto& s) { e.response_body = "<a><" + n + ">" + s + "</" + n + "></a>"; }},
        {"message", [](auto& e, auto& n, auto& s) { e.message = "login failed (" + n + "=" + s + ")"; }},
        {"sql", [](auto& e, auto& n, auto& s) {
             e.operation.protocol = "sql";
             e.statement = "UPDATE users SET `" + n + "` = '" + s + "' WHERE id = 5"; }},
    };
    return places;
}

const std::vector<std::pair<std::string, secret_place>>& plain_places()
{
    static const std::vector<std::pair<std::string, secret_place>> places = {
        {"path", [](auto& e, auto&, auto& s) { e.path = "/users/" + url_encoded(s) + "/x"; }},
        {"allowed header", [](auto& e, auto&, auto& s) {
             e.request_headers.emplace_back("User-Agent", "bot (" + s + ")"); }},
        {"referer", [](auto& e, auto&, auto& s) {
             e.request_headers.emplace_back("Referer", "http://h/a?q=" + url_encoded(s)); }},
        {"query", [](auto& e, auto&, auto& s) { e.path += "?q=" + url_encoded(s); }},
        {"json", [](auto& e, auto&, auto& s) { add_json(e.request_body, "note", json_text("see " + s + " there")); }},
        {"json key", [](auto& e, auto&, auto& s) { add_json(e.request_body, s, "1"); }},
        {"text", [](auto& e, auto&, auto& s) { e.response_body = "hello " + s + ", bye"; }},
        {"lines", [](auto& e, auto&, auto& s) { e.response_body = "a,b\n1," + s + "\n2,x\n"; }},
        {"message", [](auto& e, auto&, auto& s) { e.message = "no user '" + s + "' in table"; }},
        {"base64", [](auto& e, auto&, auto& s) { e.request_body = "v=" + to_base64("user " + s + " ok"); }},
        {"sql comment", [](auto& e, auto&, auto& s) {
             e.operation.protocol = "sql";
             e.statement = "SELECT 1 /* " + s + " */"; }},
        {"sql literal", [](auto& e, auto&, auto& s) {
             e.operation.protocol = "sql";
             e.statement = "SELECT '" + s + "'"; }},
    };
    return places;
}

std::string url_encoded(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            out += c;
        else
            out += "%" + to_hex({reinterpret_cast<const unsigned char*>(&c), 1});
    }
    return out;
}

void leak_finder::add(const std::string& secret)
{
    ++secrets_;
    add_form(secret);
    if (const std::string encoded = url_encoded(secret); encoded != secret)
        add_form(encoded);
    add_form(to_hex({reinterpret_cast<const unsigned char*>(secret.data()), secret.size()}));
    // Whole groups of base64 only: what stands before and behind the secret shares the others.
    for (std::size_t before = 0; before < 3; ++before) {
        const std::string whole = to_base64(std::string(before, '\0') + secret);
        const std::size_t first = before == 0 ? 0 : before + 1;
        const std::size_t groups = (before + secret.size()) / 3;
        add_form(whole.substr(first, groups * 4 - first));
    }
}

void leak_finder::add_form(const std::string& form)
{
    if (form.size() < sizeof(std::uint64_t))
        throw std::logic_error("a secret too short to be looked for: " + form);
    beginnings_.resize(beginnings_max);
    beginnings_[beginning(first_bytes(form))] = true;
    forms_.emplace(first_bytes(form), form);
}

std::string leak_finder::find(std::string_view bytes) const
{
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= bytes.size() && !forms_.empty(); ++at) {
        const std::uint64_t word = first_bytes(bytes.substr(at));
        if (!beginnings_[beginning(word)])
            continue;
        const auto [first, last] = forms_.equal_range(word);
        for (auto one = first; one != last; ++one) {
            if (bytes.substr(at).starts_with(one->second))
                return one->second;
        }
    }
    return {};
}

}  // namespace reprise::support
