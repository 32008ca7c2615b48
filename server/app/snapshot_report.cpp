#include "snapshot.hpp"

#include "reprise/telemetry/protocol.hpp"

#include <algorithm>
#include <cstdio>

namespace reprise::app {
namespace {

constexpr std::size_t problems_shown_max = 10;
constexpr std::size_t unknown_shown_max = 10;

}  // namespace

std::string protocol_counts(const snapshot_reading& reading)
{
    std::map<std::string, std::uint64_t> families;
    std::string unknown;
    std::uint64_t unknown_count = 0;
    std::size_t unknown_names = 0;
    for (const auto& [protocol, count] : reading.protocols) {
        if (const auto family = telemetry::protocol_family(protocol); !family.empty()) {
            families[std::string(family)] += count;
            continue;
        }
        unknown_count += count;
        if (++unknown_names <= unknown_shown_max)
            unknown += (unknown.empty() ? "" : ", ") + printable(protocol) + " " + std::to_string(count);
        else if (unknown_names == unknown_shown_max + 1)
            unknown += ", ...";
    }
    std::string text;
    for (const auto& [family, count] : families)
        text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + family;
    if (unknown_count > 0)
        text += (text.empty() ? "" : ", ") + std::to_string(unknown_count) + " of unknown protocol (" + unknown + ")";
    return text;
}

boost::json::array problems_json(const snapshot_reading& reading)
{
    boost::json::array problems;
    for (const snapshot_problem& problem : reading.problems)
        problems.push_back(boost::json::object{{"where", problem.where}, {"what", problem.what}});
    return problems;
}

boost::json::object counts_json(const std::map<std::string, std::uint64_t>& counts)
{
    boost::json::object out;
    for (const auto& [name, count] : counts)
        out[name.empty() ? "none" : name] = count;
    return out;
}

void print_counts(const char* what, const std::map<std::string, std::uint64_t>& counts)
{
    for (const auto& [reason, count] : counts)
        std::printf("%s: %llu %s\n", what, static_cast<unsigned long long>(count), reason.c_str());
}

void print_problems(const snapshot_reading& reading)
{
    const std::size_t shown = std::min(reading.problems.size(), problems_shown_max);
    for (std::size_t i = 0; i < shown; ++i)
        print_error(reading.problems[i].where + ": " + reading.problems[i].what);
    if (reading.problem_count > shown)
        print_error(
            "and " + std::to_string(reading.problem_count - shown) + " more; --json lists up to " +
            std::to_string(snapshot_problems_max)
        );
}

}  // namespace reprise::app
