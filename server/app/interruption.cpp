#include "interruption.hpp"

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
}

int interruption::seen() noexcept
{
    return signal_seen;
}

}  // namespace reprise::app
