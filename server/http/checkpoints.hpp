#pragma once

#include "context.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace reprise::http {

constexpr std::int64_t checkpoint_rows_max = 100;               // So many new rows are signed at once.
constexpr std::int64_t checkpoint_pause_ns = 60 * ns_per_s;     // Fewer after this long.

// Whether it is time to sign, when `rows` have come since the last checkpoint, `age_ns` ago.
bool is_checkpoint_due(std::int64_t rows, std::int64_t age_ns) noexcept;

// Appends whole lines and syncs them; mode 0600. Blocks. errc::io.
result<void> append_lines(const std::filesystem::path& path, const std::string& lines);

// Signs when due and writes to the file what is not in it yet, until cancelled.
boost::asio::awaitable<void> run_checkpointing(context& api);

}  // namespace reprise::http
