#include "load_plan.hpp"
#include "load_tally.hpp"

#include "reprise/net/client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <stdexcept>

namespace reprise::bench {
namespace {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

load_answer answer_of(int status)
{
    if (status >= 200 && status < 300)
        return load_answer::accepted;
    const bool retry = status == 429 || status == 502 || status == 503 || status == 504;
    return retry ? load_answer::overloaded : load_answer::refused;
}

net::client_limits limits_of(const load_plan& plan)
{
    net::client_limits limits;
    limits.answer = plan.answer_timeout;
    limits.body = plan.answer_timeout;
    limits.write = plan.answer_timeout;
    limits.idle_connections_max = plan.in_flight;
    return limits;
}

class http_load {
public:
    http_load(const load_plan& plan, const std::vector<load_payload>& payloads, load_tally& tally)
        : plan_(plan), payloads_(payloads), schedule_(plan), tally_(tally),
          client_(net::target_guard::allow_all(), limits_of(plan))
    {
        for (const char* path : {"/v1/traces", "/v1/logs"}) {
            auto url = net::parse_url(plan_.endpoint + path);
            if (!url || url->scheme != "http")
                throw std::invalid_argument("the endpoint must be http://host:port, not " + plan_.endpoint);
            net::client_request made("POST", std::move(*url));
            made.headers = plan_.headers;
            made.headers.emplace_back("Content-Type", "application/x-protobuf");
            if (plan_.gzip)
                made.headers.emplace_back("Content-Encoding", "gzip");
            requests_.push_back(std::move(made));
        }
    }

    // One place: its requests follow one another. HTTP/1.1 has one under way per connection, so the
    // places are the connections.
    asio::awaitable<void> run_place()
    {
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor);
        for (;;) {
            const auto due = schedule_.due_ns(next_);
            if (!due || now_ns() >= schedule_.duration_ns())
                co_return;
            const std::uint64_t number = next_++;
            timer.expires_at(start_ + std::chrono::nanoseconds(*due));
            if (*due > now_ns())
                co_await timer.async_wait(asio::use_awaitable);
            co_await send(number, *due);
        }
    }

private:
    std::int64_t now_ns() const
    {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(steady::now() - start_).count();
    }

    asio::awaitable<void> send(std::uint64_t number, std::int64_t due_ns)
    {
        const load_payload& payload = payloads_[number % payloads_.size()];
        net::client_request request = requests_[payload.is_logs ? 1 : 0];
        request.body = payload.bytes;
        load_times times;
        times.sent_ns = now_ns();
        times.due_ns = schedule_.has_rate() ? due_ns : times.sent_ns;
        const auto answer = co_await client_.send(std::move(request));
        times.answered_ns = now_ns();
        if (!answer) {
            tally_.add(load_answer::failed, times, payload.records, payload.bytes.size());
            tally_.note_reason(answer.error().message());
            co_return;
        }
        tally_.add(answer_of(answer->status), times, payload.records, payload.bytes.size());
        if (answer->status == 200 && answer->body.size() > 2)
            tally_.add_partial();
        if (answer->status >= 300)
            tally_.note_reason("HTTP " + std::to_string(answer->status));
    }

    const load_plan& plan_;
    const std::vector<load_payload>& payloads_;
    const load_schedule schedule_;
    load_tally& tally_;
    net::http_client client_;
    std::vector<net::client_request> requests_;  // Without a body; for spans and for log records.
    const steady::time_point start_ = steady::now();
    std::uint64_t next_ = 0;
};

}  // namespace

void run_http_load(const load_plan& plan, const std::vector<load_payload>& payloads, load_tally& tally)
{
    asio::io_context loop(1);
    http_load load(plan, payloads, tally);
    std::exception_ptr broken;
    const auto ended = [&broken](const std::exception_ptr& error) {
        if (error)
            broken = error;
    };
    for (std::size_t i = 0; i < plan.in_flight; ++i)
        asio::co_spawn(loop, load.run_place(), ended);
    loop.run();
    if (broken)
        std::rethrow_exception(broken);
}

}  // namespace reprise::bench
