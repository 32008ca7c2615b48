#include "reprise/replay/target_sender.hpp"

#include "reprise/base/within.hpp"

#include <utility>

namespace reprise::replay {

namespace asio = boost::asio;

asio::awaitable<result<sent_response>> target_sender::send(request outgoing)
{
    auto url = net::parse_url(target_.text() + outgoing.path);
    if (!url)
        co_return url.error();
    net::client_request request(std::move(outgoing.method), std::move(*url));
    request.headers = std::move(outgoing.headers);
    request.body = std::move(outgoing.body);
    request.fresh_connection = outgoing.fresh_connection;
    auto sending = http_.send(std::move(request));
    auto answer = co_await within(outgoing.limit, std::move(sending));
    if (!answer && answer.error() == reprise::errc::timed_out)
        co_return net::errc::answer_timed_out;  // Says more.
    if (!answer)
        co_return answer.error();
    sent_response sent;
    sent.status = answer->status;
    sent.answered_ns = time_.now_ns();
    sent.sent_ns = answer->sent_after_ns;
    sent.first_ns = answer->answered_after_ns;
    sent.done_ns = answer->done_after_ns;
    sent.headers = std::move(answer->headers);
    sent.body = std::move(answer->body);
    co_return sent;
}

}  // namespace reprise::replay
