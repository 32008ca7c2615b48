#include "snapshot_write.hpp"

#include "commands.hpp"
#include "interruption.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/telemetry/har.hpp"
#include "reprise/telemetry/otlp_json_write.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

namespace reprise::app {
namespace {

using telemetry::snapshot_format;

constexpr std::size_t line_records = 512;               // Of one OTLP-JSON line.
constexpr std::size_t line_bytes = 8 * 1024 * 1024;
constexpr const char* no_form = "records that say too little for an RRPair";
constexpr const char* no_http = "exchanges that are not HTTP";

// 20251121T111504.123Z_000017.json
std::string file_name(const model::exchange& exchange, std::uint64_t number, std::string_view extension)
{
    std::string name;
    for (const char c : format_rfc3339(exchange.start_ns)) {
        if (c != '-' && c != ':')
            name += c;
    }
    std::string digits = std::to_string(number);
    digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
    return name.append("_").append(digits).append(extension);
}

// One exchange after the other into its format.
class writer {
public:
    writer(staged_output& output, snapshot_format format, snapshot_written& written)
        : output_(output), format_(format), written_(written)
    {
    }

    outcome_of_step begin()
    {
        return format_ == snapshot_format::har ? output_.append(telemetry::write_har_head(version_text)) : std::nullopt;
    }

    outcome_of_step add(model::exchange exchange)
    {
        // What the reader would not take is no RRPair.
        const std::string pair = telemetry::write_rrpair_json(exchange);
        if (!telemetry::parse_rrpair_json(pair, exchange.operation.service)) {
            ++written_.left_out[no_form];
            return std::nullopt;
        }
        const bool is_http = exchange.operation.protocol == "http";
        switch (format_) {
        case snapshot_format::har: return is_http ? add_entry(exchange) : leave_out(no_http);
        case snapshot_format::otlp_json: return add_to_line(std::move(exchange), pair.size());
        case snapshot_format::rrpair_markdown:
            if (is_http)
                return add_file(exchange, ".md", telemetry::write_rrpair_markdown(exchange));
            break;  // The Markdown form is for HTTP; recorders write others as JSON, too.
        case snapshot_format::rrpair_json: break;
        }
        return add_file(exchange, ".json", pair);
    }

    outcome_of_step end()
    {
        if (format_ == snapshot_format::har)
            return output_.append(telemetry::write_har_tail());
        return flush_line();
    }

private:
    outcome_of_step leave_out(const char* reason)
    {
        ++written_.left_out[reason];
        return std::nullopt;
    }

    outcome_of_step add_file(const model::exchange& exchange, std::string_view extension, std::string_view bytes)
    {
        const std::string& host = exchange.host.empty() ? exchange.operation.service : exchange.host;
        const std::filesystem::path directory = archive::escape_name(host);
        return output_.add_file(directory / file_name(exchange, ++written_.exchanges, extension), bytes);
    }

    outcome_of_step add_entry(const model::exchange& exchange)
    {
        const std::string comma = written_.exchanges++ > 0 ? ",\n" : "\n";
        return output_.append(comma + telemetry::write_har_entry(exchange));
    }

    outcome_of_step add_to_line(model::exchange exchange, std::size_t bytes)
    {
        ++written_.exchanges;
        line_.push_back(std::move(exchange));
        line_bytes_ += bytes;
        return line_.size() < line_records && line_bytes_ < line_bytes ? std::nullopt : flush_line();
    }

    outcome_of_step flush_line()
    {
        if (line_.empty())
            return std::nullopt;
        const std::string text = telemetry::write_otlp_json_line(line_) + "\n";
        line_.clear();
        line_bytes_ = 0;
        return output_.append(text);
    }

    staged_output& output_;
    snapshot_format format_;
    snapshot_written& written_;
    std::vector<model::exchange> line_;
    std::size_t line_bytes_ = 0;
};

outcome_of_step write_records(
    std::span<const telemetry::captured_record> records, writer& into, const output_style& style,
    snapshot_written& written
)
{
    if (auto bad = into.begin())
        return bad;
    progress_bar bar("writing", records.size(), style);
    for (const telemetry::captured_record& record : records) {
        bar.advance();
        if (interruption::seen() != 0)
            return command_error{exit_unavailable, "interrupted, nothing was written"};
        auto exchange = telemetry::to_exchange(record);
        if (!exchange) {
            ++written.left_out[no_form];
            continue;
        }
        if (auto bad = into.add(std::move(*exchange)))
            return bad;
    }
    return into.end();
}

}  // namespace

output_kind kind_of(snapshot_format format) noexcept
{
    return format == snapshot_format::har || format == snapshot_format::otlp_json ? output_kind::file
                                                                                  : output_kind::directory;
}

outcome_of_step write_snapshot(
    std::span<const telemetry::captured_record> records, snapshot_format format, const std::filesystem::path& path,
    bool force, const output_style& style, snapshot_written& written
)
{
    staged_output output(path, kind_of(format), force);
    if (auto bad = output.begin())
        return bad;
    writer into(output, format, written);
    if (auto bad = write_records(records, into, style, written))
        return bad;
    return output.commit();
}

}  // namespace reprise::app
