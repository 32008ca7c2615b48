#include "answer_redaction.hpp"

#include "reprise/base/offload.hpp"
#include "reprise/store/run_answers.hpp"
#include "reprise/telemetry/body_fields.hpp"
#include "reprise/telemetry/redact.hpp"

namespace reprise::runs {
namespace {

constexpr std::size_t failure_bytes_max = 300;

std::string readable(std::string_view text)
{
    return telemetry::shown_text(text, text.size());
}

void redact_answer(model::kept_answer& answer, const model::operation_key& operation, const answer_redaction& rules)
{
    if (answer.body.size() > replay::answer_body_bytes_max) {
        answer.body.clear();
        answer.body_left_out = true;
    }
    model::exchange exchange;
    exchange.operation = operation;
    exchange.response_headers = std::move(answer.headers);
    exchange.response_body = std::move(answer.body);
    exchange.message = telemetry::shown_text(answer.failure, failure_bytes_max);
    telemetry::redact(exchange, rules.key, rules.rules);
    answer.headers.clear();
    for (const auto& [name, value] : exchange.response_headers)
        answer.headers.emplace_back(readable(name), readable(value));
    answer.body = readable(exchange.response_body);
    answer.failure = std::move(exchange.message);
    answer.redacted_fields = std::move(exchange.redacted_fields);
}

}  // namespace

std::vector<model::exchange_answers> redact_answers(
    std::vector<replay::replayed_answers> raw, const answer_redaction& rules
)
{
    std::vector<model::exchange_answers> kept;
    for (replay::replayed_answers& one : raw) {
        if (kept.size() == store::run_answers_listed_max)
            break;
        redact_answer(one.answers.shown, one.operation, rules);
        if (one.answers.twin)
            redact_answer(*one.answers.twin, one.operation, rules);
        kept.push_back(std::move(one.answers));
    }
    return kept;
}

boost::asio::awaitable<std::vector<model::exchange_answers>> redact_answers_on(
    boost::asio::any_io_executor pool, std::vector<replay::replayed_answers> raw, const answer_redaction& rules
)
{
    auto work = [&raw, &rules] { return redact_answers(std::move(raw), rules); };
    auto kept = co_await offload(std::move(pool), std::move(work));
    co_return kept;
}

}  // namespace reprise::runs
