#include "reprise/model/kept_answer.hpp"

#include "enum_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include <charconv>
#include <utility>

namespace reprise::model {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> arm_texts = {"failing", "control", "last_good"};

std::size_t weight_of(const kept_answer& answer) noexcept
{
    std::size_t bytes = answer.body.size();
    for (const auto& [name, value] : answer.headers)
        bytes += name.size() + value.size();
    return bytes;
}

json::object object_of(const kept_answer& answer)
{
    json::array headers;
    for (const auto& [name, value] : answer.headers)
        headers.push_back(json::array{name, value});
    json::object out;
    out["trial"] = answer.trial;
    out["shows"] = answer.shows;
    out["answered"] = answer.answered;
    out["status"] = answer.status;
    out["latency_ns"] = answer.latency_ns;
    out["failure"] = answer.failure;
    out["headers"] = std::move(headers);
    out["headers_left_out"] = answer.headers_left_out;
    out["body"] = answer.body;
    out["body_bytes"] = answer.body_bytes;
    out["body_left_out"] = answer.body_left_out;
    out["redacted_fields"] = json::array(answer.redacted_fields.begin(), answer.redacted_fields.end());
    return out;
}

// Throws when it is none.
kept_answer answer_of(const json::object& from)
{
    kept_answer answer;
    answer.trial = from.at("trial").to_number<std::uint32_t>();
    answer.shows = from.at("shows").as_bool();
    answer.answered = from.at("answered").as_bool();
    answer.status = from.at("status").to_number<int>();
    answer.latency_ns = from.at("latency_ns").to_number<std::int64_t>();
    answer.failure = from.at("failure").as_string();
    for (const json::value& pair : from.at("headers").as_array()) {
        const json::array& both = pair.as_array();
        answer.headers.emplace_back(both.at(0).as_string(), both.at(1).as_string());
    }
    answer.headers_left_out = from.at("headers_left_out").to_number<std::uint32_t>();
    answer.body = from.at("body").as_string();
    answer.body_bytes = from.at("body_bytes").to_number<std::uint64_t>();
    answer.body_left_out = from.at("body_left_out").as_bool();
    answer.redacted_fields = json::value_to<std::vector<std::string>>(from.at("redacted_fields"));
    return answer;
}

int number_of(std::string_view text)
{
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

exchange_answers answers_of(const json::object& from)
{
    exchange_answers answers;
    for (const auto& [trial, counts] : from.at("statuses").as_object()) {
        status_counts& into = answers.statuses[static_cast<std::uint32_t>(number_of(trial))];
        for (const auto& [status, count] : counts.as_object())
            into[number_of(status)] = count.to_number<std::uint32_t>();
    }
    answers.shown = answer_of(from.at("shown").as_object());
    if (const json::value* twin = from.if_contains("twin"))
        answers.twin = answer_of(twin->as_object());
    return answers;
}

bool is_twin(const kept_answer& shown, const kept_answer& other)
{
    return shown.answered && other.answered && shown.status == other.status;
}

}  // namespace

status_counts sum_statuses(const exchange_answers& answers)
{
    status_counts sum;
    for (const auto& [trial, counts] : answers.statuses) {
        for (const auto& [status, count] : counts)
            sum[status] += count;
    }
    return sum;
}

exchange_answers merge_answers(exchange_answers known, exchange_answers fresh)
{
    exchange_answers merged;
    merged.exchange = fresh.exchange;
    merged.arm = fresh.arm;
    merged.statuses = std::move(known.statuses);
    for (auto& [trial, counts] : fresh.statuses)
        merged.statuses[trial] = std::move(counts);
    const bool was_measured_again = fresh.statuses.contains(known.shown.trial);
    const bool stays = known.shown.shows && !was_measured_again;
    merged.shown = std::move(stays ? known.shown : fresh.shown);
    std::vector<kept_answer> others;
    others.push_back(std::move(stays ? fresh.shown : known.shown));
    if (was_measured_again)
        others.clear();
    for (std::optional<kept_answer>* twin : {&fresh.twin, &known.twin}) {
        if (*twin)
            others.push_back(std::move(**twin));
    }
    for (kept_answer& other : others) {
        if (!merged.twin && is_twin(merged.shown, other))
            merged.twin = std::move(other);
    }
    return merged;
}

std::size_t weight_of(const exchange_answers& answers) noexcept
{
    return weight_of(answers.shown) + (answers.twin ? weight_of(*answers.twin) : 0);
}

std::string_view to_text(answer_arm value) noexcept
{
    return enum_text(arm_texts, value);
}

std::optional<answer_arm> find_answer_arm(std::string_view text) noexcept
{
    return find_enum<answer_arm>(arm_texts, text);
}

std::string to_json(const exchange_answers& answers)
{
    json::object statuses;
    for (const auto& [trial, counts] : answers.statuses) {
        json::object of_trial;
        for (const auto& [status, count] : counts)
            of_trial[std::to_string(status)] = count;
        statuses[std::to_string(trial)] = std::move(of_trial);
    }
    json::object out;
    out["statuses"] = std::move(statuses);
    out["shown"] = object_of(answers.shown);
    if (answers.twin)
        out["twin"] = object_of(*answers.twin);
    return json::serialize(out);
}

std::optional<exchange_answers> parse_exchange_answers(std::string_view text)
{
    boost::system::error_code ec;
    const json::value parsed = json::parse(text, ec);
    if (ec || !parsed.is_object())
        return std::nullopt;
    try {
        return answers_of(parsed.get_object());
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

}  // namespace reprise::model
