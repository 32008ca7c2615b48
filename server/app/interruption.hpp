#pragma once

#include <functional>

namespace reprise::app {

// While it lives, SIGINT and SIGTERM only raise a flag, so that long work can stop between two steps and
// clean up. One at a time, on the main thread.
class interruption {
public:
    interruption();
    ~interruption();
    interruption(const interruption&) = delete;
    interruption& operator=(const interruption&) = delete;

    // The signal's number, 0 when none came or nobody watches.
    static int seen() noexcept;
};

// The exit code of `work`, done under an interruption. Work that a signal stopped ends the process by that signal,
// as the shell expects it, after everything of it was cleaned up.
int run_interruptible(const std::function<int()>& work);

}  // namespace reprise::app
