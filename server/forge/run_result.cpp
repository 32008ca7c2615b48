#include "run_result.hpp"

#include <boost/json/parse.hpp>

namespace reprise::forge {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name)
{
    const json::value* found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

double number_of(const json::object& object, std::string_view name)
{
    const json::value* found = object.if_contains(name);
    if (found == nullptr)
        return 0;
    json::error_code failed;
    const double number = found->to_number<double>(failed);
    return failed ? 0 : number;
}

std::int64_t count_of(const json::object& object, std::string_view name)
{
    const json::value* found = object.if_contains(name);
    if (found == nullptr)
        return 0;
    json::error_code failed;
    const auto number = found->to_number<std::int64_t>(failed);
    return failed ? 0 : number;
}

bool flag_of(const json::object& object, std::string_view name)
{
    const json::value* found = object.if_contains(name);
    return found != nullptr && found->is_bool() && found->get_bool();
}

void read_trials(const json::array& list, run_result& read)
{
    read.trials_done = list.size();
    for (const json::value& one : list) {
        if (!one.is_object())
            continue;
        const json::object& object = one.get_object();
        trial_row row;
        row.number = count_of(object, "number");
        row.shows = flag_of(object, "shows");
        row.metric = number_of(object, "metric");
        row.control = number_of(object, "control");
        row.n = count_of(object, "n");
        row.control_n = count_of(object, "control_n");
        row.p_value = number_of(object, "p_value");
        row.last_good = number_of(object, "last_good");
        row.last_good_n = count_of(object, "last_good_n");
        read.trials_shown += row.shows ? 1 : 0;
        if (read.trials.size() < trials_max)
            read.trials.push_back(row);
    }
}

void read_numbers(const json::object& object, run_result& read)
{
    const json::value* list = object.if_contains("numbers");
    if (list == nullptr || !list->is_array())
        return;
    for (const json::value& one : list->get_array()) {
        if (one.is_object() && read.numbers.size() < numbers_max)
            read.numbers.emplace_back(text_of(one.get_object(), "name"), number_of(one.get_object(), "value"));
    }
}

}  // namespace

result<run_result> parse_run_result(std::string_view text)
{
    json::error_code failed;
    const json::value parsed = json::parse(text, failed);
    if (failed || !parsed.is_object())
        return errc::invalid_argument;
    const json::object& object = parsed.get_object();
    const auto verdict = model::find_verdict(text_of(object, "verdict"));
    const json::value* trials = object.if_contains("trials");
    if (!verdict || trials == nullptr || !trials->is_array())
        return errc::invalid_argument;

    run_result read;
    read.verdict = *verdict;
    read.reason = text_of(object, "reason");
    read.metric = text_of(object, "metric");
    read.unit = text_of(object, "unit");
    read.gate = number_of(object, "gate");
    read.baseline = number_of(object, "baseline");
    read_trials(trials->get_array(), read);
    read.trials_planned = count_of(object, "trials_planned");
    read.requests_planned = count_of(object, "requests_planned");
    read.requests_sent = count_of(object, "requests_sent");
    read.requests_answered = count_of(object, "requests_answered");
    read.target = text_of(object, "target");
    read.last_good_target = text_of(object, "last_good_target");
    read.methodology_hash = text_of(object, "methodology_hash");
    read_numbers(object, read);
    return read;
}

}  // namespace reprise::forge
