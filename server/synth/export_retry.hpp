#pragma once

#include <chrono>
#include <optional>
#include <string_view>

// What an exporter does about an answer. Pure.
namespace reprise::synth {

enum class export_verdict : unsigned char { delivered, again, refused };

struct export_step {
    export_verdict verdict = export_verdict::delivered;
    std::chrono::milliseconds wait{0};  // Before the next attempt.
};

// `status` 0: no answer came. Of Retry-After only seconds are understood. `attempt` counts from 0; when the wait is
// longer than `left`, the batch is refused.
export_step judge_export(
    int status, std::string_view retry_after, int attempt, std::chrono::milliseconds left
) noexcept;

}  // namespace reprise::synth
