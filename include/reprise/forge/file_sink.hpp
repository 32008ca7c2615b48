#pragma once

#include "reprise/base/error.hpp"
#include "reprise/forge/ticket.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace reprise::forge {

struct published_ticket {
    std::string path;           // Below the data directory: "tickets/<incident>-g<generation>.md".
    bool adopted = false;       // It was there already: an earlier try wrote it and could not say so.
    bool same_content = true;   // False: the adopted file was written for other content.
};

// Writes tickets as Markdown files below one data directory, each exactly once: the name is the
// idempotency key, an existing file is adopted and never touched. Whole or not at all, mode 0600.
// Blocks on disk; safe from any thread and from several processes.
class file_sink {
public:
    static constexpr const char* target = "file:tickets";

    explicit file_sink(std::filesystem::path data_dir) : data_dir_(std::move(data_dir)) {}

    // Errors: invalid_argument for an incident id that is no ULID or a generation below 1, denied when
    // the directory is not writable, io when the disk refuses otherwise, conflict when something that is
    // no regular file has the name. Which path and why is logged.
    result<published_ticket> publish(const released_ticket& released) const;

private:
    std::filesystem::path data_dir_;
};

}  // namespace reprise::forge
