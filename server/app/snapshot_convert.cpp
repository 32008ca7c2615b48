#include "snapshot_convert.hpp"

#include "interruption.hpp"
#include "snapshot.hpp"
#include "snapshot_write.hpp"

#include <boost/json/serialize.hpp>

#include <cstdio>
#include <filesystem>

namespace reprise::app {
namespace {

namespace json = boost::json;
using telemetry::snapshot_format;

std::optional<command_error> choose_format(
    std::string_view name, const char* flag, std::optional<snapshot_format>& format
)
{
    if (name.empty())
        return std::nullopt;
    format = telemetry::find_snapshot_format(name);
    if (format)
        return std::nullopt;
    const std::string given = std::string(flag) + " " + std::string(name);
    return command_error{exit_usage, given + " is no format; take rrpair-json, rrpair-md, har or otlp-json"};
}

snapshot_format format_of_name(const std::filesystem::path& out)
{
    const std::string extension = out.extension().string();
    if (extension == ".har")
        return snapshot_format::har;
    if (extension == ".jsonl" || extension == ".ndjson")
        return snapshot_format::otlp_json;
    return snapshot_format::rrpair_json;
}

void print_json(const snapshot_reading& reading, const snapshot_written& written, const std::string& out)
{
    json::object report{{"files", reading.files}, {"records", reading.records}, {"written", written.exchanges}};
    report["out"] = out;
    report["protocols"] = counts_json(reading.protocols);
    report["skipped"] = counts_json(reading.skipped);
    report["left_out"] = counts_json(written.left_out);
    report["problem_count"] = reading.problem_count;
    report["problems"] = problems_json(reading);
    std::printf("%s\n", json::serialize(report).c_str());
}

void print_text(const snapshot_reading& reading, const snapshot_written& written, const std::string& out)
{
    std::printf(
        "%llu exchanges of %llu files written to %s: %s\n", static_cast<unsigned long long>(written.exchanges),
        static_cast<unsigned long long>(reading.files), out.c_str(), protocol_counts(reading).c_str()
    );
    print_counts("left out", written.left_out);
    print_counts("skipped", reading.skipped);
}

int report_error(const command_error& error)
{
    print_error(error.text);
    return error.code;
}

// Both formats are known and the input is read.
int write_content(
    const snapshot_content& content, snapshot_format to, const snapshot_conversion& conversion,
    const output_style& style
)
{
    const snapshot_reading& reading = content.reading;
    if (!style.json)
        print_problems(reading);
    if (content.records.empty())
        return report_error({exit_data, "no record could be read; nothing was written"});
    snapshot_written written;
    if (const auto bad = write_snapshot(content.records, to, conversion.out, conversion.force, style, written))
        return report_error(*bad);
    if (style.json)
        print_json(reading, written, conversion.out);
    else if (!style.quiet)
        print_text(reading, written, conversion.out);
    if (reading.problem_count == 0)
        return exit_ok;
    print_error(conversion.out + " holds the rest");
    return exit_data;
}

}  // namespace

int run_snapshot_conversion(const snapshot_conversion& conversion, const output_style& style)
{
    snapshot_options options;
    options.service = conversion.service;
    std::optional<snapshot_format> to;
    if (const auto bad = choose_format(conversion.from, "--from", options.format))
        return report_error(*bad);
    if (const auto bad = choose_format(conversion.to, "--to", to))
        return report_error(*bad);

    return run_interruptible([&] {
        const snapshot_content content = load_snapshots(conversion.paths, options, style);
        if (content.reading.interrupted)
            return report_error({exit_unavailable, "interrupted, nothing was written"});
        return write_content(content, to.value_or(format_of_name(conversion.out)), conversion, style);
    });
}

}  // namespace reprise::app
