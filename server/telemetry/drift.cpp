#include "reprise/telemetry/drift.hpp"

#include "drift_times.hpp"
#include "secret_find.hpp"
#include "text_class.hpp"
#include "text_match.hpp"

#include <algorithm>
#include <cstddef>

namespace reprise::telemetry {
namespace {

constexpr std::size_t look_bytes_max = 8192;

bool is_whole(std::size_t bytes, std::string_view text) noexcept
{
    return bytes == text.size() && bytes > 0;
}

// Letters and digits that take turns more often than in words and numbers: "9f86d081", "V1StGXR8_Z5jdHi6B-myT",
// but not "order17", "iphone-15-pro" or "getUserById".
bool is_random(std::string_view text) noexcept
{
    constexpr std::size_t chars_min = 8;
    std::size_t turns = 0;
    std::size_t digits = 0;
    std::size_t letters = 0;
    char before = '\0';
    for (const char c : text) {
        constexpr std::string_view signs = "-_.~+/=:";
        if (!is_alnum(c) && signs.find(c) == std::string_view::npos)
            return false;
        digits += is_digit(c) ? 1U : 0U;
        letters += is_letter(c) ? 1U : 0U;
        const bool turn = (is_digit(c) && is_letter(before)) || (is_letter(c) && is_digit(before)) ||
                          (is_upper(c) && is_lower(before));
        turns += turn ? 1U : 0U;
        before = c;
    }
    if (text.size() < chars_min || letters == 0)
        return false;
    return digits > 0 ? turns >= 3 && turns * 10 >= text.size() : turns * 4 >= text.size() && text.size() >= 16;
}

}  // namespace

value_look look_at_value(std::string_view text, std::int64_t near_ns)
{
    const value_look opaque{value_form::opaque, std::nullopt, 0};
    if (text.size() > look_bytes_max)
        return is_random(text.substr(0, look_bytes_max)) ? opaque : value_look();
    if (is_whole(match_token(text), text))
        return {value_form::token, std::nullopt, 0};
    for (const auto find : {find_uuid, find_jwt, find_written_time, find_trace_id, find_object_id, find_ulid, find_xid,
                            find_ksuid}) {
        if (const found_look found = find(text))
            return *found;
    }
    if (const found_look found = find_digits(text, near_ns))
        return *found;
    if (is_whole(match_email(text), text))
        return {value_form::email, std::nullopt, 0};
    return is_random(text) ? opaque : value_look();
}

value_form find_drift_cause(std::string_view left, std::string_view right, std::int64_t near_ns)
{
    const value_form form = look_at_value(left, near_ns).form;
    return form == look_at_value(right, near_ns).form ? form : value_form::plain;
}

bool is_volatile(std::string_view text, const time_interval& captured)
{
    const std::int64_t middle_ns = captured.first_ns / 2 + captured.last_ns / 2;
    const value_look look = look_at_value(text, middle_ns);
    return look.time_ns && *look.time_ns <= captured.last_ns && *look.time_ns + look.precision_ns > captured.first_ns;
}

std::string_view to_text(value_form value) noexcept
{
    switch (value) {
    case value_form::plain: return "";
    case value_form::uuid: return "uuid";
    case value_form::uuid_v7: return "uuidv7";
    case value_form::ulid: return "ulid";
    case value_form::ksuid: return "ksuid";
    case value_form::xid: return "xid";
    case value_form::snowflake: return "snowflake";
    case value_form::object_id: return "objectid";
    case value_form::jwt: return "jwt";
    case value_form::trace_id: return "trace-id";
    case value_form::date_time: return "datetime";
    case value_form::date: return "date";
    case value_form::epoch_s: return "epoch-s";
    case value_form::epoch_ms: return "epoch-ms";
    case value_form::epoch_us: return "epoch-us";
    case value_form::epoch_ns: return "epoch-ns";
    case value_form::email: return "email";
    case value_form::token: return "redacted";
    case value_form::opaque: return "opaque";
    }
    return "";
}

}  // namespace reprise::telemetry
