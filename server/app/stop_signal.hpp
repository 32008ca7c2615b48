#pragma once

#include "reprise/base/log.hpp"

#include <csignal>
#include <string>

namespace reprise::app {

// SIGINT and SIGTERM for programs that run until they are told to stop. Made before any thread, on the main one.
class stop_signal {
public:
    stop_signal();

    // Until the first of them.
    void wait() const;
    // The next one ends the process at once.
    void let_go() const;

private:
    sigset_t signals_{};
};

// The level that log.level names.
log_level level_of(const std::string& name);

}  // namespace reprise::app
