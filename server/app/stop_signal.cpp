#include "stop_signal.hpp"

#include "exit_code.hpp"

#include <cstdlib>

#include <pthread.h>

namespace reprise::app {
namespace {

[[noreturn]] void stop_now(int)
{
    std::_Exit(exit_ok);
}

}  // namespace

// Blocked for every thread that is made after, so that sigwait() is the only one to see them.
stop_signal::stop_signal()
{
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

void stop_signal::wait() const
{
    int received = 0;
    sigwait(&signals_, &received);
}

void stop_signal::let_go() const
{
    std::signal(SIGINT, stop_now);
    std::signal(SIGTERM, stop_now);
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
}

log_level level_of(const std::string& name)
{
    if (name == "debug")
        return log_level::debug;
    if (name == "warn")
        return log_level::warn;
    return name == "error" ? log_level::error : log_level::info;
}

}  // namespace reprise::app
