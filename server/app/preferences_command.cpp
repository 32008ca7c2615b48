#include "commands.hpp"
#include "exit_code.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/runs/preferences.hpp"
#include "reprise/store/database.hpp"

#include <cstdio>

namespace reprise::app {
namespace {

constexpr std::size_t page_rows = 200;

// One line in one piece, so that nothing that writes to the same place comes between.
bool print_line(const std::string& line)
{
    const bool whole = std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
    return whole && std::fflush(stdout) == 0;
}

}  // namespace

int run_preferences_export(const config& settings, const std::string& since, const output_style&)
{
    std::int64_t since_ns = 0;
    if (!since.empty()) {
        const auto parsed = parse_rfc3339(since);
        if (!parsed) {
            print_error("--since '" + since + "' is no time; write it like 2026-11-26T00:00:00Z");
            return exit_usage;
        }
        since_ns = *parsed;
    }
    opened_store opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    std::string after;
    for (;;) {
        auto load = [&](const store::reader& from) {
            return store::list_preferences(from, after, page_rows, since_ns);
        };
        const auto records = opened.database->read_blocking(std::move(load));
        if (!records) {
            print_error("the preferences cannot be read: " + records.error().message());
            return exit_unavailable;
        }
        for (const store::preference& each : *records) {
            if (!print_line(runs::preference_line(each))) {
                print_error("standard output cannot be written to");
                return exit_unavailable;
            }
        }
        if (records->size() < page_rows)
            return exit_ok;
        after = records->back().id;
    }
}

}  // namespace reprise::app
