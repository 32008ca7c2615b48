#include "reprise/replay/compare.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace reprise::replay {
namespace {

double share_of(std::uint64_t part, std::uint64_t whole)
{
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

difference_book::operation_counts* difference_book::counts_of(std::string_view operation)
{
    if (const auto found = operations_.find(operation); found != operations_.end())
        return &found->second;
    if (operations_.size() == compared_operations_max)
        return nullptr;
    return &operations_.try_emplace(std::string(operation)).first->second;
}

difference_book::field_counts* difference_book::field_in(operation_counts& counts, const difference& one)
{
    std::string field = field_of_path(one.path);
    if (const auto found = counts.fields.find(field); found != counts.fields.end())
        return &found->second;
    if (counts.fields.size() == compared_fields_max) {
        ++counts.left_out;
        return nullptr;
    }
    field_counts& made = counts.fields[std::move(field)];
    made.first = one;
    return &made;
}

// A field counts once per request, however often the answers differ in it.
void difference_book::add(std::string_view operation, const answer_comparison& candidate)
{
    operation_counts* const counts = counts_of(operation);
    if (counts == nullptr) {
        ++left_out_;
        return;
    }
    ++counts->requests;
    std::map<field_counts*, bool> differing;  // Whether it counts.
    std::set<std::string> counting;
    for (const difference& one : candidate.differences) {
        field_counts* const known = field_in(*counts, one);
        const bool counted = std::exchange(differing[known], differing[known] || !one.ignored);
        if (known != nullptr && !one.ignored && !counted && known->raw == 0)
            known->first = one;
        if (!one.ignored)
            counting.insert(field_of_path(one.path));
    }
    differing.erase(nullptr);
    for (const auto& [field, counts_here] : differing)
        ++(counts_here ? field->raw : field->ignored);
    if (candidate.left_out > 0)
        counting.insert("");  // What is not known in full does not match.
    if (counting.empty())
        return;
    std::vector<std::string> combination(counting.begin(), counting.end());
    if (counts->combinations.size() >= combinations_max && !counts->combinations.contains(combination))
        combination = {""};
    ++counts->combinations[std::move(combination)];
}

void difference_book::add_noise(std::string_view operation, const answer_comparison& twins)
{
    operation_counts* const counts = counts_of(operation);
    if (counts == nullptr)
        return;
    ++counts->pairs;
    std::set<field_counts*> differing;
    for (const difference& one : twins.differences)
        differing.insert(field_in(*counts, one));
    differing.erase(nullptr);
    for (field_counts* const field : differing)
        ++field->noise;
}

bool difference_book::is_regressed(const operation_counts& counts, const field_counts& field)
{
    if (field.raw == 0)
        return false;
    // In whole numbers, all times the number of pairs.
    const std::uint64_t pairs = std::max<std::uint64_t>(counts.pairs, 1);
    const std::uint64_t raw = field.raw * pairs;
    const std::uint64_t noise = field.noise * counts.requests;
    const std::uint64_t apart = raw > noise ? raw - noise : noise - raw;
    return apart * 100 > relative_percent_min * (raw + noise) &&
           apart * 10'000 > absolute_per_10000_min * counts.requests * pairs;
}

operation_summary difference_book::summary_of(std::string_view operation, const operation_counts& counts)
{
    operation_summary made;
    made.operation = operation;
    made.requests = counts.requests;
    made.pairs = counts.pairs;
    made.left_out = counts.left_out;
    made.matched = counts.requests;
    const auto is_bad = [&counts](const std::string& field) {
        const auto found = counts.fields.find(field);
        return found == counts.fields.end() || is_regressed(counts, found->second);
    };
    for (const auto& [fields, requests] : counts.combinations) {
        if (std::any_of(fields.begin(), fields.end(), is_bad))
            made.matched -= requests;
    }
    for (const auto& [field, known] : counts.fields) {
        const bool only_ignored = known.raw == 0 && known.ignored > 0;
        const auto verdict = only_ignored                  ? field_verdict::ignored
                             : is_regressed(counts, known) ? field_verdict::regressed
                                                           : field_verdict::noise;
        const double share = share_of(known.raw, counts.requests);
        made.fields.push_back({field, known.raw, known.ignored, known.noise, share, verdict, known.first});
    }
    std::stable_sort(made.fields.begin(), made.fields.end(), [](const field_summary& a, const field_summary& b) {
        return std::tuple(a.verdict, b.raw) < std::tuple(b.verdict, a.raw);
    });
    if (made.matched < made.requests)
        made.verdict = operation_verdict::regressed;
    else if (!counts.combinations.empty())
        made.verdict = operation_verdict::noise;
    return made;
}

compare_report difference_book::summarise() const
{
    compare_report report;
    report.left_out = left_out_;
    for (const auto& [operation, counts] : operations_) {
        report.operations.push_back(summary_of(operation, counts));
        report.requests += report.operations.back().requests;
        report.matched += report.operations.back().matched;
    }
    std::stable_sort(
        report.operations.begin(), report.operations.end(),
        [](const operation_summary& a, const operation_summary& b) { return a.verdict > b.verdict; }
    );
    report.match_share = report.requests == 0 ? 1 : share_of(report.matched, report.requests);
    return report;
}

void difference_book::mark_noise(std::string_view operation, answer_comparison& candidate) const
{
    const auto counts = operations_.find(operation);
    if (counts == operations_.end())
        return;
    for (difference& one : candidate.differences) {
        const auto known = counts->second.fields.find(field_of_path(one.path));
        if (one.ignored || known == counts->second.fields.end() || is_regressed(counts->second, known->second))
            continue;
        one.ignored = true;
        one.why = known->second.noise > 0 ? "differs between identical trials, too" : "differs in hardly any answer";
    }
}

}  // namespace reprise::replay
