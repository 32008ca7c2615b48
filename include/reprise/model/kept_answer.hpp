#pragma once

#include "reprise/model/exchange.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What targets answered in a run, as it is kept: redacted, bounded. Plain values; functions are pure, any thread.
namespace reprise::model {

// Which requests of a run: the failing ones and their control against the target, the failing ones against the last
// good version of it.
enum class answer_arm : std::uint8_t { failing, control, last_good };
inline constexpr std::array answer_arms = {answer_arm::failing, answer_arm::control, answer_arm::last_good};

struct kept_answer {
    std::uint32_t trial = 0;
    bool shows = false;              // Its trial shows the signal.
    bool answered = false;
    int status = 0;
    std::int64_t latency_ns = 0;     // From the planned send time to the last byte.
    std::string failure;             // Why there is none.
    header_list headers;
    std::uint32_t headers_left_out = 0;
    std::string body;
    std::uint64_t body_bytes = 0;    // As it came.
    bool body_left_out = false;      // Over a limit: its size is all that is known.
    std::vector<std::string> redacted_fields;

    bool operator==(const kept_answer&) const = default;
};

// How often which status came; 0: no answer.
using status_counts = std::map<int, std::uint32_t>;

// What came of one exchange of the evidence in one arm, over all trials.
struct exchange_answers {
    std::uint32_t exchange = 0;      // Its place in the bundle.
    answer_arm arm = answer_arm::failing;
    std::map<std::uint32_t, status_counts> statuses;  // By trial.
    kept_answer shown;               // Of a trial that shows the signal, else of the last one.
    std::optional<kept_answer> twin; // Of the same request, with the same status: what differs here is noise.

    bool operator==(const exchange_answers&) const = default;
};

// Of all trials together.
status_counts sum_statuses(const exchange_answers& answers);

// What is kept once a further trial is measured. A trial that was known already is replaced.
exchange_answers merge_answers(exchange_answers known, exchange_answers fresh);

// Headers and bodies, roughly what they take.
std::size_t weight_of(const exchange_answers& answers) noexcept;

std::string_view to_text(answer_arm value) noexcept;
std::optional<answer_arm> find_answer_arm(std::string_view text) noexcept;

// For the store: all of it but exchange and arm. Nothing when the text is none of to_json.
std::string to_json(const exchange_answers& answers);
std::optional<exchange_answers> parse_exchange_answers(std::string_view json);

}  // namespace reprise::model
