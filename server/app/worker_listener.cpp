#include "worker_listener.hpp"

#include "drain.hpp"
#include "listener_secrets.hpp"

#include "reprise/base/task_group.hpp"
#include "reprise/rpc/worker_protocol.hpp"

#include <optional>
#include <utility>

namespace reprise::app {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds stop_grace{2'000};
constexpr std::size_t connections_max = 256;
constexpr int grpc_unavailable = 14;

// Tells the caller, whatever becomes of the call.
class pending_answer {
public:
    explicit pending_answer(rpc::call_done done) : done_(std::move(done)) {}
    pending_answer(pending_answer&& other) noexcept : done_(std::exchange(other.done_, nullptr)) {}
    pending_answer& operator=(pending_answer&&) = delete;
    ~pending_answer()
    {
        if (done_)
            done_({grpc_unavailable, "the server stops; try again", {}});
    }

    void give(rpc::call_answer answer) { std::exchange(done_, nullptr)(std::move(answer)); }

private:
    rpc::call_done done_;
};

asio::awaitable<void> answer_call(rpc::worker_calls& calls, rpc::call_message message, pending_answer pending)
{
    auto answer = co_await calls.answer(std::move(message));
    pending.give(std::move(answer));
}

}  // namespace

struct worker_listener::parts {
    parts(asio::any_io_executor io_, runs::replay_dispatch& dispatch)
        : io(std::move(io_)), calls(dispatch), tasks(io)
    {
    }

    asio::any_io_executor io;
    rpc::worker_calls calls;
    task_group tasks;
    std::optional<ingest::token_list> tokens;
    std::unique_ptr<rpc::grpc_server> server;
    bool is_stopped = false;
};

worker_listener::worker_listener(std::unique_ptr<parts> made) : parts_(std::move(made)) {}

worker_listener::~worker_listener()
{
    stop();
}

config_result<std::unique_ptr<worker_listener>> worker_listener::start(
    const config& settings, asio::any_io_executor io, runs::replay_dispatch& dispatch, metrics& numbers
)
{
    if (settings.workers_listen.empty())
        return std::unique_ptr<worker_listener>();
    auto made = std::make_unique<parts>(std::move(io), dispatch);
    auto tls = load_workers_tls(settings);
    if (auto* wrong = std::get_if<config_error>(&tls))
        return std::move(*wrong);
    auto tokens = load_worker_tokens(settings);
    if (auto* wrong = std::get_if<config_error>(&tokens))
        return std::move(*wrong);
    made->tokens = std::move(std::get<std::optional<ingest::token_list>>(tokens));

    rpc::grpc_server_config asked;
    asked.methods = rpc::worker_methods();
    asked.metrics_prefix = "reprise_worker_rpc";
    asked.listen = settings.workers_listen;
    asked.message_bytes_max = rpc::worker_message_bytes_max;
    asked.connections_max = connections_max;
    if (const auto& shown = std::get<std::shared_ptr<net::tls_context>>(tls)) {
        const net::tls_pem& pem = net::pem_of(*shown);
        asked.tls = {pem.cert, pem.key, pem.client_ca};
    }
    parts& all = *made;
    if (all.tokens)
        asked.admits = [&all](std::string_view authorization) { return all.tokens->admits(authorization); };
    auto handle = [&all](rpc::call_message message, rpc::call_done done) {
        all.tasks.spawn("worker call", answer_call(all.calls, std::move(message), pending_answer(std::move(done))));
    };
    auto started = rpc::grpc_server::start(std::move(asked), std::move(handle), numbers);
    if (!started)
        return config_error{"workers.listen = " + settings.workers_listen + ": " + started.error().message()};
    all.server = std::move(*started);
    return std::unique_ptr<worker_listener>(new worker_listener(std::move(made)));
}

std::uint16_t worker_listener::port() const noexcept
{
    return parts_->server->port();
}

void worker_listener::stop()
{
    if (std::exchange(parts_->is_stopped, true))
        return;
    // Calls that wait are told to come back; then nobody is left to hear.
    parts_->tasks.stop();
    parts_->server->stop(stop_grace);
    drain(parts_->io, parts_->tasks, "the workers' calls");
}

}  // namespace reprise::app
