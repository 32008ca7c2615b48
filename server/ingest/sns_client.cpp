#include "reprise/ingest/sns_client.hpp"

#include "reprise/base/log.hpp"

#include <utility>

namespace asio = boost::asio;

namespace reprise::ingest {
namespace {

constexpr std::chrono::milliseconds step_max{5'000};
constexpr std::size_t answer_bytes_max = 64 * 1024;

net::client_limits limits_of_sns()
{
    net::client_limits limits;
    limits.resolve = step_max;
    limits.connect = step_max;
    limits.write = step_max;
    limits.answer = step_max;
    limits.body = step_max;
    limits.body_bytes_max = answer_bytes_max;
    limits.idle_connections_max = 4;
    return limits;
}

}  // namespace

sns_client::sns_client(net::target_guard guard, net::client_transport transport)
    : client_(std::move(guard), limits_of_sns(), std::move(transport))
{
}

asio::awaitable<result<std::string>> sns_client::fetch(const net::url& from)
{
    net::client_request request("GET", from);
    auto answer = co_await client_.send(std::move(request));
    if (!answer)
        co_return answer.error();
    // A redirect is none either: it would lead past the list of targets.
    if (answer->status != 200) {
        log_warn("hooks.sns", from.origin() + " answered " + std::to_string(answer->status));
        co_return reprise::errc::unavailable;
    }
    co_return std::move(answer->body);
}

}  // namespace reprise::ingest
