#include "reprise/replay/trial.hpp"

#include "json_members.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace reprise::replay {
namespace {

namespace json = boost::json;

constexpr std::size_t trial_bytes_max = 16 * 1024;

void add_last_good(json::object& made, const last_good_sample& value)
{
    made["last_good"] = value.metric;
    made["last_good_n"] = value.n;
    if (value.k)
        made["last_good_k"] = *value.k;
    made["last_good_planned"] = value.planned;
    made["last_good_answered"] = value.answered;
    made["last_good_refused"] = value.refused;
    made["last_good_measured"] = value.measured;
    made["last_good_usable"] = value.usable;
    made["last_good_shows"] = value.shows;
    if (!value.setup_failure.empty())
        made["last_good_setup_failure"] = value.setup_failure;
}

json::object trial_object(const trial& value)
{
    json::object made = {
        {"number", value.number},
        {"shows", value.shows},
        {"metric", value.metric},
        {"control", value.control},
        {"n", value.n},
        {"control_n", value.control_n},
        {"p_value", value.p_value},
        {"gate_passed", value.gate_passed},
        {"shows_in_part", value.shows_in_part},
        {"control_normal", value.control_normal},
        {"compared_with_baseline", value.compared_with_baseline},
        {"measured", value.measured},
        {"planned", value.planned},
        {"sent", value.sent},
        {"answered", value.answered},
        {"failing_planned", value.failing_planned},
        {"failing_answered", value.failing_answered},
        {"control_planned", value.control_planned},
        {"control_answered", value.control_answered},
        {"peak_in_flight", value.peak_in_flight},
        {"control_peak_in_flight", value.control_peak_in_flight},
        {"max_arrivals_50ms", value.max_arrivals_50ms},
        {"calls_per_parent", value.calls_per_parent}
    };
    if (value.k)
        made["k"] = *value.k;
    if (value.control_k)
        made["control_k"] = *value.control_k;
    if (value.k_class)
        made["k_class"] = *value.k_class;
    if (value.k_fingerprint)
        made["k_fingerprint"] = *value.k_fingerprint;
    if (!value.setup_failure.empty())
        made["setup_failure"] = value.setup_failure;
    if (value.last_good)
        add_last_good(made, *value.last_good);
    return made;
}

last_good_sample read_last_good(member_reader& in)
{
    last_good_sample value;
    value.metric = in.number("last_good");
    value.n = in.count<std::uint64_t>("last_good_n");
    value.k = in.optional_count("last_good_k");
    value.planned = in.count<std::uint32_t>("last_good_planned");
    value.answered = in.count<std::uint32_t>("last_good_answered");
    value.refused = in.count<std::uint32_t>("last_good_refused");
    value.measured = in.flag("last_good_measured");
    value.usable = in.flag("last_good_usable");
    value.shows = in.flag("last_good_shows");
    value.setup_failure = in.optional_text("last_good_setup_failure");
    return value;
}

trial read_trial(member_reader& in)
{
    trial value;
    value.number = in.count<std::uint32_t>("number");
    value.shows = in.flag("shows");
    value.metric = in.number("metric");
    value.control = in.number("control");
    value.n = in.count<std::uint64_t>("n");
    value.control_n = in.count<std::uint64_t>("control_n");
    value.k = in.optional_count("k");
    value.control_k = in.optional_count("control_k");
    value.p_value = in.number("p_value");
    value.k_class = in.optional_count("k_class");
    value.k_fingerprint = in.optional_count("k_fingerprint");
    value.gate_passed = in.flag("gate_passed");
    value.shows_in_part = in.flag("shows_in_part");
    value.control_normal = in.flag("control_normal");
    value.compared_with_baseline = in.flag("compared_with_baseline");
    value.measured = in.flag("measured");
    value.planned = in.count<std::uint32_t>("planned");
    value.sent = in.count<std::uint32_t>("sent");
    value.answered = in.count<std::uint32_t>("answered");
    value.failing_planned = in.count<std::uint32_t>("failing_planned");
    value.failing_answered = in.count<std::uint32_t>("failing_answered");
    value.control_planned = in.count<std::uint32_t>("control_planned");
    value.control_answered = in.count<std::uint32_t>("control_answered");
    value.peak_in_flight = in.count<std::uint32_t>("peak_in_flight");
    value.control_peak_in_flight = in.count<std::uint32_t>("control_peak_in_flight");
    value.max_arrivals_50ms = in.count<std::uint32_t>("max_arrivals_50ms");
    value.calls_per_parent = in.count<std::uint32_t>("calls_per_parent");
    value.setup_failure = in.optional_text("setup_failure");
    if (in.has("last_good"))
        value.last_good = read_last_good(in);
    return value;
}

bool adds_up(const last_good_sample& value)
{
    return value.k.value_or(0) <= value.n && value.answered <= value.planned && value.refused <= value.answered;
}

bool adds_up(const trial& value)
{
    return value.number >= 1 && value.k.value_or(0) <= value.n && value.control_k.value_or(0) <= value.control_n &&
           value.k.has_value() == value.control_k.has_value() && value.k_class.value_or(0) <= value.n &&
           value.k_fingerprint.value_or(0) <= value.k_class.value_or(0) && value.p_value >= 0 && value.p_value <= 1 &&
           value.answered <= value.sent && value.sent <= value.planned &&
           (!value.last_good || adds_up(*value.last_good));
}

refusal bad_record(std::string_view what)
{
    return {errc::bad_record, "A stored trial cannot be used: " + std::string(what) + "; the trial has to run again."};
}

}  // namespace

std::string to_json(const trial& value)
{
    return json::serialize(trial_object(value));
}

std::string to_json(const trial_plan& plan, const run_result& value)
{
    json::array trials;
    for (const trial& done : value.trials)
        trials.push_back(trial_object(done));
    json::array numbers;
    for (const auto& [name, number] : value.numbers)
        numbers.push_back(json::object{{"name", name}, {"value", number}});
    json::object made = {
        {"verdict", to_text(value.verdict)},
        {"reason", value.reason},
        {"reason_code", value.reason_code},
        {"confirm_with", to_text(plan.metric)},
        {"metric", plan.metric_text},
        {"unit", plan.unit},
        {"gate", plan.gate},
        {"baseline", plan.baseline},
        {"trials", std::move(trials)},
        {"trials_planned", plan.limits.trials},
        {"requests_planned", value.requests_planned},
        {"requests_sent", value.requests_sent},
        {"requests_answered", value.requests_answered},
        {"target", plan.target},
        {"methodology_hash", value.methodology_hash},
        {"numbers", std::move(numbers)}
    };
    if (plan.metric == model::confirm_metric::failing_share)
        made["matched_by"] = matches_by_fingerprint(plan) ? "fingerprint" : "class";
    if (plan.peak_gate > 0)
        made["peak_gate"] = plan.peak_gate;
    if (!plan.last_good_target.empty())
        made["last_good_target"] = plan.last_good_target;
    return json::serialize(made);
}

checked<trial> parse_trial(std::string_view text)
{
    if (text.size() > trial_bytes_max)
        return bad_record("it is longer than " + std::to_string(trial_bytes_max) + " bytes");
    json::error_code ec;
    const json::value parsed = json::parse(text, ec);
    if (ec || !parsed.is_object())
        return bad_record("it is not a JSON object");
    member_reader in(parsed.get_object());
    const trial value = read_trial(in);
    if (!in.failed().empty())
        return bad_record("member \"" + in.failed() + "\" is missing or of the wrong kind");
    if (!adds_up(value))
        return bad_record("its counts contradict each other");
    return value;
}

}  // namespace reprise::replay
