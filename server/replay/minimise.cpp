#include "reprise/replay/minimise.hpp"

#include "minimise_search.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace reprise::replay {
namespace {

namespace json = boost::json;

constexpr int state_format = 1;
constexpr std::size_t seen_bytes_max = 1024;

refusal bad_state(std::string_view what)
{
    return {
        errc::bad_state, "The state of the earlier minimisation cannot be used: " + std::string(what) +
                             "; start without it, or with what it was made from."
    };
}

std::string source_key(const minimise_source& source)
{
    return content_key(source.all);
}

std::optional<trial_verdict> find_verdict(std::string_view text)
{
    for (const auto one : {trial_verdict::fails, trial_verdict::passes, trial_verdict::unresolved}) {
        if (to_text(one) == text)
            return one;
    }
    return std::nullopt;
}

std::string_view text_member(const json::object& from, std::string_view name)
{
    const json::value* const found = from.if_contains(name);
    return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : std::string_view();
}

std::optional<logged_trial> parse_logged(const json::value& value)
{
    const json::object* const from = value.if_object();
    if (from == nullptr)
        return std::nullopt;
    const auto verdict = find_verdict(text_member(*from, "verdict"));
    const json::value* const took = from->if_contains("took_ns");
    const bool has_time = took != nullptr && took->is_int64() && took->get_int64() >= 0;
    logged_trial made;
    made.key = text_member(*from, "key");
    made.outcome.seen = text_member(*from, "seen");
    if (!verdict || !has_time || made.key.size() != 32 || made.outcome.seen.size() > seen_bytes_max)
        return std::nullopt;
    made.outcome.verdict = *verdict;
    made.outcome.took_ns = took->get_int64();
    return made;
}

checked<std::vector<logged_trial>> parse_state(const minimise_source& source, std::string_view text)
{
    if (text.size() > state_bytes_max)
        return bad_state("it is longer than " + std::to_string(state_bytes_max) + " bytes");
    json::error_code ec;
    const json::value parsed = json::parse(text, ec);
    if (ec || !parsed.is_object())
        return bad_state("it is not a JSON object");
    const json::object& state = parsed.get_object();
    const json::value* const format = state.if_contains("format");
    if (format == nullptr || *format != json::value(state_format))
        return bad_state("its format is not " + std::to_string(state_format));
    if (text_member(state, "source") != source_key(source))
        return bad_state("it is of other exchanges");
    if (text_member(state, "still") != source.still)
        return bad_state("it is of another condition");
    const json::value* const trials = state.if_contains("trials");
    if (trials == nullptr || !trials->is_array() || trials->get_array().size() > trials_limit)
        return bad_state("it lists no trials");
    std::vector<logged_trial> list;
    for (const json::value& one : trials->get_array()) {
        auto logged = parse_logged(one);
        if (!logged)
            return bad_state("trial " + std::to_string(list.size() + 1) + " does not say what it should");
        list.push_back(std::move(*logged));
    }
    return list;
}

}  // namespace

std::string_view to_text(minimise_stage stage) noexcept
{
    switch (stage) {
    case minimise_stage::start: return "start";
    case minimise_stage::requests: return "requests";
    case minimise_stage::pace: return "pace";
    case minimise_stage::headers: return "headers";
    case minimise_stage::query: return "query";
    case minimise_stage::body: return "body";
    case minimise_stage::confirm: return "confirm";
    case minimise_stage::finished: break;
    }
    return "finished";
}

std::string_view to_text(minimise_end end) noexcept
{
    switch (end) {
    case minimise_end::running: return "running";
    case minimise_end::minimal: return "minimal";
    case minimise_end::out_of_trials: return "out_of_trials";
    case minimise_end::out_of_time: return "out_of_time";
    case minimise_end::interrupted: return "interrupted";
    case minimise_end::unavailable: return "unavailable";
    case minimise_end::does_not_fail: return "does_not_fail";
    case minimise_end::unconfirmed: break;
    }
    return "unconfirmed";
}

minimiser::minimiser(minimise_source source, const minimise_limits& limits)
    : search_(std::make_unique<search>(std::move(source), limits))
{
}

minimiser::minimiser(std::unique_ptr<search> made) : search_(std::move(made)) {}
minimiser::~minimiser() = default;
minimiser::minimiser(minimiser&&) noexcept = default;
minimiser& minimiser::operator=(minimiser&&) noexcept = default;

checked<minimiser> minimiser::resume(minimise_source source, const minimise_limits& limits, std::string_view state)
{
    auto earlier = parse_state(source, state);
    if (!earlier)
        return earlier.error();
    auto made = std::make_unique<search>(std::move(source), limits);
    made->add_earlier(std::move(*earlier));
    return minimiser(std::move(made));
}

std::optional<candidate> minimiser::next()
{
    return search_->next();
}

void minimiser::take(trial_outcome outcome)
{
    outcome.seen.resize(std::min(outcome.seen.size(), seen_bytes_max));
    search_->take(std::move(outcome));
}

void minimiser::interrupt()
{
    search_->interrupt();
}

minimise_end minimiser::end() const noexcept
{
    return search_->end();
}

std::uint32_t minimiser::trials() const noexcept
{
    return search_->trials();
}

minimise_result minimiser::result() const
{
    return search_->result();
}

std::string minimiser::state() const
{
    json::array trials;
    for (const logged_trial& one : search_->log()) {
        trials.push_back(
            {{"key", one.key},
             {"verdict", to_text(one.outcome.verdict)},
             {"seen", one.outcome.seen},
             {"took_ns", one.outcome.took_ns}}
        );
    }
    const json::object made = {
        {"format", state_format},
        {"source", source_key(search_->source())},
        {"still", search_->source().still},
        {"trials", std::move(trials)}
    };
    return json::serialize(made);
}

}  // namespace reprise::replay
