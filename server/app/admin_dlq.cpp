#include "commands.hpp"
#include "exit_code.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/lifecycle/error.hpp"
#include "reprise/runs/actions.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/runs.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>

namespace reprise::app {
namespace {

void print_json(const std::vector<model::run>& dead)
{
    boost::json::array list;
    for (const model::run& run : dead) {
        list.push_back(boost::json::object{
            {"id", run.id},
            {"kind", model::to_text(run.kind)},
            {"incident_id", run.incident_id},
            {"step", run.step},
            {"attempt", run.attempt},
            {"attempts_max", run.attempts_max},
            {"error", run.error},
            {"input", run.input},
            {"updated_at", format_rfc3339(run.updated_ns)}});
    }
    std::printf("%s\n", boost::json::serialize(list).c_str());
}

void print_table(const std::vector<model::run>& dead)
{
    std::vector<std::vector<std::string>> rows = {{"RUN", "KIND", "INCIDENT", "STEP", "ATTEMPTS", "SINCE", "ERROR"}};
    for (const model::run& run : dead)
        rows.push_back(
            {run.id, std::string(model::to_text(run.kind)), run.incident_id, run.step, std::to_string(run.attempt),
             format_rfc3339(run.updated_ns), run.error}
        );
    std::printf("%s", render_table(rows).c_str());
    if (dead.size() == store::runs_listed_max)
        std::printf("There may be more; these are the newest %zu.\n", dead.size());
}

std::string explain(const error_code& error)
{
    if (error == errc::not_found)
        return "no such run; see `reprise admin dlq list`";
    if (error == lifecycle::errc::illegal_transition)
        return "is no dead letter; see `reprise admin dlq list`";
    if (error == lifecycle::errc::comment_required)
        return "say why with --comment";
    return error.message();
}

}  // namespace

int run_dlq_list(const config& settings, const output_style& style)
{
    const auto opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    store::run_filter filter;
    filter.state = model::run_state::dead_letter;
    filter.limit = store::runs_listed_max;
    auto work = [&filter](const store::reader& from) { return store::list_runs(from, filter); };
    const auto dead = opened.database->read_blocking(std::move(work));
    if (!dead) {
        print_error(dead.error().message());
        return exit_unavailable;
    }
    if (style.json)
        print_json(*dead);
    else
        print_table(*dead);
    return exit_ok;
}

int run_dlq_action(const config& settings, const dlq_action& what, const output_style& style)
{
    const auto opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    runs::run_request request;
    request.run_id = what.run_id;
    request.action = what.discard ? runs::run_action::discard : runs::run_action::replay;
    request.actor = "cli";
    request.comment = what.comment;
    request.from_step = what.from_step;
    auto work = [&request](store::transaction& tx) {
        return runs::act_on_run(tx, request, system_clock().now_ns());
    };
    const auto run = opened.database->write_blocking(std::move(work));
    if (!run) {
        print_error("'" + what.run_id + "': " + explain(run.error()));
        return exit_data;
    }
    if (!style.quiet)
        std::printf("%s is %s\n", run->id.c_str(), std::string(model::to_text(run->state)).c_str());
    return exit_ok;
}

}  // namespace reprise::app
