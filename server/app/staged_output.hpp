#pragma once

#include "exit_code.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::app {

// Why a command cannot go on: the line for the user and what the shell is told.
struct command_error {
    exit_code code = exit_unavailable;
    std::string text;
};
using outcome_of_step = std::optional<command_error>;

enum class output_kind : unsigned char { file, directory };

// A file or directory that appears under its name whole or not at all: written beside it under a name
// that begins with a dot, synced, renamed. What was not committed is removed again. Blocks on disk; one
// thread.
class staged_output {
public:
    // Nothing is touched before begin().
    staged_output(std::filesystem::path path, output_kind kind, bool force);
    ~staged_output();
    staged_output(const staged_output&) = delete;
    staged_output& operator=(const staged_output&) = delete;

    // Refuses a name that is taken, unless `force`. A directory is only ever replaced when this program
    // wrote it (it holds directory_mark).
    outcome_of_step begin();
    // To the file. Errors are kept for commit(), too.
    outcome_of_step append(std::string_view bytes);
    // A file below the directory; `name` has at most one parent, which is made when it is missing.
    outcome_of_step add_file(const std::filesystem::path& name, std::string_view bytes);
    outcome_of_step commit();

    static constexpr const char* directory_mark = ".reprise-snapshot";

private:
    outcome_of_step fail(const char* doing, const std::filesystem::path& path, int error);
    outcome_of_step check_target();
    outcome_of_step write_all(int descriptor, std::string_view bytes, const std::filesystem::path& path);
    outcome_of_step give_name();

    std::filesystem::path path_;
    std::filesystem::path stage_;  // Empty when there is nothing to remove.
    output_kind kind_;
    bool force_;
    int descriptor_ = -1;          // Of the file or the directory being written.
};

}  // namespace reprise::app
