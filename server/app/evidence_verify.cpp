#include "archive_parts.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "running_server.hpp"

#include "reprise/pipeline/archive_check.hpp"
#include "reprise/store/database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <memory>

namespace reprise::app {
namespace {

namespace asio = boost::asio;
using check_result = archive::store_result<pipeline::archive_check_report>;

// Runs the check in this thread; `style` decides whether a bar is shown.
check_result run_check(store::database& database, archive_parts& archive, const output_style& style)
{
    std::unique_ptr<progress_bar> bar;
    std::uint64_t shown = 0;
    auto progress = [&bar, &shown, &style](std::uint64_t done, std::uint64_t all) {
        if (!bar)
            bar = std::make_unique<progress_bar>("objects", all, style);
        bar->advance(done - shown);
        shown = done;
    };
    asio::io_context context;
    auto work = pipeline::check_archive(database, *archive.local, archive.remote.get(), std::move(progress));
    auto answer = asio::co_spawn(context, std::move(work), asio::use_future);
    context.run();
    return answer.get();
}

void print_json(const pipeline::archive_check_report& report)
{
    boost::json::array findings;
    for (const pipeline::archive_finding& one : report.findings) {
        findings.push_back(boost::json::object{
            {"fault", pipeline::to_text(one.fault)},
            {"path", one.path},
            {"place", one.place},
            {"evidence_id", one.evidence_id},
            {"detail", one.detail}});
    }
    const boost::json::object json = {
        {"objects", report.objects}, {"bytes", report.bytes}, {"wrong", report.wrong}, {"findings", findings}};
    std::printf("%s\n", boost::json::serialize(json).c_str());
}

void print_table(const pipeline::archive_check_report& report)
{
    std::vector<std::vector<std::string>> rows = {{"FAULT", "PATH", "PLACE", "EVIDENCE", "WHAT"}};
    for (const pipeline::archive_finding& one : report.findings) {
        const std::string evidence = one.evidence_id.empty() ? "-" : one.evidence_id;
        rows.push_back({std::string(pipeline::to_text(one.fault)), one.path, one.place, evidence, one.detail});
    }
    if (rows.size() > 1)
        std::printf("%s", render_table(rows).c_str());
    std::printf("%llu objects (%s) read, %llu wrong\n", static_cast<unsigned long long>(report.objects),
                show_bytes(static_cast<std::int64_t>(report.bytes)).c_str(),
                static_cast<unsigned long long>(report.wrong));
    if (report.wrong > report.findings.size())
        std::printf("only the first %zu are listed\n", report.findings.size());
}

}  // namespace

int run_evidence_verify(const config& settings, const output_style& style)
{
    auto opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    asio::thread_pool blocking(1);
    metrics numbers;
    const system_clock time;
    auto made = make_archive(settings, blocking.get_executor(), time, numbers);
    if (const auto* wrong = std::get_if<config_error>(&made)) {
        print_error(wrong->text);
        return exit_usage;
    }
    const auto report = run_check(*opened.database, std::get<archive_parts>(made), style);
    if (!report) {
        print_error(report.error().text);
        return exit_unavailable;
    }
    if (style.json)
        print_json(*report);
    else if (!style.quiet || report->wrong > 0)
        print_table(*report);
    return report->wrong > 0 ? exit_found : exit_ok;
}

}  // namespace reprise::app
