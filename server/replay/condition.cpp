#include "reprise/replay/condition.hpp"

#include "condition_names.hpp"

#include "reprise/base/clock.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/regex.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace reprise::replay {
namespace {

namespace json = boost::json;

constexpr std::size_t matched_bytes_max = 1024 * 1024;  // Of a body under a regular expression.

bool matches(std::string_view text, const std::string& pattern)
{
    try {
        const boost::regex compiled(pattern, boost::regex::perl);
        const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(text.size(), matched_bytes_max));
        // As in the languages reproducers are exported to: a dot is no line end, ^ and $ are those of the whole text.
        return boost::regex_search(
            text.begin(), end, compiled, boost::match_not_dot_newline | boost::match_single_line
        );
    } catch (const std::runtime_error&) {
        return false;  // Too complex for this text.
    }
}

bool compare_text(std::string_view text, const condition_term& term)
{
    switch (term.how) {
    case comparison::equal: return text == term.text;
    case comparison::not_equal: return text != term.text;
    case comparison::contains: return text.find(term.text) != std::string_view::npos;
    case comparison::matches: return matches(text, term.text);
    default: return false;
    }
}

// What the pointer leads to; what is not there is null.
json::value find_member(std::string_view body, std::string_view pointer)
{
    json::error_code ec;
    const json::value parsed = json::parse(body, ec);
    if (ec)
        return nullptr;
    json::error_code missing;
    const json::value* const found = parsed.find_pointer(pointer, missing);
    return found != nullptr ? *found : json::value(nullptr);
}

bool equals(const json::value& found, const condition_term& term)
{
    switch (term.kind) {
    case operand_kind::text: return found.is_string() && std::string_view(found.get_string()) == term.text;
    case operand_kind::yes: return found.is_bool() && found.get_bool();
    case operand_kind::no: return found.is_bool() && !found.get_bool();
    case operand_kind::null: return found.is_null();
    case operand_kind::number: break;
    }
    json::error_code ec;
    return found.is_number() && found.to_number<double>(ec) == term.number && !ec;
}

bool compare_json(const json::value& found, const condition_term& term)
{
    if (term.how == comparison::equal)
        return equals(found, term);
    if (term.how == comparison::not_equal)
        return !equals(found, term);
    if (term.kind == operand_kind::text)
        return found.is_string() && compare_text(found.get_string(), term);
    json::error_code ec;
    const double number = found.is_number() ? found.to_number<double>(ec) : 0;
    return found.is_number() && !ec && compare_numbers(number, term.how, term.number);
}

bool holds_of(const condition_term& term, const observed_answer& answer)
{
    if (answer.kind != answer_kind::answered)
        return false;
    switch (term.what) {
    case subject::status: return compare_numbers(answer.status, term.how, term.number);
    case subject::latency:
        return compare_numbers(
            static_cast<double>(answer.latency_ns) / static_cast<double>(ns_per_ms), term.how, term.number
        );
    case subject::body: return compare_text(answer.body, term);
    case subject::header: return compare_text(model::find_header(answer.headers, term.name), term);
    case subject::json: return compare_json(find_member(answer.body, term.name), term);
    default: return false;
    }
}

double percent(std::size_t part, std::size_t whole)
{
    return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

// Nearest rank over the answers that came; nothing when none did.
std::optional<double> latency_ms(std::span<const observed_answer> answers, double q)
{
    std::vector<std::int64_t> latencies;
    for (const observed_answer& answer : answers) {
        if (answer.kind == answer_kind::answered)
            latencies.push_back(answer.latency_ns);
    }
    if (latencies.empty())
        return std::nullopt;
    std::sort(latencies.begin(), latencies.end());
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(latencies.size())));
    return static_cast<double>(latencies[std::max<std::size_t>(rank, 1) - 1]) / static_cast<double>(ns_per_ms);
}

// Over the answers whose calls are known; nothing when none are.
std::optional<double> most_calls(std::span<const observed_answer> answers, std::uint32_t call_figures::* which)
{
    std::optional<double> most;
    for (const observed_answer& answer : answers) {
        if (answer.calls)
            most = std::max(most.value_or(0), static_cast<double>((*answer.calls).*which));
    }
    return most;
}

std::optional<double> figure(subject what, std::span<const observed_answer> answers)
{
    const auto count = [&](auto is_one) {
        return static_cast<std::size_t>(std::count_if(answers.begin(), answers.end(), is_one));
    };
    switch (what) {
    case subject::p50: return latency_ms(answers, 0.50);
    case subject::p90: return latency_ms(answers, 0.90);
    case subject::p95: return latency_ms(answers, 0.95);
    case subject::p99: return latency_ms(answers, 0.99);
    case subject::calls: return most_calls(answers, &call_figures::calls);
    case subject::peak: return most_calls(answers, &call_figures::peak);
    case subject::arrivals: return most_calls(answers, &call_figures::arrivals);
    case subject::unanswered:
        return percent(
            count([](const observed_answer& one) { return one.kind != answer_kind::answered; }), answers.size()
        );
    default: break;
    }
    const auto is_failing = [](const observed_answer& one) {
        return one.kind != answer_kind::answered || one.status >= 500 || one.status == 429;
    };
    return percent(count(is_failing), answers.size());
}

bool holds(const condition& still, std::span<const observed_answer> answers)
{
    bool about_one = false;
    for (const condition_term& term : still.terms) {
        if (!is_figure(term.what)) {
            about_one = true;
            continue;
        }
        const auto value = figure(term.what, answers);
        if (!value || !compare_numbers(*value, term.how, term.number))
            return false;
    }
    const auto shows = [&](const observed_answer& answer) {
        return std::all_of(still.terms.begin(), still.terms.end(), [&](const condition_term& term) {
            return is_figure(term.what) || holds_of(term, answer);
        });
    };
    return !about_one || std::any_of(answers.begin(), answers.end(), shows);
}

bool asks_for_missing_answers(const condition& still)
{
    return std::any_of(still.terms.begin(), still.terms.end(), [](const condition_term& term) {
        return term.what == subject::unanswered || term.what == subject::failing;
    });
}

std::string answer_text(const observed_answer& answer)
{
    switch (answer.kind) {
    case answer_kind::answered: return std::to_string(answer.status);
    case answer_kind::unanswered: return "none";
    case answer_kind::unreachable: break;
    }
    return "no connection";
}

// "; 24 calls under it, at most 3 in flight, 14 within 50 ms"
std::string calls_text(std::span<const observed_answer> answers)
{
    const auto most = [&](std::uint32_t call_figures::* which) {
        return std::to_string(std::llround(most_calls(answers, which).value_or(0)));
    };
    const auto calls = most_calls(answers, &call_figures::calls);
    if (!calls)
        return {};
    const std::string under = answers.size() == 1 ? " under it" : " under one";
    if (*calls < 2)
        return (*calls == 0 ? "; no call" : "; 1 call") + under;
    return "; " + most(&call_figures::calls) + " calls" + under + ", at most " + most(&call_figures::peak) +
           " in flight, " + most(&call_figures::arrivals) + " within 50 ms";
}

}  // namespace

const named_subject* find_subject(std::string_view name) noexcept
{
    const auto found = std::find_if(subjects.begin(), subjects.end(), [name](const auto& one) {
        return one.name == name;
    });
    return found == subjects.end() ? nullptr : &*found;
}

bool may_compare(subject what, comparison how) noexcept
{
    const bool is_order = how == comparison::less || how == comparison::less_equal || how == comparison::greater ||
                          how == comparison::greater_equal;
    const bool is_textual = how == comparison::contains || how == comparison::matches;
    if (what == subject::body || what == subject::header)
        return !is_order;
    return what == subject::json || !is_textual;
}

std::string subject_list()
{
    std::string list;
    for (const named_subject& one : subjects)
        list.append(list.empty() ? "" : ", ").append(one.name);
    return list;
}

std::string comparison_list(subject what)
{
    std::string list;
    for (const named_comparison& one : comparisons) {
        if (may_compare(what, one.how))
            list.append(list.empty() ? "" : " ").append(one.name);
    }
    return list;
}

bool compare_numbers(double left, comparison how, double right) noexcept
{
    switch (how) {
    case comparison::equal: return left == right;
    case comparison::not_equal: return left != right;
    case comparison::less: return left < right;
    case comparison::less_equal: return left <= right;
    case comparison::greater: return left > right;
    case comparison::greater_equal: return left >= right;
    default: return false;
    }
}

bool is_figure(subject what) noexcept
{
    return what >= subject::p50;
}

bool is_call_figure(subject what) noexcept
{
    return what >= subject::calls;
}

bool needs_telemetry(const condition& still) noexcept
{
    return std::any_of(still.terms.begin(), still.terms.end(), [](const condition_term& term) {
        return is_call_figure(term.what);
    });
}

bool holds(const condition_term& figure, double measured) noexcept
{
    return compare_numbers(measured, figure.how, figure.number);
}

std::string_view to_text(subject what) noexcept
{
    return subjects[static_cast<std::size_t>(what)].name;
}

std::string_view to_text(comparison how) noexcept
{
    const auto found = std::find_if(comparisons.begin(), comparisons.end(), [how](const auto& one) {
        return one.how == how;
    });
    return found->name;
}

std::string_view to_text(trial_verdict verdict) noexcept
{
    switch (verdict) {
    case trial_verdict::fails: return "fails";
    case trial_verdict::passes: return "passes";
    case trial_verdict::unresolved: break;
    }
    return "unresolved";
}

trial_verdict judge(const condition& still, std::span<const observed_answer> answers)
{
    const auto is_kind = [&](answer_kind kind) {
        return std::any_of(answers.begin(), answers.end(), [kind](const auto& one) { return one.kind == kind; });
    };
    if (answers.empty() || is_kind(answer_kind::unreachable))
        return trial_verdict::unresolved;
    const bool untold = std::any_of(answers.begin(), answers.end(), [](const observed_answer& one) {
        return one.kind == answer_kind::answered && !one.calls;
    });
    if (untold && needs_telemetry(still))
        return trial_verdict::unresolved;
    if (holds(still, answers))
        return trial_verdict::fails;
    const bool missing = is_kind(answer_kind::unanswered) && !asks_for_missing_answers(still);
    return missing ? trial_verdict::unresolved : trial_verdict::passes;
}

std::string describe(std::span<const observed_answer> answers)
{
    if (answers.size() == 1)
        return "the answer was " + answer_text(answers.front()) + calls_text(answers);
    std::map<std::string, std::size_t> counts;
    for (const observed_answer& answer : answers)
        ++counts[answer_text(answer)];
    std::string text = "the " + std::to_string(answers.size()) + " answers were ";
    bool first = true;
    for (const auto& [status, count] : counts) {
        text += (first ? "" : ", ") + std::to_string(count) + " x " + status;
        first = false;
    }
    return text + calls_text(answers);
}

}  // namespace reprise::replay
