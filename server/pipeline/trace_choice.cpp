#include "reprise/pipeline/trace_choice.hpp"

#include "reprise/detect/trace_sample.hpp"

#include <algorithm>

namespace reprise::pipeline {
namespace {

constexpr std::int64_t minute_ns = 60'000'000'000;
constexpr std::uint64_t sample_of = 16;  // One in so many plain traces is kept with its spans.

}  // namespace

trace_chooser::budget* trace_chooser::find_budget(const std::string& service, std::int64_t now_ns)
{
    const std::int64_t minute = now_ns / minute_ns;
    if (services_.size() >= limits_.services_max && !services_.contains(service))
        std::erase_if(services_, [minute](const auto& one) { return one.second.minute < minute; });
    if (services_.size() >= limits_.services_max && !services_.contains(service))
        return nullptr;
    budget& found = services_[service];
    if (found.minute != minute) {
        found = {};
        found.minute = minute;
    }
    return &found;
}

trace_choice trace_chooser::choose(const model::trace_summary& summary, std::int64_t now_ns)
{
    budget* const left = find_budget(summary.service, now_ns);
    if (left == nullptr)
        return {};
    const bool has_findings = !summary.findings.empty();
    const bool has_pattern = summary.pattern != model::trace_pattern::none;
    trace_choice choice;
    if (has_findings || has_pattern || summary.failed_count > 0)
        choice.row = left->rows++ < limits_.rows_per_minute;
    else
        choice.row = left->samples++ < limits_.samples_per_minute;

    const bool is_slowest = summary.wall_ns > left->slowest_ns;
    left->slowest_ns = std::max(left->slowest_ns, summary.wall_ns);
    const bool is_sample = detect::trace_rank(summary.id) < UINT64_MAX / sample_of;
    const bool is_agents = has_pattern && !summary.agent.empty();
    const std::uint32_t opened_max = has_findings ? 2 * limits_.opened_per_minute : limits_.opened_per_minute;
    if (choice.row && (has_findings || is_agents || is_slowest || is_sample) && left->opened < opened_max) {
        choice.spans = true;
        ++left->opened;
    }
    return choice;
}

}  // namespace reprise::pipeline
