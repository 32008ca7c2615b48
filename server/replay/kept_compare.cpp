#include "reprise/replay/kept_compare.hpp"

#include <algorithm>
#include <tuple>

namespace reprise::replay {
namespace {

constexpr std::string_view twin_reason = "differs between answers to the same request, too";

// One side as it is compared. Valid as long as what it was made of.
struct side {
    const model::header_list& headers;
    std::string_view body;
    int status = 0;
    bool has_headers = false;
    bool has_body = false;
};

side side_of(const model::exchange& captured)
{
    // Traffic that was captured from spans has neither.
    const bool has_headers = !captured.response_headers.empty();
    const bool has_body = has_headers || !captured.response_body.empty();
    return {captured.response_headers, captured.response_body, captured.status, has_headers, has_body};
}

side side_of(const model::kept_answer& answer)
{
    const bool has_headers = answer.headers_left_out == 0;
    return {answer.headers, answer.body, answer.status, has_headers, !answer.body_left_out};
}

std::string operation_name(const model::operation_key& operation)
{
    return operation.method + " " + operation.route;
}

// Of requests that are the same, as far as they were captured, to the same target and with the same status.
using request_key = std::tuple<model::answer_arm, int, std::string_view, std::string_view, std::string_view>;

request_key key_of(const model::exchange& asked, const model::exchange_answers& answers)
{
    return {answers.arm, answers.shown.status, asked.method, asked.path, asked.request_body};
}

// Only what both sides know.
side_comparison compare_sides(const side& left, const side& right, const compare_options& options)
{
    side_comparison made;
    made.has_status = left.status != 0 && right.status != 0;
    made.has_headers = left.has_headers && right.has_headers;
    made.has_body = left.has_body && right.has_body;
    // The type of a body is told by its header, whether headers are compared or not.
    telemetry::answer_parts first{left.status, left.headers, made.has_body ? left.body : std::string_view()};
    telemetry::answer_parts second{
        made.has_status ? right.status : left.status, right.headers, made.has_body ? right.body : std::string_view()};
    made.comparison = compare_answers(first, second, options);
    if (made.has_headers)
        return made;
    std::erase_if(made.comparison.differences, [](const difference& one) { return one.path.starts_with("header."); });
    return made;
}

// What was put in place of a whole body: two of them differ when the bodies did, for both sides have the same key.
bool is_digest(std::string_view value)
{
    return value.starts_with("<binary:") || value.starts_with("<body:");
}

void settle_what_counts(
    answer_comparison& comparison, const model::operation_key& operation, const answer_noise& noise
)
{
    for (difference& one : comparison.differences) {
        if (one.ignored && is_digest(one.left) && is_digest(one.right)) {
            one.ignored = false;
            one.why.clear();
        }
        if (one.ignored || !noise.covers(operation, one.path))
            continue;
        one.ignored = true;
        one.why = twin_reason;
    }
}

const model::kept_answer* answer_in(const model::exchange_answers* answers)
{
    return answers != nullptr && answers->shown.answered ? &answers->shown : nullptr;
}

}  // namespace

std::vector<replayed_exchange> list_replayed(std::span<const model::exchange_answers> answers)
{
    std::map<std::size_t, replayed_exchange> found;
    for (const model::exchange_answers& one : answers) {
        replayed_exchange& at = found[one.exchange];
        at.exchange = one.exchange;
        (one.arm == model::answer_arm::last_good ? at.last_good : at.replayed) = &one;
    }
    std::vector<replayed_exchange> list;
    for (const auto& [exchange, one] : found) {
        if (one.replayed != nullptr)
            list.push_back(one);
    }
    return list;
}

answer_noise::answer_noise(
    std::span<const model::evidence_item> items, std::span<const model::exchange_answers> answers
)
{
    std::map<request_key, const model::kept_answer*> first;
    for (const model::exchange_answers& one : answers) {
        if (one.exchange >= items.size())
            continue;
        const model::exchange& asked = items[one.exchange].exchange;
        if (one.twin)
            learn(asked.operation, one.shown, *one.twin);
        if (!one.shown.answered)
            continue;
        // Captured twice, sent twice: the same request all the same.
        const auto [known, is_new] = first.try_emplace(key_of(asked, one), &one.shown);
        if (!is_new)
            learn(asked.operation, *known->second, one.shown);
    }
}

void answer_noise::learn(
    const model::operation_key& operation, const model::kept_answer& one, const model::kept_answer& other
)
{
    const auto compared = compare_sides(side_of(one), side_of(other), {});
    for (const difference& field : compared.comparison.differences)
        fields_[operation_name(operation)].insert(field_of_path(field.path));
}

bool answer_noise::covers(const model::operation_key& operation, std::string_view path) const
{
    const auto known = fields_.find(operation_name(operation));
    return known != fields_.end() && known->second.contains(field_of_path(path));
}

std::vector<side_comparison> compare_kept(
    const model::exchange& captured, const replayed_exchange& replayed, const answer_noise& noise,
    const compare_options& options
)
{
    std::vector<side_comparison> made;
    const auto compare = [&](answer_side first, const side& left, answer_side second, const side& right) {
        side_comparison one = compare_sides(left, right, options);
        one.left = first;
        one.right = second;
        settle_what_counts(one.comparison, captured.operation, noise);
        made.push_back(std::move(one));
    };
    const side recorded = side_of(captured);
    const model::kept_answer* const now = answer_in(replayed.replayed);
    const model::kept_answer* const before = answer_in(replayed.last_good);
    if (now != nullptr)
        compare(answer_side::captured, recorded, answer_side::replayed, side_of(*now));
    if (before != nullptr)
        compare(answer_side::captured, recorded, answer_side::last_good, side_of(*before));
    if (now != nullptr && before != nullptr)
        compare(answer_side::last_good, side_of(*before), answer_side::replayed, side_of(*now));
    return made;
}

answer_match match_of(const replayed_exchange& replayed, std::span<const side_comparison> comparisons) noexcept
{
    if (answer_in(replayed.replayed) == nullptr || comparisons.empty())
        return answer_match::no_answer;
    return comparisons.front().comparison.matches() ? answer_match::same : answer_match::changed;
}

telemetry::time_interval interval_of(std::span<const model::evidence_item> items) noexcept
{
    telemetry::time_interval made;
    for (const model::evidence_item& item : items) {
        const std::int64_t from = item.exchange.start_ns;
        const std::int64_t to = from + item.exchange.duration_ns;
        made.first_ns = made.first_ns == 0 ? from : std::min(made.first_ns, from);
        made.last_ns = std::max(made.last_ns, to);
    }
    return made;
}

std::string_view to_text(answer_side value) noexcept
{
    switch (value) {
    case answer_side::captured: return "captured";
    case answer_side::replayed: return "replayed";
    case answer_side::last_good: return "last_good";
    }
    return "";
}

std::string_view to_text(answer_match value) noexcept
{
    switch (value) {
    case answer_match::same: return "same";
    case answer_match::changed: return "changed";
    case answer_match::no_answer: return "no_answer";
    }
    return "";
}

}  // namespace reprise::replay
