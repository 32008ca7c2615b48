#pragma once

#include "reprise/replay/minimise.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

// Bugs that live in a function, for stepping a minimisation by hand.
namespace reprise::replay::test {

using bug = std::function<bool(const scenario&)>;

// "GET /item/7?page=1&size=20", one every 10 ms, each 5 ms long.
inline scenario_request make_request_of(std::uint32_t number)
{
    scenario_request made;
    made.exchange = number;
    made.method = "GET";
    made.path = "/item/" + std::to_string(number) + "?page=1&size=20";
    made.headers = {{"Accept", "*/*"}, {"Accept-Language", "en"}, {"Content-Type", "application/json"}};
    made.body = R"({"id":)" + std::to_string(number) + R"(,"tags":["a","b"],"note":"n"})";
    made.at_ns = number * 10 * ns_per_ms;
    made.took_ns = 5 * ns_per_ms;
    made.group = number;
    return made;
}

inline minimise_source make_source(std::uint32_t count)
{
    minimise_source made;
    made.all.pacing = pacing::recorded;
    for (std::uint32_t i = 0; i < count; ++i)
        made.all.requests.push_back(make_request_of(i));
    made.still = "status==500";
    return made;
}

inline bool holds_exchange(const scenario& sent, std::uint32_t number)
{
    const std::string path = "/item/" + std::to_string(number);
    return std::any_of(sent.requests.begin(), sent.requests.end(), [&](const scenario_request& one) {
        return one.path.substr(0, one.path.find('?')) == path;
    });
}

inline trial_outcome outcome_of(trial_verdict verdict)
{
    trial_outcome made;
    made.verdict = verdict;
    made.seen = verdict == trial_verdict::unresolved ? "the answer was no connection"
                : verdict == trial_verdict::fails    ? "the answer was 500"
                                                     : "the answer was 200";
    made.took_ns = 10 * ns_per_ms;
    return made;
}

inline trial_outcome try_it(const bug& shows, const candidate& what)
{
    return outcome_of(shows(what.what) ? trial_verdict::fails : trial_verdict::passes);
}

inline minimise_result run_to_end(minimiser& run, const bug& shows)
{
    while (const auto what = run.next())
        run.take(try_it(shows, *what));
    return run.result();
}

inline minimise_result minimise(minimise_source source, const bug& shows, const minimise_limits& limits = {})
{
    minimiser run(std::move(source), limits);
    return run_to_end(run, shows);
}

inline std::vector<std::uint32_t> exchanges_of(const minimise_result& result)
{
    std::vector<std::uint32_t> numbers;
    for (const scenario_request& one : result.smallest.value().requests)
        numbers.push_back(one.exchange);
    return numbers;
}

}  // namespace reprise::replay::test
