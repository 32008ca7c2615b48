#include "comparing_observer.hpp"

#include "reprise/replay/report.hpp"

#include <algorithm>
#include <utility>

namespace reprise::app {
namespace {

constexpr std::size_t kept_bytes_max = 128UL * 1024 * 1024;  // Of first answers; further requests have no twins.

}  // namespace

comparing_observer::comparing_observer(
    std::span<const model::exchange> exchanges, replay::compare_options options, bool compares, progress_bar& bar
)
    : exchanges_(exchanges), options_(std::move(options)), compares_(compares), bar_(bar)
{
    options_.captured = captured_interval(exchanges);
}

void comparing_observer::ended(const replay::send_record& record, const replay::sent_response* answer)
{
    bar_.advance();
    if (!compares_ || answer == nullptr)
        return;
    const model::exchange& captured = exchanges_[record.planned.exchange];
    const telemetry::answer_parts recorded{captured.status, captured.response_headers, captured.response_body};
    const telemetry::answer_parts replayed{answer->status, answer->headers, answer->body};
    book_.add(replay::operation_name(captured), replay::compare_answers(recorded, replayed, options_));
    learn_noise(record, *answer);
}

void comparing_observer::learn_noise(const replay::send_record& record, const replay::sent_response& answer)
{
    const std::uint32_t exchange = record.planned.exchange;
    const auto found = first_.find(exchange);
    if (found != first_.end()) {
        const telemetry::answer_parts one{found->second.status, found->second.headers, found->second.body};
        const telemetry::answer_parts other{answer.status, answer.headers, answer.body};
        book_.add_noise(replay::operation_name(exchanges_[exchange]), replay::compare_answers(one, other, options_));
        return;
    }
    if (kept_bytes_ + answer.body.size() > kept_bytes_max)
        return;
    kept_bytes_ += answer.body.size();
    first_.emplace(exchange, kept_answer{answer.status, answer.headers, answer.body});
}

telemetry::time_interval captured_interval(std::span<const model::exchange> exchanges)
{
    telemetry::time_interval made;
    for (const model::exchange& one : exchanges) {
        if (one.start_ns == 0)
            continue;
        made.first_ns = made.first_ns == 0 ? one.start_ns : std::min(made.first_ns, one.start_ns);
        made.last_ns = std::max(made.last_ns, one.start_ns + one.duration_ns);
    }
    return made;
}

}  // namespace reprise::app
