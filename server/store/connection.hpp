#pragma once

#include "statement.hpp"

#include "reprise/base/error.hpp"

#include <soci/soci.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace reprise::store {

struct connection_options {
    std::filesystem::path path;
    bool read_only = false;
    std::chrono::milliseconds busy_limit{5000};
    std::uint64_t wal_bytes_max = 64U << 20;
    std::string audit_key;
};

// One SQLite session with its prepared statements. Used by one thread at a time.
class connection {
public:
    // Opens the file and sets what has to be set per session. `problem` gets the library's own words.
    static result<std::unique_ptr<connection>> open(connection_options options, std::string& problem);
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    // The prepared statement for this text; stays with the connection.
    result<statement*> prepare(std::string_view sql);

    // Several statements at once, without arguments.
    result<void> run_script(const std::string& script);

    // Pages in the write-ahead log after the last commit that were not checkpointed then.
    int log_pages() const noexcept { return log_pages_; }

    // False after SQLite itself rolled a transaction back (disk full, I/O error).
    bool in_transaction() const noexcept;

    const std::string& audit_key() const noexcept { return options_.audit_key; }
    const std::string& last_problem() const noexcept { return problem_; }

    // The foreign error as ours; logs what nobody expects.
    error_code translate(const soci::soci_error& error) noexcept;

private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };

    explicit connection(connection_options options);
    result<void> set_up();
    error_code translate(int code, std::string_view text) noexcept;

    connection_options options_;
    std::string problem_;
    int log_pages_ = 0;
    soci::session session_;
    // At most statements_max: each text is a constant, or a constant with a combination of filters.
    std::unordered_map<std::string, std::unique_ptr<statement>, text_hash, std::equal_to<>> statements_;
};

constexpr std::size_t statements_max = 512;

}  // namespace reprise::store
