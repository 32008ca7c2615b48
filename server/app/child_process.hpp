#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <sys/types.h>

namespace reprise::app {

// A command that this one started, in a process group of its own, so that whatever it starts ends with it. Its
// output goes to our standard error, or into a file. Not for several threads. Ends the group when it goes.
class child_process {
public:
    using environment = std::vector<std::pair<std::string, std::string>>;  // Added to ours.

    // Blocks until it runs or cannot; the error is one line for a person.
    static std::variant<child_process, std::string> start(
        const std::vector<std::string>& command, const environment& added, const std::string& log_file
    );

    ~child_process();
    child_process(child_process&& other) noexcept;
    child_process& operator=(child_process&& other) noexcept;

    // "exit 3", "signal 9"; nothing while it runs.
    std::optional<std::string> find_end();
    // SIGTERM, and SIGKILL for what is left after `limit`. Blocks until then.
    void stop(std::chrono::milliseconds limit);

private:
    explicit child_process(pid_t pid) : pid_(pid) {}

    pid_t pid_ = -1;
    std::optional<std::string> end_;
};

}  // namespace reprise::app
