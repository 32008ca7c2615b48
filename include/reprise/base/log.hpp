#pragma once

#include <exception>
#include <string_view>

// One line per event on stderr: time, level, where, what. Text from outside is escaped and cut at
// log_text_bytes_max, so that nobody writes lines of their own into our log. Safe from any thread.
namespace reprise {

enum class log_level { debug, info, warn, error };

constexpr std::size_t log_text_bytes_max = 2048;

void set_log_level(log_level level);
void log(log_level level, std::string_view where, std::string_view what);

inline void log_debug(std::string_view where, std::string_view what) { log(log_level::debug, where, what); }
inline void log_info(std::string_view where, std::string_view what) { log(log_level::info, where, what); }
inline void log_warn(std::string_view where, std::string_view what) { log(log_level::warn, where, what); }
inline void log_error(std::string_view where, std::string_view what) { log(log_level::error, where, what); }

// For an exception that nobody expected: a bug or a broken environment.
void log_exception(std::string_view where, const std::exception_ptr& error);

}  // namespace reprise
