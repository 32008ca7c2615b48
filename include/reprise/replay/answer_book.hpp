#pragma once

#include "reprise/model/kept_answer.hpp"
#include "reprise/replay/http_port.hpp"
#include "reprise/replay/trial.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

// What a target answered in one trial, chosen and bounded. One strand; nothing blocks.
namespace reprise::replay {

constexpr std::size_t answer_body_bytes_max = 256 * 1024;          // A larger body is left out whole.
constexpr std::size_t answer_headers_bytes_max = 16 * 1024;        // Further headers are left out.
constexpr std::size_t trial_answers_bytes_max = 4 * 1024 * 1024;   // Of all answers of a trial.

// As they came: secrets and all. Never stored and never logged like this.
struct replayed_answers {
    model::operation_key operation;   // Of the request, which decides how its answer is redacted.
    model::exchange_answers answers;  // Of one trial.
};

// A body that is cut in the middle would compare as changed, and half of a secret is not recognised as one: what does
// not fit is left out whole, and its size is kept.
class answer_book {
public:
    // The plan outlives it.
    explicit answer_book(const trial_plan& plan) : plan_(plan) {}

    void add(const planned_request& planned, sent_response answer, std::int64_t latency_ns);
    void add_failure(const planned_request& planned, std::string why, std::int64_t latency_ns);

    // Of each exchange and arm: of the failing requests an answer with the captured status if there is one, else the
    // first that came; and another of the same status. In the order of the bundle.
    std::vector<replayed_answers> take(const trial& measured);

private:
    using place = std::pair<std::uint32_t, arm>;  // Index into the arm's list.

    struct chosen {
        model::status_counts statuses;
        std::vector<model::kept_answer> answers;  // Two at most.
    };

    void choose(const planned_request& planned, model::kept_answer answer);
    bool is_wanted(const planned_request& planned, const model::kept_answer& answer) const;
    bool fits(std::size_t bytes) noexcept;
    void take_headers(model::header_list headers, model::kept_answer& into);

    const trial_plan& plan_;
    std::map<place, chosen> chosen_;
    std::size_t bytes_ = 0;
};

model::answer_arm answer_arm_of(arm value) noexcept;

}  // namespace reprise::replay
