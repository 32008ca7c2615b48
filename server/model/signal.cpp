#include "reprise/model/signal.hpp"

#include "enum_text.hpp"

#include <array>

namespace reprise::model {
namespace {

constexpr std::array<std::string_view, 4> severity_texts = {
    "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 4> risk_texts = {
    "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, signal_kind_count> signal_kind_texts = {
    "error_rate", "latency", "slow_query", "n_plus_one", "rate_limit_burst",
    "fanout_straggler", "blocking_chain", "retry_storm", "agent_loop", "payload_latency", "stream_stall"};
constexpr std::array<std::string_view, 5> confirm_metric_texts = {
    "failing_share", "latency_quantile", "calls_per_parent", "burst", "trace_figure"};

}  // namespace

std::string_view to_text(severity value) noexcept
{
    return enum_text(severity_texts, value);
}

std::optional<severity> find_severity(std::string_view text) noexcept
{
    return find_enum<severity>(severity_texts, text);
}

std::string_view to_text(risk value) noexcept
{
    return enum_text(risk_texts, value);
}

std::optional<risk> find_risk(std::string_view text) noexcept
{
    return find_enum<risk>(risk_texts, text);
}

std::string_view to_text(signal_kind value) noexcept
{
    return enum_text(signal_kind_texts, value);
}

std::optional<signal_kind> find_signal_kind(std::string_view text) noexcept
{
    return find_enum<signal_kind>(signal_kind_texts, text);
}

std::string_view to_text(confirm_metric value) noexcept
{
    return enum_text(confirm_metric_texts, value);
}

std::optional<confirm_metric> find_confirm_metric(std::string_view text) noexcept
{
    return find_enum<confirm_metric>(confirm_metric_texts, text);
}

}  // namespace reprise::model
