#include "export_retry.hpp"

#include <algorithm>
#include <charconv>

namespace reprise::synth {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds wait_first{1'000};
constexpr milliseconds wait_max{16'000};
constexpr int doublings_max = 4;
constexpr int retry_after_s_max = 3'600;

std::optional<milliseconds> parse_seconds(std::string_view text) noexcept
{
    int seconds = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (ec != std::errc() || end != text.data() + text.size() || seconds < 0)
        return std::nullopt;
    return milliseconds(std::min(seconds, retry_after_s_max) * 1'000);
}

// Whoever did not answer may be back soon.
bool is_passing(int status) noexcept
{
    return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

export_step judge_export(int status, std::string_view retry_after, int attempt, milliseconds left) noexcept
{
    export_step step;
    if (status >= 200 && status < 300)
        return step;
    step.verdict = export_verdict::refused;
    if (!is_passing(status))
        return step;
    const milliseconds own = std::min(wait_first * (1 << std::min(attempt, doublings_max)), wait_max);
    step.wait = parse_seconds(retry_after).value_or(own);
    if (step.wait <= left)
        step.verdict = export_verdict::again;
    return step;
}

}  // namespace reprise::synth
