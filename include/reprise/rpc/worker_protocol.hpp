#pragma once

#include "reprise/net/client.hpp"
#include "reprise/rpc/grpc_server.hpp"
#include "reprise/runs/dispatch.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <vector>

// proto/reprise/worker/v1: both ends of it.
namespace reprise::rpc {

constexpr std::size_t worker_message_bytes_max = 8 * 1024 * 1024;   // Of a request.
constexpr std::size_t worker_answer_bytes_max = 80 * 1024 * 1024;   // A job holds a bundle of at most 64 MiB.
constexpr std::chrono::milliseconds worker_call_max{90'000};        // Collecting traces takes the longest.

// What a server for workers serves: grpc_server_config::methods.
std::vector<std::string> worker_methods();

// Answers the calls of workers from a dispatch, which outlives it. Safe from any strand.
class worker_calls {
public:
    explicit worker_calls(runs::replay_dispatch& dispatch) : dispatch_(dispatch) {}

    boost::asio::awaitable<call_answer> answer(call_message message);

private:
    runs::replay_dispatch& dispatch_;
};

struct worker_client_config {
    net::url server;     // Scheme, host and port.
    std::string token;   // Sent as a bearer token; empty: none.
};

// The dispatch of a server elsewhere. Every call is sent once: what is lost on the way is errc::unavailable, and
// the server's answer to the repetition decides. The client speaks HTTP/2 and outlives it.
class worker_client final : public runs::replay_dispatch {
public:
    worker_client(net::http_client& http, worker_client_config config);

    // Also errc::denied: the server does not know the token; errc::not_found: it serves no workers there.
    boost::asio::awaitable<result<std::optional<runs::replay_job>>> claim(runs::worker_identity who) override;
    boost::asio::awaitable<result<void>> beat(
        runs::replay_lease lease, std::uint32_t requests_done, std::uint32_t requests_total
    ) override;
    boost::asio::awaitable<result<void>> store_trial(
        runs::replay_lease lease, replay::trial measured, std::vector<replay::replayed_answers> answers
    ) override;
    boost::asio::awaitable<result<std::vector<model::observation>>> collect(
        runs::replay_lease lease, std::vector<model::trace_id> wanted, std::chrono::milliseconds limit
    ) override;
    boost::asio::awaitable<result<void>> finish(runs::replay_lease lease, runs::finished_replay done) override;
    boost::asio::awaitable<result<void>> fail(runs::replay_lease lease, bool permanent, std::string text) override;
    boost::asio::awaitable<result<void>> give_back(runs::replay_lease lease) override;

private:
    boost::asio::awaitable<result<std::string>> call(std::string method, std::string message);

    net::http_client& http_;
    worker_client_config config_;
};

}  // namespace reprise::rpc
