#include "commands.hpp"
#include "exit_code.hpp"
#include "minimise_command.hpp"
#include "mock_command.hpp"
#include "people_commands.hpp"
#include "replay_cli.hpp"
#include "settings.hpp"
#include "snapshot_command.hpp"
#include "worker_command.hpp"

#include "reprise/base/log.hpp"

#include <CLI/CLI.hpp>

#include <functional>

#include <sys/stat.h>

namespace {

using namespace reprise::app;

// What the command line said, and what is to be done about it.
struct invocation {
    settings from;
    output_style style;
    std::vector<std::string> paths;
    std::string service;
    std::string name;
    std::string roles = "viewer";
    std::string since;
    dlq_action dead_letter;
    bool is_service = false;
    token_options token;
    audit_options audit;
    worker_options worker;
    std::function<int()> run;
};

// Runs `command` with the configuration that file, environment and flags make.
int with_config(const invocation& call, const std::function<int(const config&)>& command)
{
    const auto loaded = load_config(call.from);
    if (const auto* wrong = std::get_if<config_error>(&loaded)) {
        print_error(wrong->text);
        return exit_usage;
    }
    return command(std::get<config>(loaded));
}

void add_output_flags(CLI::App& command, invocation& call)
{
    command.add_flag("--json", call.style.json, "Print JSON instead of text");
    command.add_flag("--quiet", call.style.quiet, "Print errors only");
}

void add_config_flags(CLI::App& command, invocation& call)
{
    command.add_option("--config", call.from.file, "Configuration file (YAML); ./reprise.yaml if it is there");
    for (const config_key& key : config_keys()) {
        command
            .add_option_function<std::string>(
                "--" + std::string(key.name),
                [&call, &key](const std::string& value) { call.from.flags[std::string(key.name)] = value; },
                std::string(key.help)
            )
            ->group("Configuration");
    }
}

CLI::App& add_command(CLI::App& parent, invocation& call, const char* name, const char* help, bool configured)
{
    CLI::App& command = *parent.add_subcommand(name, help);
    add_output_flags(command, call);
    if (configured)
        add_config_flags(command, call);
    return command;
}

void on_run(CLI::App& command, invocation& call, std::function<int(const config&)> work)
{
    command.callback([&call, work = std::move(work)] { call.run = [&call, work] { return with_config(call, work); }; });
}

void add_main_commands(CLI::App& app, invocation& call)
{
    auto& serve = add_command(app, call, "serve", "Take telemetry, find regressions, prove them", true);
    on_run(serve, call, [&call](const config& made) { return run_serve(made, call.style); });

    auto& analyze = add_command(app, call, "analyze", "Run the detector on files; exit 3 when it finds any", true);
    analyze.add_option("path", call.paths, "Files and directories: RRPair (.json, .md), HAR, OTLP-JSON lines, mixed")
        ->required();
    analyze.add_option("--service", call.service, "Service of records that name none, as HAR does");
    on_run(analyze, call, [&call](const config& made) {
        return run_analyze(made, call.paths, call.service, call.style);
    });

    auto& doctor = add_command(app, call, "doctor", "Check what the server needs: disk, ports, database, people", true);
    on_run(doctor, call, [&call](const config& made) { return run_doctor(made, call.style); });
}

void add_worker_command(CLI::App& app, invocation& call)
{
    auto& worker = add_command(app, call, "worker", "Replay for a server elsewhere", true);
    worker.add_option("--server", call.worker.server, "Its workers.listen, like https://reprise.internal:4381")
        ->required();
    worker.add_option("--token-file", call.worker.token_file, "File with a token of its workers.tokens_file");
    worker.add_option("--ca-file", call.worker.ca_file, "PEM certificates to believe instead of the system's");
    worker.add_option("--name", call.worker.name, "Unique among the server's workers; default: host and process");
    worker.add_option("--parallel", call.worker.parallel, "Replays at once")
        ->check(CLI::Range(1, 64))->capture_default_str();
    on_run(worker, call, [&call](const config& made) { return run_worker(made, call.worker, call.style); });
}

void add_config_commands(CLI::App& app, invocation& call)
{
    auto& parent = *app.add_subcommand("config", "Look at the configuration");
    parent.require_subcommand(1);
    auto& check = add_command(parent, call, "check", "Say whether the configuration is good", true);
    on_run(check, call, [&call](const config& made) { return run_config_check(made, call.style); });
    auto& show = add_command(parent, call, "show", "Print every key with its value", true);
    on_run(show, call, [&call](const config& made) { return run_config_show(made, call.style); });
    auto& docs = *parent.add_subcommand("docs", "Print docs/configuration.md");
    docs.callback([&call] { call.run = [] { return run_config_docs(); }; });
}

void add_dlq_commands(CLI::App& admin, invocation& call)
{
    auto& dlq = *admin.add_subcommand("dlq", "Runs that failed in every attempt");
    dlq.require_subcommand(1);
    auto& list = add_command(dlq, call, "list", "List them, newest first", true);
    on_run(list, call, [&call](const config& made) { return run_dlq_list(made, call.style); });
    auto& replay = add_command(dlq, call, "replay", "Back to the queue, with all attempts", true);
    replay.add_option("run", call.dead_letter.run_id, "Id of the run")->required();
    replay.add_option("--from-step", call.dead_letter.from_step, "Do this step again and those after it");
    auto& discard = add_command(dlq, call, "discard", "Put away for good", true);
    discard.add_option("run", call.dead_letter.run_id, "Id of the run")->required();
    for (CLI::App* one : {&replay, &discard})
        one->add_option("--comment", call.dead_letter.comment, "Why; kept in the audit");
    on_run(replay, call, [&call](const config& made) { return run_dlq_action(made, call.dead_letter, call.style); });
    on_run(discard, call, [&call](const config& made) {
        dlq_action what = call.dead_letter;
        what.discard = true;
        return run_dlq_action(made, what, call.style);
    });
}

void add_token_commands(CLI::App& admin, invocation& call)
{
    auto& token = *admin.add_subcommand("token", "API tokens of people and service accounts");
    token.require_subcommand(1);
    auto& create = add_command(token, call, "create", "Make a token and print it, this once", true);
    create.add_option("person", call.token.person, "Name of the person or service account")->required();
    create.add_option("--name", call.token.name, "What the token is for")->required();
    create.add_option("--scopes", call.token.scopes, "Comma-separated: runs:read, runs:write, ...")->required();
    create.add_option("--days", call.token.days, "How long it works, 1 to 365");
    create.add_option("--network", call.token.networks, "Where it works from, like 10.0.0.0/8; may be repeated");
    on_run(create, call, [&call](const config& made) { return run_token_create(made, call.token, call.style); });
    auto& list = add_command(token, call, "list", "List all tokens", true);
    on_run(list, call, [&call](const config& made) { return run_token_list(made, call.style); });
    auto& revoke = add_command(token, call, "revoke", "Make a token useless at once", true);
    revoke.add_option("id", call.token.id, "Id of the token")->required();
    on_run(revoke, call, [&call](const config& made) { return run_token_revoke(made, call.token, call.style); });
}

void add_audit_commands(CLI::App& admin, invocation& call)
{
    auto& audit = *admin.add_subcommand("audit", "Who did what");
    audit.require_subcommand(1);
    auto& verify = add_command(audit, call, "verify", "Check every row; exit 65 when one is not as written", true);
    verify.add_option("--checkpoints", call.audit.checkpoints, "Checkpoints kept elsewhere, one a line");
    verify.add_option("--public-key", call.audit.public_keys, "File of public keys to believe, too; may be repeated");
    on_run(verify, call, [&call](const config& made) { return run_audit_verify(made, call.audit, call.style); });
    auto& to_file = add_command(audit, call, "export", "Write all rows as JSON lines; audited itself", true);
    to_file.add_option("--out", call.audit.out, "File to make; stdout without it");
    on_run(to_file, call, [&call](const config& made) { return run_audit_export(made, call.audit, call.style); });
}

void add_admin_commands(CLI::App& app, invocation& call)
{
    auto& admin = *app.add_subcommand("admin", "Look after the data directory of a stopped server");
    admin.require_subcommand(1);
    auto& user = *admin.add_subcommand("user", "People and their sign-in links");
    user.require_subcommand(1);
    auto& list = add_command(user, call, "list", "List people", true);
    on_run(list, call, [&call](const config& made) { return run_user_list(made, call.style); });
    auto& add = add_command(user, call, "add", "Add a person and print a one-time sign-in link", true);
    add.add_option("name", call.name, "Name of the person")->required();
    add.add_option("--roles", call.roles, "Comma-separated: viewer, operator, approver, admin");
    add.add_flag("--service", call.is_service, "An account for programs: API tokens only, no link, never an approver");
    on_run(add, call, [&call](const config& made) {
        return call.is_service ? run_service_add(made, call.name, call.roles, call.style)
                               : run_user_add(made, call.name, call.roles, call.style);
    });
    auto& link = add_command(user, call, "link", "Print a new one-time sign-in link", true);
    link.add_option("name", call.name, "Name of the person")->required();
    on_run(link, call, [&call](const config& made) { return run_user_link(made, call.name, call.style); });
    add_dlq_commands(admin, call);
    add_token_commands(admin, call);
    add_audit_commands(admin, call);
    auto& evidence = *admin.add_subcommand("evidence", "Captured exchanges, wherever they are kept");
    evidence.require_subcommand(1);
    auto& verify =
        add_command(evidence, call, "verify", "Read and compare every bundle; exit 3 when one is wrong", true);
    on_run(verify, call, [&call](const config& made) { return run_evidence_verify(made, call.style); });
}

void add_preferences_commands(CLI::App& app, invocation& call)
{
    auto& parent = *app.add_subcommand("preferences", "What people rejected, and what they approved instead");
    parent.require_subcommand(1);
    auto& print = add_command(parent, call, "export", "Print all records of a stopped server as JSON lines", true);
    print.add_option("--since", call.since, "Only records from this time on: 2026-11-26T00:00:00Z");
    on_run(print, call, [&call](const config& made) { return run_preferences_export(made, call.since, call.style); });
}

}  // namespace

int main(int argc, char** argv)
{
    // Captured traffic is nobody else's business, whatever file it ends up in.
    ::umask(S_IRWXG | S_IRWXO);
    CLI::App app("Catches regressions in captured traffic, proves them by replay, hands a human a ticket.", "reprise");
    app.set_version_flag("--version", version_text);
    app.require_subcommand(1);
    invocation call;
    add_main_commands(app, call);
    add_worker_command(app, call);
    add_replay_command(app, {call.style, call.run});
    add_measure_command(app, {call.style, call.run});
    add_mock_command(app, {call.style, call.run});
    add_minimise_command(app, call.style, call.run);
    add_snapshot_commands(app, {call.style, call.run});
    add_config_commands(app, call);
    add_admin_commands(app, call);
    add_preferences_commands(app, call);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        if (wrong.get_exit_code() == 0)
            return app.exit(wrong);  // --help, --version.
        print_error(std::string(wrong.what()) + " (try --help)");
        return exit_usage;
    }
    try {
        return call.run();
    } catch (const std::exception&) {
        reprise::log_exception("reprise", std::current_exception());
        print_error("an internal error; please report it with the line above");
        return exit_bug;
    }
}
