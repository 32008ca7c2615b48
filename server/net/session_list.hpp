#pragma once

#include "connection.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>
#include <mutex>
#include <utility>

namespace reprise::net {

// What the server may tell a session. Members are touched on the session's strand only.
struct session_control {
    explicit session_control(boost::asio::any_io_executor strand_)
        : strand(std::move(strand_)), stopped(strand, boost::asio::steady_timer::time_point::max())
    {
    }

    boost::asio::any_io_executor strand;
    boost::asio::steady_timer stopped;            // Cancelled when the server stops.
    connection* stream = nullptr;                 // Null once the session ended or was upgraded.
    bool waiting = false;                         // For a request to begin.
    bool served = false;                          // Had one before.
    bool stopping = false;
};

// All sessions of a server. Safe from any thread.
class session_list {
public:
    using position = std::list<std::shared_ptr<session_control>>::iterator;

    position add(std::shared_ptr<session_control> session)
    {
        const std::lock_guard lock(mutex_);
        return sessions_.insert(sessions_.end(), std::move(session));
    }
    void remove(position at)
    {
        const std::lock_guard lock(mutex_);
        sessions_.erase(at);
    }

    // Each ends after the request it is busy with; those that wait for one end now.
    void stop_all() { tell_all(true); }
    // Those that were served and wait for a next request end now and make room.
    void retire_waiting() { tell_all(false); }

private:
    void tell_all(bool stop)
    {
        const std::lock_guard lock(mutex_);
        for (const auto& session : sessions_) {
            auto tell = [session, stop] {
                session->stopping = session->stopping || stop;
                if (session->waiting && session->stream && (stop || session->served))
                    session->stream->cancel();
                if (stop)
                    session->stopped.cancel();
            };
            boost::asio::post(session->strand, std::move(tell));
        }
    }

    std::mutex mutex_;
    std::list<std::shared_ptr<session_control>> sessions_;
};

}  // namespace reprise::net
