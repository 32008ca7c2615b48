#include "reprise/rpc/worker_protocol.hpp"

#include "grpc_text.hpp"
#include "message_assembly.hpp"
#include "worker_paths.hpp"
#include "worker_values.hpp"

#include "reprise/base/log.hpp"
#include "reprise/base/within.hpp"

#include <charconv>

namespace reprise::rpc {

namespace asio = boost::asio;

namespace {

constexpr std::size_t shown_bytes_max = 300;  // Of what a server says against a call.

// -1: the answer is no gRPC.
int status_of(const net::client_response& answer)
{
    int status = -1;
    for (const auto& [name, value] : answer.headers) {
        if (name == "grpc-status")
            std::from_chars(value.data(), value.data() + value.size(), status);
    }
    return status;
}

std::string message_of(const net::client_response& answer)
{
    for (const auto& [name, value] : answer.headers) {
        if (name == "grpc-message")
            return value.substr(0, shown_bytes_max);
    }
    return "no reason given";
}

error_code error_of(int status)
{
    switch (static_cast<grpc_code>(status)) {
    case grpc_code::aborted: return reprise::errc::stale;
    case grpc_code::invalid_argument: return reprise::errc::invalid_argument;
    case grpc_code::permission_denied:
    case grpc_code::unauthenticated: return reprise::errc::denied;
    case grpc_code::unimplemented: return reprise::errc::not_found;
    default: return reprise::errc::unavailable;
    }
}

result<std::string> message_in(const net::client_response& answer)
{
    message_assembly body(worker_answer_bytes_max);
    if (body.add(answer.body) != message_assembly::state::whole || body.compressed())
        return net::errc::bad_message;
    return body.take();
}

template <class Message>
result<Message> parse(const result<std::string>& bytes)
{
    if (!bytes)
        return bytes.error();
    Message message;
    if (!message.ParseFromString(*bytes))
        return net::errc::bad_message;
    return message;
}

result<void> check_done(const result<std::string>& bytes)
{
    return bytes ? result<void>() : result<void>(bytes.error());
}

}  // namespace

worker_client::worker_client(net::http_client& http, worker_client_config config)
    : http_(http), config_(std::move(config))
{
}

asio::awaitable<result<std::string>> worker_client::call(std::string method, std::string message)
{
    net::client_request req("POST", config_.server);
    req.url.target = method;
    req.headers = {{"content-type", "application/grpc"}, {"te", "trailers"}};
    if (!config_.token.empty())
        req.headers.emplace_back("authorization", "Bearer " + config_.token);
    req.body = frame_grpc_message(message);
    auto answer = co_await within(worker_call_max, http_.send(std::move(req)));
    if (!answer)
        co_return answer.error();
    const int status = status_of(*answer);
    if (status == 0)
        co_return message_in(*answer);
    if (status < 0) {
        log_warn("worker", "the server answers " + std::to_string(answer->status) + " without a gRPC status");
        co_return reprise::errc::unavailable;
    }
    const error_code error = error_of(status);
    if (error != reprise::errc::stale)
        log_warn("worker", method + ": " + message_of(*answer));
    co_return error;
}

asio::awaitable<result<std::optional<runs::replay_job>>> worker_client::claim(runs::worker_identity who)
{
    wire::ClaimRequest asked;
    put(who, asked);
    const auto bytes = co_await call(std::string(claim_path), asked.SerializeAsString());
    const auto given = parse<wire::ClaimAnswer>(bytes);
    if (!given)
        co_return given.error();
    if (!given->has_job())
        co_return std::optional<runs::replay_job>();
    auto job = take(given->job());
    if (!job)
        co_return job.error();
    co_return std::optional(std::move(*job));
}

asio::awaitable<result<void>> worker_client::beat(
    runs::replay_lease lease, std::uint32_t requests_done, std::uint32_t requests_total
)
{
    wire::BeatRequest asked;
    put(lease, *asked.mutable_lease());
    asked.set_requests_done(requests_done);
    asked.set_requests_total(requests_total);
    const auto bytes = co_await call(std::string(beat_path), asked.SerializeAsString());
    co_return check_done(bytes);
}

asio::awaitable<result<void>> worker_client::store_trial(
    runs::replay_lease lease, replay::trial measured, std::vector<replay::replayed_answers> answers
)
{
    wire::StoreTrialRequest asked;
    put(lease, *asked.mutable_lease());
    asked.set_trial(replay::to_json(measured));
    for (const replay::replayed_answers& one : answers)
        put(one, *asked.add_answers());
    const auto bytes = co_await call(std::string(store_trial_path), asked.SerializeAsString());
    co_return check_done(bytes);
}

asio::awaitable<result<std::vector<model::observation>>> worker_client::collect(
    runs::replay_lease lease, std::vector<model::trace_id> wanted, std::chrono::milliseconds limit
)
{
    wire::CollectRequest asked;
    put(lease, *asked.mutable_lease());
    for (const model::trace_id& trace : wanted)
        put(trace, *asked.add_wanted());
    asked.set_limit_ms(limit.count());
    const auto bytes = co_await call(std::string(collect_path), asked.SerializeAsString());
    const auto given = parse<wire::CollectAnswer>(bytes);
    if (!given)
        co_return given.error();
    std::vector<model::observation> seen;
    for (const wire::Observation& one : given->observations()) {
        if (auto observation = take(one))
            seen.push_back(*observation);
    }
    co_return seen;
}

asio::awaitable<result<void>> worker_client::finish(runs::replay_lease lease, runs::finished_replay done)
{
    wire::FinishRequest asked;
    put(lease, *asked.mutable_lease());
    put(done, asked);
    const auto bytes = co_await call(std::string(finish_path), asked.SerializeAsString());
    co_return check_done(bytes);
}

asio::awaitable<result<void>> worker_client::fail(runs::replay_lease lease, bool permanent, std::string text)
{
    wire::FailRequest asked;
    put(lease, *asked.mutable_lease());
    asked.set_permanent(permanent);
    asked.set_text(text.substr(0, runs::reason_bytes_max));
    const auto bytes = co_await call(std::string(fail_path), asked.SerializeAsString());
    co_return check_done(bytes);
}

asio::awaitable<result<void>> worker_client::give_back(runs::replay_lease lease)
{
    wire::GiveBackRequest asked;
    put(lease, *asked.mutable_lease());
    const auto bytes = co_await call(std::string(give_back_path), asked.SerializeAsString());
    co_return check_done(bytes);
}

}  // namespace reprise::rpc
