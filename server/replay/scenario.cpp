#include "reprise/replay/scenario.hpp"

#include "reprise/base/content_hash.hpp"
#include "reprise/replay/target.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

namespace reprise::replay {
namespace {

void append_text(std::string& into, std::string_view text)
{
    into += std::to_string(text.size());
    into += ':';
    into += text;
}

void append_number(std::string& into, std::int64_t number)
{
    into += std::to_string(number);
    into += ',';
}

void append_request(std::string& into, const scenario_request& one, pacing how)
{
    append_text(into, one.method);
    append_text(into, one.path);
    append_number(into, static_cast<std::int64_t>(one.headers.size()));
    for (const auto& [name, value] : one.headers) {
        append_text(into, name);
        append_text(into, value);
    }
    append_text(into, one.body);
    append_number(into, how == pacing::recorded ? one.at_ns : one.group);
    append_number(into, one.copies);
    append_number(into, one.watched ? 1 : 0);
}

// Where it stands, not its number: which of two equal requests was kept makes no difference.
std::int64_t place_of(const scenario& what, std::uint32_t exchange)
{
    const auto found = std::find_if(what.requests.begin(), what.requests.end(), [exchange](const auto& one) {
        return one.exchange == exchange;
    });
    return found - what.requests.begin();
}

// Groups counted from 0 without gaps, the first request at 0: how many were dropped before says nothing.
void renumber(scenario& what)
{
    if (what.requests.empty())
        return;
    const std::int64_t begin = what.requests.front().at_ns;
    std::uint32_t captured = what.requests.front().group;
    std::uint32_t group = 0;
    for (scenario_request& one : what.requests) {
        group += one.group != captured ? 1U : 0U;
        captured = one.group;
        one.group = group;
        one.at_ns -= begin;
    }
}

bool is_same_name(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_clean(std::string_view text)
{
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

std::string escaped_path(std::string_view path)
{
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > ' ' && byte < 0x7f) {
            out += c;
            continue;
        }
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

bool carries(const std::vector<carried_value>& values, std::uint32_t to, std::string_view text)
{
    return std::any_of(values.begin(), values.end(), [&](const carried_value& value) {
        return value.to == to && text.find(value.captured) != std::string_view::npos;
    });
}

scenario_request make_one(
    const model::exchange& captured, std::uint32_t number, const std::vector<carried_value>& values
)
{
    request outgoing = make_request(captured, "", {}, 0);
    scenario_request made;
    made.exchange = number;
    made.method = std::move(outgoing.method);
    made.path = escaped_path(outgoing.path);
    made.body = std::move(outgoing.body);
    for (auto& header : outgoing.headers) {
        // What marks the replay is the sender's to add.
        if (header.first != "X-Replay" && header.first != "traceparent")
            made.headers.push_back(std::move(header));
    }
    for (const auto& [name, value] : captured.request_headers) {
        const std::string_view known = name;
        const bool there = std::any_of(made.headers.begin(), made.headers.end(), [&](const auto& header) {
            return is_same_name(header.first, known);
        });
        if (!there && carries(values, number, value) && is_clean(name) && is_clean(value))
            made.headers.emplace_back(name, value);
    }
    made.took_ns = std::max<std::int64_t>(captured.duration_ns, 0);
    return made;
}

}  // namespace

std::string content_key(const scenario& what)
{
    std::string text;
    append_number(text, static_cast<std::int64_t>(what.pacing));
    for (const scenario_request& one : what.requests)
        append_request(text, one, what.pacing);
    for (const carried_value& value : what.values) {
        append_number(text, place_of(what, value.from));
        append_number(text, place_of(what, value.to));
        append_number(text, static_cast<std::int64_t>(value.place));
        append_text(text, value.name);
        append_text(text, value.captured);
    }
    const content_hash hash = hash_content(text, 0);
    std::array<char, 33> hex{};
    std::snprintf(
        hex.data(), hex.size(), "%016llx%016llx", static_cast<unsigned long long>(hash.high),
        static_cast<unsigned long long>(hash.low)
    );
    return hex.data();
}

scenario one_after_the_other(scenario what)
{
    what.pacing = pacing::groups;
    std::uint32_t group = 0;
    for (scenario_request& one : what.requests)
        one.group = group++;
    return what;
}

scenario keep_requests(const scenario& what, const std::vector<bool>& kept)
{
    scenario left;
    left.pacing = what.pacing;
    for (std::size_t i = 0; i < what.requests.size(); ++i) {
        if (kept[i])
            left.requests.push_back(what.requests[i]);
    }
    const auto is_there = [&](std::uint32_t exchange) {
        return std::any_of(left.requests.begin(), left.requests.end(), [exchange](const scenario_request& one) {
            return one.exchange == exchange;
        });
    };
    for (const carried_value& value : what.values) {
        if (is_there(value.from) && is_there(value.to))
            left.values.push_back(value);
    }
    renumber(left);
    return left;
}

std::uint32_t count_sent(const scenario& what) noexcept
{
    std::uint32_t count = 0;
    for (const scenario_request& one : what.requests)
        count += one.copies;
    return count;
}

bool is_watching(const scenario& what) noexcept
{
    return std::any_of(what.requests.begin(), what.requests.end(), [](const scenario_request& one) {
        return one.watched;
    });
}

scenario make_scenario(std::span<const model::exchange> exchanges, std::vector<carried_value> values)
{
    std::vector<std::uint32_t> order(exchanges.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return exchanges[a].start_ns < exchanges[b].start_ns;
    });
    scenario made;
    made.pacing = pacing::recorded;
    for (const std::uint32_t number : order) {
        scenario_request one = make_one(exchanges[number], number, values);
        one.at_ns = exchanges[number].start_ns - exchanges[order.front()].start_ns;
        one.group = static_cast<std::uint32_t>(made.requests.size());
        made.requests.push_back(std::move(one));
    }
    made.values = std::move(values);
    return made;
}

}  // namespace reprise::replay
