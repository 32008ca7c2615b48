#include "interruption.hpp"

#include "exit_code.hpp"

#include <csignal>

namespace reprise::app {
namespace {

volatile std::sig_atomic_t signal_seen = 0;

void note(int number)
{
    signal_seen = number;
}

}  // namespace

interruption::interruption()
{
    signal_seen = 0;
    std::signal(SIGINT, note);
    std::signal(SIGTERM, note);
}

interruption::~interruption()
{
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    signal_seen = 0;  // Of this work only.
}

int interruption::seen() noexcept
{
    return signal_seen;
}

int run_interruptible(const std::function<int()>& work)
{
    int code = exit_ok;
    int seen = 0;
    {
        const interruption watch;
        code = work();
        seen = interruption::seen();
    }
    if (seen == 0 || code == exit_ok)
        return code;
    std::signal(seen, SIG_DFL);
    std::raise(seen);
    return exit_unavailable;
}

}  // namespace reprise::app
