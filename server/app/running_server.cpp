#include "running_server.hpp"

#include "alarm_parts.hpp"
#include "archive_parts.hpp"
#include "auth_parts.hpp"
#include "drain.hpp"
#include "forge_parts.hpp"
#include "hook_intake.hpp"
#include "hook_settings.hpp"
#include "integration_names.hpp"
#include "limits_of.hpp"
#include "listener.hpp"
#include "listener_secrets.hpp"
#include "notice_parts.hpp"
#include "otlp_intake.hpp"
#include "overview_figures.hpp"
#include "redaction.hpp"
#include "replay_allowed.hpp"
#include "settings.hpp"
#include "web_assets.hpp"
#include "worker_listener.hpp"

#include "reprise/base/log.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/http/api.hpp"
#include "reprise/http/sign_in.hpp"
#include "reprise/live/hub.hpp"
#include "reprise/net/client.hpp"
#include "reprise/net/server.hpp"
#include "reprise/pipeline/detection_book.hpp"
#include "reprise/pipeline/trial_sink.hpp"
#include "reprise/runs/dispatch.hpp"
#include "reprise/runs/queued_reminders.hpp"
#include "reprise/runs/worker.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"

#include <boost/asio/thread_pool.hpp>

#include <filesystem>

namespace reprise::app {

namespace asio = boost::asio;

namespace {

constexpr std::size_t blocking_threads = 2;
constexpr std::size_t people_looked_at = 1000;

std::int64_t to_ns(milliseconds value)
{
    return value.count() * ns_per_ms;
}

lifecycle::approval_policy approval_policy_of(const config& settings)
{
    lifecycle::approval_policy policy;
    const auto from = model::find_risk(settings.approval_from_risk).value_or(model::risk::high);
    if (from == model::risk::low)
        policy.passes_up_to = std::nullopt;
    else
        policy.passes_up_to = from == model::risk::medium ? model::risk::low : model::risk::medium;
    policy.pending_ns = to_ns(settings.approval_high_expires);
    policy.pending_critical_ns = to_ns(settings.approval_critical_expires);
    policy.approvals_critical = static_cast<std::uint32_t>(settings.approval_critical_approvers);
    policy.execute_within_ns = to_ns(settings.approval_execute_within);
    policy.reauthenticate_within_ns = to_ns(settings.approval_fresh_sign_in);
    return policy;
}

config_result<runs::run_policy> run_policy_of(const config& settings)
{
    runs::run_policy policy;
    policy.timing.lease_ns = to_ns(settings.run_lease);
    policy.timing.heartbeat_ns = to_ns(settings.run_lease) / 3;
    policy.timing.reproduce.delay_first_ns = to_ns(settings.run_retry_delay);
    policy.approval = approval_policy_of(settings);
    policy.trial.trials = static_cast<std::uint32_t>(settings.replay_trials);
    const auto wanted = static_cast<std::uint32_t>(settings.replay_trials_to_reproduce);
    policy.trial.trials_to_reproduce = wanted == 0 ? policy.trial.trials : std::min(wanted, policy.trial.trials);
    policy.trial.requests_per_arm = static_cast<std::uint32_t>(settings.replay_requests);
    policy.trial.request_limit = settings.replay_timeout;
    policy.trial.trace_limit = settings.replay_settle;
    policy.replay_here = settings.workers_replay_here == "yes";
    policy.data_dir = settings.data_dir;
    policy.branch_prefix = settings.forge_branch_prefix;
    auto targets = replay_targets_of(settings);
    if (auto* wrong = std::get_if<config_error>(&targets))
        return std::move(*wrong);
    policy.targets = std::move(std::get<std::vector<replay::target>>(targets));
    return policy;
}

}  // namespace

// Declared in the order of building; destroyed in the opposite one.
struct running_server::parts {
    parts(const config& settings_in, const clock& time_in) : settings(settings_in), time(time_in) {}

    config settings;
    const clock& time;
    server_addresses addresses;
    metrics numbers;
    asio::thread_pool blocking{blocking_threads};
    std::unique_ptr<asio::thread_pool> io;
    std::unique_ptr<store::database> database;
    archive_parts archive;
    std::unique_ptr<forge::tracker_set> trackers;
    notice_senders notices;
    runs::queued_reminders reminders;
    runs::run_policy policy;
    pipeline::trial_sink trials;
    pipeline::detection_book detection;
    live::hub hub;
    std::unique_ptr<net::http_client> replay_client;
    std::unique_ptr<net::http_client> oidc_client;
    http::oidc_config oidc;
    http::audit_config audit;
    std::unique_ptr<otlp_intake> intake;
    std::string link_key;
    std::unique_ptr<hook_intake> hooks;
    std::unique_ptr<runs::worker> worker;
    pipeline::alarm_policy alarm_policy;
    std::unique_ptr<alarm_parts> alarms;
    std::unique_ptr<runs::local_dispatch> dispatch;
    std::unique_ptr<worker_listener> workers;
    std::unique_ptr<runs::deliverer> deliverer;
    std::unique_ptr<http::api> api;
    net::router api_routes;
    std::unique_ptr<net::server> api_server;
    std::unique_ptr<task_group> archive_tasks;
    std::unique_ptr<task_group> run_tasks;
    std::unique_ptr<task_group> notice_tasks;
    std::unique_ptr<task_group> api_tasks;
    std::unique_ptr<task_group> alarm_tasks;
    bool stopped = false;

    std::optional<config_error> open_store();
    std::optional<config_error> load_auth();
    std::optional<config_error> build_archive();
    std::optional<config_error> build_trackers();
    std::optional<config_error> build_notices();
    std::optional<config_error> build_intake();
    std::optional<config_error> build_alarms();
    std::optional<config_error> build_hooks();
    std::optional<config_error> listen();
    std::optional<config_error> build_workers();
    void build_api();
    void start_tasks();
};

std::optional<config_error> running_server::parts::open_store()
{
    std::error_code ec;
    std::filesystem::create_directories(settings.data_dir, ec);
    if (ec)
        return config_error{"server.data_dir = '" + settings.data_dir + "' cannot be made: " + ec.message()};
    auto audit_key = load_or_make_key(settings.data_dir, "audit.key");
    if (auto* wrong = std::get_if<config_error>(&audit_key))
        return std::move(*wrong);
    store::database_options options;
    options.path = database_path(settings);
    options.audit_key = std::get<std::string>(audit_key);
    auto links = load_or_make_key(settings.data_dir, link_key_name);
    if (auto* wrong = std::get_if<config_error>(&links))
        return std::move(*wrong);
    link_key = std::move(std::get<std::string>(links));
    std::string problem;
    auto opened = store::database::open(std::move(options), &problem);
    if (!opened)
        return config_error{problem.empty() ? opened.error().message() : problem};
    database = std::move(*opened);
    return std::nullopt;
}

std::optional<config_error> running_server::parts::load_auth()
{
    auto made = oidc_config_of(settings);
    if (auto* wrong = std::get_if<config_error>(&made))
        return std::move(*wrong);
    oidc = std::get<http::oidc_config>(std::move(made));
    auto client = make_oidc_client(settings);
    if (auto* wrong = std::get_if<config_error>(&client))
        return std::move(*wrong);
    oidc_client = std::get<std::unique_ptr<net::http_client>>(std::move(client));
    auto keys = load_audit_config(settings);
    if (auto* wrong = std::get_if<config_error>(&keys))
        return std::move(*wrong);
    audit = std::get<http::audit_config>(std::move(keys));
    return std::nullopt;
}

std::optional<config_error> running_server::parts::build_archive()
{
    auto made = make_archive(settings, blocking.get_executor(), time, numbers);
    if (auto* wrong = std::get_if<config_error>(&made))
        return std::move(*wrong);
    archive = std::move(std::get<archive_parts>(made));
    archive.archivist = std::make_unique<pipeline::archivist>(
        *database, *archive.local, archive.remote.get(), time, numbers, archivist_config_of(settings)
    );
    return std::nullopt;
}

std::optional<config_error> running_server::parts::build_trackers()
{
    auto made = make_trackers(settings, blocking.get_executor(), time, numbers);
    if (auto* wrong = std::get_if<config_error>(&made))
        return std::move(*wrong);
    trackers = std::get<std::unique_ptr<forge::tracker_set>>(std::move(made));
    return std::nullopt;
}

std::optional<config_error> running_server::parts::build_notices()
{
    auto made = make_notice_senders(settings, time, numbers);
    if (auto* wrong = std::get_if<config_error>(&made))
        return std::move(*wrong);
    notices = std::move(std::get<notice_senders>(made));
    auto set = [this](store::transaction& tx) { return set_slack(tx, settings, time.now_ns()); };
    const auto done = database->write_blocking(std::move(set));
    if (!done)
        return config_error{"the queue for Slack cannot be set up: " + done.error().message()};
    return std::nullopt;
}

std::optional<config_error> running_server::parts::build_intake()
{
    intake_needs needs{
        settings, time, io->get_executor(), blocking.get_executor(), *database, trials, detection,
        numbers, policy.timing.reproduce.attempts_max};
    intake = std::make_unique<otlp_intake>(std::move(needs));
    return intake->build();
}

std::optional<config_error> running_server::parts::build_alarms()
{
    auto made = load_alarm_policy(settings);
    if (auto* wrong = std::get_if<config_error>(&made))
        return std::move(*wrong);
    alarm_policy = std::get<pipeline::alarm_policy>(std::move(made));
    alarm_policy.reproduce_attempts_max = policy.timing.reproduce.attempts_max;
    alarm_policy.breakers = breaker_limits_of(settings);
    auto sources = load_poll_sources(settings);
    if (auto* wrong = std::get_if<config_error>(&sources))
        return std::move(*wrong);
    alarms = std::make_unique<alarm_parts>(*database, time, numbers, alarm_policy);
    return alarms->add_sources(std::get<std::vector<ingest::poll_source_text>>(std::move(sources)));
}

std::optional<config_error> running_server::parts::build_hooks()
{
    hook_needs needs{settings, time, blocking.get_executor(), *database, numbers, alarm_policy};
    hooks = std::make_unique<hook_intake>(std::move(needs));
    return hooks->build();
}

std::optional<config_error> running_server::parts::listen()
{
    const auto api_at = parse_endpoint(settings.listen);
    auto tls = load_api_tls(settings);
    if (auto* wrong = std::get_if<config_error>(&tls))
        return std::move(*wrong);
    auto api_config = listener_config("api", *api_at);
    api_config.tls = std::move(std::get<std::shared_ptr<net::tls_context>>(tls));
    const std::string scheme = api_config.tls ? "https://" : "http://";
    const bool is_https = api_config.tls || settings.public_url.starts_with("https://");
    api_config.headers = http::security_headers(is_https);
    api_server = std::make_unique<net::server>(io->get_executor(), api_config, api_routes, time, numbers);
    if (auto bound = api_server->listen(); !bound)
        return config_error{"server.listen = " + settings.listen + ": " + bound.error().message()};
    if (auto wrong = intake->listen())
        return wrong;
    addresses.api_port = api_server->port();
    addresses.otlp_http_port = intake->http_port();
    addresses.otlp_grpc_port = intake->grpc_port();
    const std::string host = api_at->host.find(':') == std::string::npos ? api_at->host : "[" + api_at->host + "]";
    addresses.public_url = settings.public_url.empty()
                               ? scheme + host + ":" + std::to_string(addresses.api_port)
                               : settings.public_url;
    policy.public_url = addresses.public_url;
    return std::nullopt;
}

// After listen(): what runs write links to the public address.
std::optional<config_error> running_server::parts::build_workers()
{
    auto redaction_key = load_or_make_key(settings.data_dir, redaction_key_name);
    if (auto* wrong = std::get_if<config_error>(&redaction_key))
        return std::move(*wrong);
    auto rules = redaction_rules_of(settings);
    if (auto* wrong = std::get_if<config_error>(&rules))
        return std::move(*wrong);
    policy.redaction.key = std::get<std::string>(std::move(redaction_key));
    policy.redaction.rules = std::get<telemetry::redaction_rules>(std::move(rules));
    const runs::worker_parts needs{
        *database, *archive.reader, time, trials, *replay_client, blocking.get_executor(), numbers, policy,
        *trackers, &reminders};
    worker = std::make_unique<runs::worker>(needs);
    dispatch = std::make_unique<runs::local_dispatch>(needs);
    auto listening = worker_listener::start(settings, io->get_executor(), *dispatch, numbers);
    if (auto* wrong = std::get_if<config_error>(&listening))
        return std::move(*wrong);
    workers = std::move(std::get<std::unique_ptr<worker_listener>>(listening));
    if (workers)
        addresses.workers_port = workers->port();
    return std::nullopt;
}

void running_server::parts::build_api()
{
    http::api_config made;
    made.public_url = addresses.public_url;
    made.server_version = REPRISE_VERSION;
    made.otlp_grpc = parse_endpoint(settings.otlp_grpc)->host + ":" + std::to_string(addresses.otlp_grpc_port);
    made.otlp_http = parse_endpoint(settings.otlp_http)->host + ":" + std::to_string(addresses.otlp_http_port);
    made.window_ns = to_ns(settings.window_length);
    made.detection = stream_limits_of(settings).detection;
    made.approvals = policy.approval;
    made.link_key = link_key;
    made.takes_target = [this](std::string_view target) { return trackers->takes(target); };
    made.integrations = integrations_of(*trackers, *alarms, *hooks);
    made.alarms = alarm_policy;
    made.replay_targets = policy.targets;
    made.passwords = settings.auth_passwords == "on";
    made.oidc = oidc;
    made.audit = audit;
    http::api_parts given{
        *database, *archive.reader, hub, time, numbers, blocking.get_executor(), web_assets(),
        [this] { return count_intake(*intake); }, [this] { return intake->healthy(); }};
    given.notices = &reminders;
    given.detection = &detection;
    given.oidc_client = oidc_client.get();
    given.proves_itself = hook_intake::takes_path;
    given.outside = http_parts_of(notices);
    given.outside.trackers = trackers.get();
    given.storage = measure_storage(settings, *database, numbers);
    api = std::make_unique<http::api>(std::move(made), std::move(given));
    api->add_routes(api_routes);
    hooks->add_routes(api_routes);
}

void running_server::parts::start_tasks()
{
    const auto pool = io->get_executor();
    archive_tasks = std::make_unique<task_group>(pool);
    run_tasks = std::make_unique<task_group>(pool);
    notice_tasks = std::make_unique<task_group>(pool);
    api_tasks = std::make_unique<task_group>(pool);
    alarm_tasks = std::make_unique<task_group>(pool);
    const runs::deliverer_parts sending{
        *database, time, numbers, *notices.secrets, *notices.webhooks, notices.slack.get(), *notice_tasks};
    deliverer = std::make_unique<runs::deliverer>(sending, delivery_policy_of(settings, addresses.public_url));

    alarms->spawn(*alarm_tasks);
    hooks->start(*alarm_tasks);
    archive_tasks->spawn("archivist", archive.archivist->run_archivist());
    api_tasks->spawn("publisher", api->run_publisher());
    api_tasks->spawn("upkeep", api->run_upkeep());
    api_tasks->spawn("audit checkpoints", api->run_checkpoints());
    for (std::int64_t i = 0; i < settings.run_workers; ++i)
        run_tasks->spawn("worker", worker->run_worker("embedded-" + std::to_string(i)));
    run_tasks->spawn("sweeper", worker->run_sweeper());
    notice_tasks->spawn("deliveries", deliverer->run_deliveries());
    api_server->start();
    intake->start();
}

running_server::running_server(std::unique_ptr<parts> made) : parts_(std::move(made)) {}

running_server::~running_server()
{
    stop();
}

config_result<std::unique_ptr<running_server>> running_server::start(const config& settings, const clock& time)
{
    auto made = std::make_unique<parts>(settings, time);
    auto policy = run_policy_of(settings);
    if (auto* wrong = std::get_if<config_error>(&policy))
        return std::move(*wrong);
    made->policy = std::move(std::get<runs::run_policy>(policy));
    auto guard = replay_guard_of(settings);
    if (auto* wrong = std::get_if<config_error>(&guard))
        return std::move(*wrong);
    made->replay_client =
        std::make_unique<net::http_client>(std::move(std::get<net::target_guard>(guard)), net::client_limits());

    made->io = std::make_unique<asio::thread_pool>(io_threads(settings));
    std::unique_ptr<running_server> server(new running_server(std::move(made)));
    parts& all = *server->parts_;
    if (auto wrong = all.open_store())
        return std::move(*wrong);
    if (auto wrong = all.load_auth())
        return std::move(*wrong);
    if (auto wrong = all.build_archive())
        return std::move(*wrong);
    if (auto wrong = all.build_trackers())
        return std::move(*wrong);
    if (auto wrong = all.build_notices())
        return std::move(*wrong);
    if (auto wrong = all.build_intake())
        return std::move(*wrong);
    if (auto wrong = all.build_alarms())
        return std::move(*wrong);
    if (auto wrong = all.build_hooks())
        return std::move(*wrong);
    if (auto wrong = all.listen())
        return std::move(*wrong);
    if (auto wrong = all.build_workers())
        return std::move(*wrong);
    all.build_api();
    all.start_tasks();
    return server;
}

const server_addresses& running_server::addresses() const noexcept
{
    return parts_->addresses;
}

result<std::string> running_server::make_sign_in_link()
{
    http::link_request request;
    request.public_url = parts_->addresses.public_url;
    request.actor = "serve";
    request.now_ns = parts_->time.now_ns();
    auto work = [&request](store::transaction& tx) { return http::issue_first_link(tx, request); };
    auto link = parts_->database->write_blocking(std::move(work));
    if (!link)
        return link.error();
    return link->url;
}

std::vector<std::string> running_server::list_warnings()
{
    auto work = [](const store::reader& from) { return store::list_people(from, people_looked_at); };
    const auto people = parts_->database->read_blocking(std::move(work));
    if (!people)
        return {"people cannot be listed: " + people.error().message()};
    auto warnings = lifecycle::approvers_missing(*people, parts_->policy.approval);
    for (std::string& exposure : list_exposures(parts_->settings))
        warnings.push_back(std::move(exposure));
    for (std::string& exposure : list_hook_exposures(parts_->settings))
        warnings.push_back(std::move(exposure));
    if (auto exposure = find_archive_exposure(parts_->settings))
        warnings.push_back(std::move(*exposure));
    for (std::string& exposure : list_forge_exposures(parts_->settings))
        warnings.push_back(std::move(exposure));
    if (parts_->policy.targets.empty())
        warnings.push_back("replay.targets is empty: nothing will be reproduced until a target is listed there");
    if (web_assets().empty())
        warnings.push_back("built without the dashboard; scripts/lib/build.sh builds both");
    return warnings;
}

void running_server::stop()
{
    parts& all = *parts_;
    if (all.stopped)
        return;
    all.stopped = true;
    if (all.intake)
        all.intake->close_listeners();
    if (all.api_server)
        drain(all.io->get_executor(), *all.api_server);
    if (all.workers)
        all.workers->stop();
    if (all.intake)
        all.intake->finish();
    if (all.run_tasks) {
        all.alarm_tasks->stop();
        drain(all.io->get_executor(), *all.alarm_tasks, "the alarms");
        all.run_tasks->stop();
        drain(all.io->get_executor(), *all.run_tasks, "the runs");
        all.notice_tasks->stop();
        drain(all.io->get_executor(), *all.notice_tasks, "the notices");
        all.archive_tasks->stop();
        drain(all.io->get_executor(), *all.archive_tasks, "the uploads");
        all.hub.close();
        all.api_tasks->stop();
        drain(all.io->get_executor(), *all.api_tasks, "the publisher");
    }
    if (all.database)
        all.database->set_commit_listener({});
    if (all.io)
        all.io->join();
    all.blocking.join();
}

}  // namespace reprise::app
