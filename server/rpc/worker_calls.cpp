#include "reprise/rpc/worker_protocol.hpp"

#include "grpc_text.hpp"
#include "worker_paths.hpp"
#include "worker_values.hpp"

#include "reprise/base/log.hpp"

namespace reprise::rpc {

namespace asio = boost::asio;

namespace {

using answering = asio::awaitable<call_answer>;

call_answer refusal(grpc_code code, std::string message)
{
    return {static_cast<int>(code), std::move(message), {}};
}

call_answer refusal_of(const error_code& error)
{
    if (error == reprise::errc::unavailable || error == reprise::errc::timed_out || error == reprise::errc::io)
        return refusal(grpc_code::unavailable, error.message());
    if (error == reprise::errc::invalid_argument || error == reprise::errc::too_large ||
        error == reprise::errc::corrupt)
        return refusal(grpc_code::invalid_argument, error.message());
    // A run that is gone, a lease that is not the current one, a state that does not allow it: stop.
    return refusal(grpc_code::aborted, error.message());
}

template <class Message>
call_answer accept(const Message& message)
{
    return {0, {}, message.SerializeAsString()};
}

call_answer done_or(const result<void>& what)
{
    return what ? accept(wire::Done()) : refusal_of(what.error());
}

template <class Message>
bool parse(const std::string& bytes, Message& message)
{
    return message.ParseFromString(bytes);
}

call_answer unreadable()
{
    return refusal(grpc_code::invalid_argument, "the message is none of this method");
}

answering answer_claim(runs::replay_dispatch& dispatch, std::string bytes)
{
    wire::ClaimRequest asked;
    if (!parse(bytes, asked))
        co_return unreadable();
    auto job = co_await dispatch.claim(take(asked));
    if (!job)
        co_return refusal_of(job.error());
    wire::ClaimAnswer given;
    if (*job)
        put(**job, *given.mutable_job());
    co_return accept(given);
}

answering answer_beat(runs::replay_dispatch& dispatch, std::string bytes)
{
    wire::BeatRequest asked;
    if (!parse(bytes, asked))
        co_return unreadable();
    const auto kept = co_await dispatch.beat(take(asked.lease()), asked.requests_done(), asked.requests_total());
    co_return done_or(kept);
}

answering answer_store_trial(runs::replay_dispatch& dispatch, std::string bytes)
{
    wire::StoreTrialRequest asked;
    if (!parse(bytes, asked))
        co_return unreadable();
    auto trial = replay::parse_trial(asked.trial());
    if (!trial)
        co_return refusal(grpc_code::invalid_argument, trial.error().reason);
    std::vector<replay::replayed_answers> answers;
    for (const wire::Answers& one : asked.answers()) {
        auto taken = take(one, *trial);
        if (!taken)
            co_return refusal(grpc_code::invalid_argument, "answers of no such arm or operation");
        answers.push_back(std::move(*taken));
    }
    const auto stored = co_await dispatch.store_trial(take(asked.lease()), std::move(*trial), std::move(answers));
    co_return done_or(stored);
}

answering answer_collect(runs::replay_dispatch& dispatch, std::string bytes)
{
    wire::CollectRequest asked;
    if (!parse(bytes, asked))
        co_return unreadable();
    std::vector<model::trace_id> wanted;
    for (const wire::TraceId& trace : asked.wanted())
        wanted.push_back(take(trace));
    const auto limit = std::chrono::milliseconds(std::max<std::int64_t>(0, asked.limit_ms()));
    const auto seen = co_await dispatch.collect(take(asked.lease()), std::move(wanted), limit);
    if (!seen)
        co_return refusal_of(seen.error());
    wire::CollectAnswer given;
    for (const model::observation& one : *seen)
        put(one, *given.add_observations());
    co_return accept(given);
}

answering answer_finish(runs::replay_dispatch& dispatch, std::string bytes)
{
    wire::FinishRequest asked;
    if (!parse(bytes, asked))
        co_return unreadable();
    auto done = take(asked);
    if (!done)
        co_return refusal(grpc_code::invalid_argument, "no such verdict");
    const auto finished = co_await dispatch.finish(take(asked.lease()), std::move(*done));
    co_return done_or(finished);
}

answering answer_fail(runs::replay_dispatch& dispatch, std::string bytes)
{
    wire::FailRequest asked;
    if (!parse(bytes, asked) || asked.text().size() > runs::reason_bytes_max)
        co_return unreadable();
    const auto failed = co_await dispatch.fail(take(asked.lease()), asked.permanent(), asked.text());
    co_return done_or(failed);
}

answering answer_give_back(runs::replay_dispatch& dispatch, std::string bytes)
{
    wire::GiveBackRequest asked;
    if (!parse(bytes, asked))
        co_return unreadable();
    const auto given = co_await dispatch.give_back(take(asked.lease()));
    co_return done_or(given);
}

struct method {
    std::string_view path;
    answering (*answer)(runs::replay_dispatch&, std::string);
};

constexpr method methods[] = {
    {claim_path, answer_claim},     {beat_path, answer_beat},     {store_trial_path, answer_store_trial},
    {collect_path, answer_collect}, {finish_path, answer_finish}, {fail_path, answer_fail},
    {give_back_path, answer_give_back},
};

}  // namespace

std::vector<std::string> worker_methods()
{
    std::vector<std::string> paths;
    for (const method& one : methods)
        paths.emplace_back(one.path);
    return paths;
}

asio::awaitable<call_answer> worker_calls::answer(call_message message)
{
    for (const method& one : methods) {
        if (message.path == one.path)
            co_return co_await one.answer(dispatch_, std::move(message.bytes));
    }
    co_return refusal(grpc_code::unimplemented, "no such method");
}

}  // namespace reprise::rpc
