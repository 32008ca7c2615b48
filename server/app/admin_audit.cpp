#include "auth_parts.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "people_commands.hpp"
#include "staged_output.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/http/audit_text.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/database.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <functional>

namespace json = boost::json;

namespace reprise::app {
namespace {

// The checkpoints kept elsewhere, or the exit code after the error was printed.
std::variant<std::vector<store::audit_checkpoint>, int> load_checkpoints(const std::string& path)
{
    std::vector<store::audit_checkpoint> none;
    if (path.empty())
        return none;
    std::size_t bad_line = 0;
    auto read = http::read_checkpoint_file(path, &bad_line);
    if (read)
        return std::move(*read);
    if (bad_line > 0)
        print_error(path + ":" + std::to_string(bad_line) + ": is no checkpoint");
    else
        print_error(path + ": cannot be read: " + read.error().message());
    return exit_data;
}

void print_report(const store::audit_report& report, const output_style& style)
{
    if (style.json) {
        json::object out = {{"ok", report.ok()}, {"rows", report.rows}, {"head_hash", report.head_hash},
                            {"checkpoints", report.checkpoints}, {"checkpoint_seq", report.checkpoint_seq}};
        if (report.first_bad) {
            out["first_bad"] = *report.first_bad;
            out["reason"] = report.reason;
        }
        std::printf("%s\n", json::serialize(out).c_str());
        return;
    }
    if (!report.ok())
        return;
    std::printf("%llu rows are as they were written", static_cast<unsigned long long>(report.rows));
    if (report.checkpoints == 0) {
        std::printf("; no signed checkpoint confirms them\n");
        return;
    }
    std::printf(
        "; %llu signed checkpoints, the newest of row %lld (%s)\n", static_cast<unsigned long long>(report.checkpoints),
        static_cast<long long>(report.checkpoint_seq), format_rfc3339(report.checkpoint_ns).c_str()
    );
}

// The newest row, after a row of its own says that everything up to there was taken.
result<std::int64_t> begin_export(store::transaction& tx)
{
    const auto newest = store::find_audit_seq(tx);
    if (!newest)
        return newest.error();
    store::audit_entry entry;
    entry.actor = "cli";
    entry.actor_type = "system";
    entry.auth = "none";
    entry.action = "audit.export";
    entry.object = "audit";
    entry.detail = json::serialize(json::object{{"after", 0}, {"to", *newest}});
    entry.at_ns = system_clock().now_ns();
    const auto written = store::append_audit(tx, entry);
    if (!written)
        return written.error();
    return *newest;
}

using line_taker = std::function<bool(const std::string& line)>;

// False when `take` has had enough, an error when the store has.
result<void> export_rows(store::database& database, std::int64_t until, const line_taker& take)
{
    for (std::int64_t after = 0; after < until;) {
        auto work = [after](const store::reader& from) {
            return store::list_audit(from, after, store::audit_listed_max);
        };
        const auto rows = database.read_blocking(std::move(work));
        if (!rows)
            return rows.error();
        if (rows->empty())
            return {};
        for (const store::audit_row& row : *rows) {
            if (row.seq <= until && !take(http::audit_line(row) + "\n"))
                return errc::io;
        }
        after = rows->back().seq;
    }
    return {};
}

int export_to_file(store::database& database, std::int64_t until, const std::string& path)
{
    staged_output file(path, output_kind::file, false);
    auto wrong = file.begin();
    if (!wrong) {
        const auto done = export_rows(database, until, [&](const std::string& line) {
            wrong = file.append(line);
            return !wrong;
        });
        if (!done && !wrong)
            wrong = command_error{exit_unavailable, "the audit cannot be read: " + done.error().message()};
    }
    if (!wrong)
        wrong = file.commit();
    if (!wrong)
        return exit_ok;
    print_error(wrong->text);
    return wrong->code;
}

int export_to_stdout(store::database& database, std::int64_t until)
{
    const auto done = export_rows(database, until, [](const std::string& line) {
        return std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
    });
    if (done && std::fflush(stdout) == 0)
        return exit_ok;
    print_error("the audit could not be written out whole");
    return exit_unavailable;
}

}  // namespace

int run_audit_verify(const config& settings, const audit_options& options, const output_style& style)
{
    auto keys = load_checkpoint_keys(settings, options.public_keys);
    if (const auto* wrong = std::get_if<config_error>(&keys)) {
        print_error(wrong->text);
        return exit_data;
    }
    const auto& known = std::get<store::checkpoint_keys>(keys);
    const std::string& path = options.checkpoints.empty() ? settings.audit_checkpoint_file : options.checkpoints;
    const auto outside = load_checkpoints(path);
    if (const int* code = std::get_if<int>(&outside))
        return *code;
    const auto opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    store::audit_checks checks;
    checks.keys = &known;
    checks.outside = std::get<std::vector<store::audit_checkpoint>>(outside);
    auto work = [&checks](const store::reader& from) { return store::verify_audit(from, checks); };
    const auto report = opened.database->read_blocking(std::move(work));
    if (!report) {
        print_error("the audit cannot be read: " + report.error().message());
        return exit_unavailable;
    }
    print_report(*report, style);
    if (report->ok())
        return exit_ok;
    print_error("audit row " + std::to_string(*report->first_bad) + ": " + report->reason);
    return exit_data;
}

int run_audit_export(const config& settings, const audit_options& options, const output_style&)
{
    const auto opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    const auto until = opened.database->write_blocking(begin_export);
    if (!until) {
        print_error("the export cannot be audited, so there is none: " + until.error().message());
        return exit_unavailable;
    }
    if (options.out.empty())
        return export_to_stdout(*opened.database, *until);
    return export_to_file(*opened.database, *until, options.out);
}

}  // namespace reprise::app
