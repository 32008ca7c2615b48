#include "reprise/replay/scenario.hpp"

#include "reprise/base/content_hash.hpp"
#include "reprise/replay/target.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

namespace reprise::replay {
namespace {

constexpr std::string_view form_type = "x-www-form-urlencoded";

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

bool holds(const scenario_request& one, std::string_view marker)
{
    const auto has = [marker](std::string_view text) { return text.find(marker) != std::string_view::npos; };
    return has(one.path) || has(one.body) ||
           std::any_of(one.headers.begin(), one.headers.end(), [&](const auto& header) { return has(header.second); });
}

void replace_all(std::string& in, std::string_view marker, std::string_view value)
{
    for (std::size_t at = in.find(marker); at != std::string::npos; at = in.find(marker, at + value.size()))
        in.replace(at, marker.size(), value);
}

std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view plain = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~";
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (plain.find(c) != std::string_view::npos)
            out += c;
        else
            out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
    return out;
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

scenario_request make_one(const model::exchange& captured, std::uint32_t number)
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
        append_number(text, static_cast<std::int64_t>(value.part));
        append_text(text, value.name);
        append_number(text, value.piece ? static_cast<std::int64_t>(*value.piece) : -1);
        append_text(text, value.marker);
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
    left.values = what.values;
    settle_values(left);
    renumber(left);
    return left;
}

void settle_values(scenario& what)
{
    std::vector<carried_value> left;
    for (carried_value& value : what.values) {
        const bool is_given = place_of(what, value.from) < static_cast<std::int64_t>(what.requests.size());
        for (scenario_request& one : what.requests) {
            if (!is_given)
                put_value(one, value.marker, value.captured);
        }
        const bool is_used = std::any_of(what.requests.begin(), what.requests.end(), [&](const auto& one) {
            return holds(one, value.marker);
        });
        if (is_given && is_used)
            left.push_back(std::move(value));
    }
    what.values = std::move(left);
}

void put_value(scenario_request& into, std::string_view marker, std::string_view value)
{
    const std::string encoded = percent_encoded(value);
    const bool is_form = model::find_header(into.headers, "content-type").find(form_type) != std::string_view::npos;
    replace_all(into.path, marker, encoded);
    replace_all(into.body, marker, is_form ? std::string_view(encoded) : value);
    for (auto& header : into.headers)
        replace_all(header.second, marker, value);
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

scenario make_scenario(std::span<const model::exchange> exchanges)
{
    std::vector<std::uint32_t> order(exchanges.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return exchanges[a].start_ns < exchanges[b].start_ns;
    });
    scenario made;
    made.pacing = pacing::recorded;
    for (const std::uint32_t number : order) {
        scenario_request one = make_one(exchanges[number], number);
        one.at_ns = exchanges[number].start_ns - exchanges[order.front()].start_ns;
        one.group = static_cast<std::uint32_t>(made.requests.size());
        made.requests.push_back(std::move(one));
    }
    return made;
}

}  // namespace reprise::replay
