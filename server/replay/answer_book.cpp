#include "reprise/replay/answer_book.hpp"

#include <algorithm>

namespace reprise::replay {
namespace {

constexpr std::size_t answers_of_a_place_max = 2;  // The one that is shown, and its twin.

std::size_t weight_of(const model::kept_answer& answer)
{
    std::size_t bytes = answer.body.size();
    for (const auto& [name, value] : answer.headers)
        bytes += name.size() + value.size();
    return bytes;
}

}  // namespace

model::answer_arm answer_arm_of(arm value) noexcept
{
    switch (value) {
    case arm::failing: return model::answer_arm::failing;
    case arm::control: return model::answer_arm::control;
    case arm::last_good: return model::answer_arm::last_good;
    }
    return model::answer_arm::failing;
}

bool answer_book::fits(std::size_t bytes) noexcept
{
    return bytes_ + bytes <= trial_answers_bytes_max;
}

void answer_book::take_headers(model::header_list headers, model::kept_answer& into)
{
    std::size_t taken = 0;
    for (auto& [name, value] : headers) {
        const std::size_t bytes = name.size() + value.size();
        if (taken + bytes > answer_headers_bytes_max || !fits(taken + bytes)) {
            ++into.headers_left_out;
            continue;
        }
        taken += bytes;
        into.headers.emplace_back(std::move(name), std::move(value));
    }
}

void answer_book::add(const planned_request& planned, sent_response answer, std::int64_t latency_ns)
{
    model::kept_answer kept;
    kept.answered = true;
    kept.status = answer.status;
    kept.latency_ns = latency_ns;
    kept.body_bytes = answer.body.size();
    take_headers(std::move(answer.headers), kept);
    kept.body_left_out = answer.body.size() > answer_body_bytes_max || !fits(weight_of(kept) + answer.body.size());
    if (!kept.body_left_out)
        kept.body = std::move(answer.body);
    choose(planned, std::move(kept));
}

void answer_book::add_failure(const planned_request& planned, std::string why, std::int64_t latency_ns)
{
    model::kept_answer kept;
    kept.latency_ns = std::max<std::int64_t>(latency_ns, 0);
    kept.failure = std::move(why);
    choose(planned, std::move(kept));
}

// Only of the failing requests: what is shown of them is meant to show the failure, of the others what came.
bool answer_book::is_wanted(const planned_request& planned, const model::kept_answer& answer) const
{
    return planned.arm == arm::failing && answer.answered && answer.status == plan_.failing[planned.exchange].status;
}

void answer_book::choose(const planned_request& planned, model::kept_answer answer)
{
    chosen& known = chosen_[{planned.exchange, planned.arm}];
    ++known.statuses[answer.status];
    std::vector<model::kept_answer>& kept = known.answers;
    const bool is_better =
        !kept.empty() && ((!kept.front().answered && answer.answered) ||
                          (!is_wanted(planned, kept.front()) && is_wanted(planned, answer)));
    if (is_better) {
        for (const model::kept_answer& each : kept)
            bytes_ -= weight_of(each);
        kept.clear();
    }
    if (kept.size() == answers_of_a_place_max)
        return;
    const bool is_twin = !kept.empty() && answer.answered && kept.front().status == answer.status;
    if (!kept.empty() && !is_twin)
        return;
    bytes_ += weight_of(answer);
    kept.push_back(std::move(answer));
}

std::vector<replayed_answers> answer_book::take(const trial& measured)
{
    std::vector<replayed_answers> taken;
    for (auto& [at, known] : chosen_) {
        const auto& [index, which] = at;
        const bool is_control = which == arm::control;
        replayed_answers made;
        made.operation = (is_control ? plan_.control : plan_.failing)[index].operation;
        made.answers.exchange = (is_control ? plan_.control_items : plan_.failing_items)[index];
        made.answers.arm = answer_arm_of(which);
        made.answers.statuses[measured.number] = std::move(known.statuses);
        for (model::kept_answer& each : known.answers) {
            each.trial = measured.number;
            each.shows = measured.shows;
        }
        made.answers.shown = std::move(known.answers.front());
        if (known.answers.size() == answers_of_a_place_max)
            made.answers.twin = std::move(known.answers.back());
        taken.push_back(std::move(made));
    }
    chosen_.clear();
    bytes_ = 0;
    return taken;
}

}  // namespace reprise::replay
