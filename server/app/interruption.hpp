#pragma once

namespace reprise::app {

// While it lives, SIGINT and SIGTERM only raise a flag, so that long work can stop between two steps and
// clean up. One at a time, on the main thread.
class interruption {
public:
    interruption();
    ~interruption();
    interruption(const interruption&) = delete;
    interruption& operator=(const interruption&) = delete;

    // The signal's number, 0 when none came.
    static int seen() noexcept;
};

}  // namespace reprise::app
