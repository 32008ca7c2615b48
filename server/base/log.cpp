#include "reprise/base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

namespace reprise {
namespace {

spdlog::logger& logger()
{
    static const auto instance = [] {
        auto made = std::make_shared<spdlog::logger>(
            "reprise", std::make_shared<spdlog::sinks::stderr_sink_mt>()
        );
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
        return made;
    }();
    return *instance;
}

spdlog::level::level_enum to_spdlog(log_level level)
{
    switch (level) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warn: return spdlog::level::warn;
    case log_level::error: break;
    }
    return spdlog::level::err;
}

// Control characters would let a peer forge lines or move the cursor.
std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text.substr(0, log_text_bytes_max)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f)
            out += fmt::format("\\x{:02x}", byte);
        else
            out += c;
    }
    if (text.size() > log_text_bytes_max)
        out += "...";
    return out;
}

}  // namespace

void set_log_level(log_level level)
{
    logger().set_level(to_spdlog(level));
}

void log(log_level level, std::string_view where, std::string_view what)
{
    if (logger().should_log(to_spdlog(level)))
        logger().log(to_spdlog(level), "{}: {}", where, escaped(what));
}

void log_exception(std::string_view where, const std::exception_ptr& error)
{
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& caught) {
        log_error(where, caught.what());
    } catch (...) {
        log_error(where, "an exception that is no std::exception");
    }
}

}  // namespace reprise
