#include "raw_session.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace asio = boost::asio;

namespace reprise::net {
namespace {

std::string label_of(const std::string& name)
{
    return "server=\"" + name + "\"";
}

}  // namespace

raw_session_context::raw_session_context(
    const raw_server_config& config_, raw_responder& responder_, const clock& time_, metrics& numbers
)
    : config(config_), responder(responder_), time(time_),
      refused_sessions(numbers.add_counter(
          "reprise_raw_sessions_refused_total", "Connections closed at once: too many.", label_of(config_.name)
      )),
      refused_requests(numbers.add_counter(
          "reprise_raw_requests_refused_total", "Requests that were malformed, too large or too slow.",
          label_of(config_.name)
      )),
      failed_handshakes(numbers.add_counter(
          "reprise_raw_tls_failures_total", "TLS handshakes that failed.", label_of(config_.name)
      )),
      open_sessions(numbers.add_gauge("reprise_raw_sessions_open", "Open connections.", label_of(config_.name)))
{
}

std::int64_t deadline_clock_ns() noexcept
{
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

raw_session_list::position raw_session_list::add(std::shared_ptr<raw_control> session)
{
    const std::lock_guard lock(mutex_);
    return sessions_.insert(sessions_.end(), std::move(session));
}

void raw_session_list::remove(position at)
{
    const std::lock_guard lock(mutex_);
    sessions_.erase(at);
}

void raw_session_list::stop_all()
{
    const std::lock_guard lock(mutex_);
    for (const auto& session : sessions_) {
        auto tell = [session] {
            session->stopping = true;
            if (session->waiting && session->socket != nullptr) {
                error_code ignored;  // Nothing to cancel is as good.
                session->socket->cancel(ignored);
            }
        };
        asio::post(session->strand, std::move(tell));
    }
}

void raw_session_list::expire(std::int64_t now_ns)
{
    const std::lock_guard lock(mutex_);
    for (const auto& session : sessions_) {
        if (session->deadline_ns.load(std::memory_order_relaxed) > now_ns)
            continue;
        auto wake = [session, now_ns] {
            // The session may have gone on meanwhile.
            if (session->socket == nullptr || session->deadline_ns.load(std::memory_order_relaxed) > now_ns)
                return;
            session->expired = true;
            error_code ignored;
            session->socket->cancel(ignored);
        };
        asio::post(session->strand, std::move(wake));
    }
}

}  // namespace reprise::net
