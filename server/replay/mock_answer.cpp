#include "mock_answer.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/net/message.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace reprise::replay {
namespace {

constexpr std::array<std::string_view, 9> connection_headers = {
    "connection", "content-length", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
};

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return out;
}

bool is_printable_text(std::string_view body)
{
    return std::none_of(body.begin(), body.end(), [](unsigned char c) { return c < 0x09 || (c > 0x0d && c < 0x20); });
}

// Whether the bytes are what the coding makes; a capture that unpacked them keeps the header.
bool has_coding(std::string_view coding, std::string_view body)
{
    if (coding == "gzip" || coding == "x-gzip")
        return body.starts_with("\x1f\x8b");
    if (coding == "zstd")
        return body.starts_with("\x28\xb5\x2f\xfd");
    return !is_printable_text(body);
}

bool is_token(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) !=
                                           std::string_view::npos;
    });
}

void add_header(std::string& out, std::string_view name, std::string_view value)
{
    out += name;
    out += ": ";
    for (const char c : value)
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    out += "\r\n";
}

void begin_head(std::string& out, int status)
{
    out = "HTTP/1.1 ";
    out += std::to_string(status);
    out += ' ';
    out += net::status_text(status);
    out += "\r\n";
}

// Statuses that never have a body, and no length either.
bool has_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

boost::json::object to_json(const mock_difference& difference)
{
    boost::json::object out;
    out["field"] = difference.field;
    if (!difference.recorded_absent)
        out["recorded"] = difference.recorded;
    if (!difference.received_absent)
        out["received"] = difference.received;
    if (!difference.cause.empty())
        out["cause"] = difference.cause;
    out["fix"] = difference.fix;
    return out;
}

}  // namespace

wire_answer render_recorded(const model::exchange& recorded)
{
    wire_answer answer;
    if (recorded.status < 200 || recorded.status > 599)
        return answer;
    answer.status = recorded.status;
    const std::string_view body = has_body(recorded.status) ? std::string_view(recorded.response_body)
                                                            : std::string_view();
    begin_head(answer.bytes, recorded.status);
    for (const auto& [name, value] : recorded.response_headers) {
        const std::string low = lower(name);
        const bool of_connection =
            std::find(connection_headers.begin(), connection_headers.end(), low) != connection_headers.end();
        if (of_connection || !is_token(name) || (low == "content-encoding" && !has_coding(lower(value), body)))
            continue;
        add_header(answer.bytes, name, value);
    }
    add_header(answer.bytes, "x-reprise-mock", "hit");
    if (has_body(recorded.status))
        add_header(answer.bytes, "Content-Length", std::to_string(body.size()));
    answer.bytes += "\r\n";
    answer.head_bytes = answer.bytes.size();
    answer.bytes += body;
    return answer;
}

void render_problem(int status, std::string_view mark, std::string_view json, net::raw_answer& into)
{
    begin_head(into.own, status);
    add_header(into.own, "Content-Type", "application/problem+json");
    add_header(into.own, "x-reprise-mock", mark);
    const bool with_body = has_body(status);
    if (with_body)
        add_header(into.own, "Content-Length", std::to_string(json.size()));
    into.own += "\r\n";
    into.head_bytes = into.own.size();
    if (with_body)
        into.own += json;
    into.status = status;
    into.wire = into.own;
}

void corrupt(std::string_view wire, std::size_t head_bytes, std::uint64_t seed, std::string& into)
{
    into.assign(wire);
    const std::size_t body_bytes = wire.size() - head_bytes;
    if (body_bytes == 0)
        return;
    const std::size_t changes = 1 + body_bytes / 64;
    for (std::size_t i = 0; i < changes; ++i) {
        const std::uint64_t random = mix64(seed + i);
        char& byte = into[head_bytes + random % body_bytes];
        byte = static_cast<char>(byte ^ static_cast<char>(1 + random / body_bytes % 255));
    }
}

std::string miss_problem(const miss_report& miss)
{
    boost::json::object out;
    out["type"] = "about:blank";
    out["title"] = "No recording answers this request";
    out["status"] = 404;
    out["code"] = miss.label == mock_label::exhausted ? "mock_exhausted" : "mock_miss";
    out["detail"] = miss.label == mock_label::exhausted
                        ? "All recordings of this request were served; --repeat last or cycle serves them again."
                        : "No recording agrees with this request; the nearest are listed.";
    out["request"] = miss.request;
    boost::json::array nearest;
    for (const near_recording& one : miss.nearest) {
        boost::json::object row;
        row["recording"] = one.recording + 1;
        row["request"] = one.name;
        row["served"] = one.served;
        boost::json::array differences;
        for (const mock_difference& difference : one.differences)
            differences.push_back(to_json(difference));
        row["differences"] = std::move(differences);
        row["difference_count"] = one.difference_count;
        nearest.push_back(std::move(row));
    }
    out["nearest"] = std::move(nearest);
    return boost::json::serialize(out);
}

std::string fault_problem(const fault_rule& rule)
{
    boost::json::object out;
    out["type"] = "about:blank";
    out["title"] = net::status_text(rule.status);
    out["status"] = rule.status;
    out["code"] = "mock_fault";
    out["detail"] = "A fault rule of the mock answered: " + rule.text;
    return boost::json::serialize(out);
}

}  // namespace reprise::replay
