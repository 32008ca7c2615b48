#include "snapshot_redact.hpp"

#include "interruption.hpp"
#include "redaction.hpp"
#include "running_server.hpp"
#include "settings.hpp"
#include "snapshot.hpp"
#include "snapshot_write.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/telemetry/captured_record.hpp"
#include "reprise/telemetry/redact.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>
#include <map>
#include <unistd.h>

namespace reprise::app {
namespace {

namespace json = boost::json;

constexpr std::size_t preview_rows_max = 5'000;  // Further fields are counted together.
constexpr std::size_t value_bytes_shown = 60;

struct preview_row {
    std::uint64_t count = 0;
    std::size_t bytes_min = 0;
    std::size_t bytes_max = 0;
    std::string becomes;  // The first one.
    std::string value;    // What stood there; only kept to be shown.
};

// By field and type.
using preview_rows = std::map<std::pair<std::string, std::string>, preview_row>;

struct redacted_content {
    std::vector<telemetry::captured_record> records;
    preview_rows rows;
    std::uint64_t exchanges_changed = 0;
    std::map<std::string, std::uint64_t> left_out;
};

struct rules_and_key {
    telemetry::redaction_rules rules;
    std::string key;
    bool key_of_server = false;
};

// Without a data directory there is no key to correlate with: one for this run.
config_result<rules_and_key> load_rules(const std::string& config_file)
{
    settings from;
    from.file = config_file;
    auto loaded = load_config(from);
    if (auto* wrong = std::get_if<config_error>(&loaded))
        return std::move(*wrong);
    const config& made = std::get<config>(loaded);
    auto rules = redaction_rules_of(made);
    if (auto* wrong = std::get_if<config_error>(&rules))
        return std::move(*wrong);
    auto key = find_key(made.data_dir, redaction_key_name);
    if (auto* wrong = std::get_if<config_error>(&key))
        return std::move(*wrong);
    const auto& found = std::get<std::optional<std::string>>(key);
    constexpr std::size_t key_bytes = 32;
    return rules_and_key{
        std::get<telemetry::redaction_rules>(std::move(rules)), found.value_or(random_token(key_bytes)),
        found.has_value()};
}

void count_change(preview_rows& rows, telemetry::redaction_change change, bool keep_value)
{
    auto name = std::pair(std::move(change.place), std::move(change.type));
    if (rows.size() >= preview_rows_max && !rows.contains(name))
        name = {"(further fields)", std::move(name.second)};
    preview_row& row = rows[std::move(name)];
    const std::size_t bytes = change.value.size();
    row.bytes_min = row.count == 0 ? bytes : std::min(row.bytes_min, bytes);
    row.bytes_max = std::max(row.bytes_max, bytes);
    if (row.count++ > 0)
        return;
    row.becomes = std::move(change.becomes);
    if (keep_value)
        row.value = change.value.substr(0, value_bytes_shown);
}

redacted_content redact_records(
    const snapshot_content& content, const rules_and_key& with, const snapshot_redaction& redaction,
    const output_style& style
)
{
    redacted_content made;
    progress_bar bar("redacting", content.records.size(), style);
    for (const telemetry::captured_record& record : content.records) {
        bar.advance();
        if (interruption::seen() != 0)
            break;
        auto exchange = telemetry::to_exchange(record);
        if (!exchange) {
            ++made.left_out["records that say too little for an RRPair"];
            continue;
        }
        auto changes = telemetry::redact_and_tell(*exchange, with.key, with.rules);
        made.exchanges_changed += changes.empty() ? 0U : 1U;
        for (telemetry::redaction_change& change : changes)
            count_change(made.rows, std::move(change), redaction.show_values);
        if (!redaction.preview)
            made.records.push_back(telemetry::to_record(*exchange));
    }
    return made;
}

std::string bytes_text(const preview_row& row)
{
    const std::string least = std::to_string(row.bytes_min);
    return row.bytes_min == row.bytes_max ? least : least + "-" + std::to_string(row.bytes_max);
}

void print_text(const redacted_content& made, const snapshot_content& content, const snapshot_redaction& redaction)
{
    std::vector<std::vector<std::string>> table = {{"field", "type", "count", "bytes", "becomes"}};
    if (redaction.show_values)
        table.front().emplace_back("stood there");
    for (const auto& [name, row] : made.rows) {
        table.push_back({name.first, name.second, std::to_string(row.count), bytes_text(row), row.becomes});
        if (redaction.show_values)
            table.back().push_back(row.value);
    }
    if (redaction.preview && !made.rows.empty())
        std::printf("%s", render_table(table).c_str());
    const std::string counts =
        std::to_string(made.exchanges_changed) + " of " + std::to_string(content.records.size());
    const std::string where = redaction.preview ? "" : "; redacted copies in " + redaction.out;
    std::printf("%s exchanges hold something to redact%s\n", counts.c_str(), where.c_str());
    print_counts("left out", made.left_out);
    print_counts("skipped", content.reading.skipped);
}

void print_json(const redacted_content& made, const snapshot_content& content, const snapshot_redaction& redaction)
{
    json::array rows;
    for (const auto& [name, row] : made.rows) {
        json::object one{{"field", name.first}, {"type", name.second}, {"count", row.count}};
        one["bytes_min"] = row.bytes_min;
        one["bytes_max"] = row.bytes_max;
        one["becomes"] = row.becomes;
        if (redaction.show_values)
            one["value"] = row.value;
        rows.push_back(std::move(one));
    }
    json::object report{{"version", telemetry::redaction_version}, {"exchanges", content.records.size()}};
    report["exchanges_changed"] = made.exchanges_changed;
    report["left_out"] = counts_json(made.left_out);
    report["skipped"] = counts_json(content.reading.skipped);
    report["fields"] = std::move(rows);
    report["problem_count"] = content.reading.problem_count;
    report["problems"] = problems_json(content.reading);
    if (!redaction.preview)
        report["out"] = redaction.out;
    std::printf("%s\n", json::serialize(report).c_str());
}

std::optional<command_error> check_flags(const snapshot_redaction& redaction)
{
    if (redaction.preview != redaction.out.empty())
        return command_error{exit_usage, "give either --preview or --to DIRECTORY"};
    if (redaction.show_values && !redaction.preview)
        return command_error{exit_usage, "--show-values needs --preview"};
    if (redaction.show_values && ::isatty(STDOUT_FILENO) == 0)
        return command_error{exit_usage, "--show-values prints secrets: to a terminal only"};
    return std::nullopt;
}

outcome_of_step redact_content(
    const snapshot_content& content, const rules_and_key& with, const snapshot_redaction& redaction,
    const output_style& style
)
{
    redacted_content made = redact_records(content, with, redaction, style);
    if (interruption::seen() != 0)
        return command_error{exit_unavailable, "interrupted, nothing was written"};
    if (!redaction.preview) {
        snapshot_written written;
        const auto format = telemetry::find_snapshot_format(redaction.format);
        if (auto bad = write_snapshot(
                made.records, format.value_or(telemetry::snapshot_format::rrpair_json), redaction.out, redaction.force,
                style, written
            ))
            return bad;
        for (const auto& [reason, count] : written.left_out)
            made.left_out[reason] += count;
    }
    if (style.json)
        print_json(made, content, redaction);
    else if (!style.quiet)
        print_text(made, content, redaction);
    return std::nullopt;
}

int report_error(const command_error& error)
{
    print_error(error.text);
    return error.code;
}

int read_and_redact(const rules_and_key& with, const snapshot_redaction& redaction, const output_style& style)
{
    snapshot_options options;
    options.service = redaction.service;
    const snapshot_content content = load_snapshots(redaction.paths, options, style);
    if (content.reading.interrupted)
        return report_error({exit_unavailable, "interrupted, nothing was written"});
    if (!style.json)
        print_problems(content.reading);
    if (content.records.empty())
        return report_error({exit_data, "no record could be read"});
    if (const auto bad = redact_content(content, with, redaction, style))
        return report_error(*bad);
    return content.reading.problem_count == 0 ? exit_ok : exit_data;
}

}  // namespace

int run_snapshot_redaction(const snapshot_redaction& redaction, const output_style& style)
{
    if (const auto bad = check_flags(redaction))
        return report_error(*bad);
    auto loaded = load_rules(redaction.config_file);
    if (const auto* wrong = std::get_if<config_error>(&loaded))
        return report_error({exit_usage, wrong->text});
    const rules_and_key& with = std::get<rules_and_key>(loaded);
    if (!with.key_of_server && !style.quiet)
        print_error("no redaction key in the data directory: the tokens of this run compare with nothing else");

    return run_interruptible([&] { return read_and_redact(with, redaction, style); });
}

}  // namespace reprise::app
