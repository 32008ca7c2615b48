#include "running_server.hpp"

#include "limits_of.hpp"
#include "settings.hpp"
#include "web_assets.hpp"

#include "reprise/base/log.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/http/api.hpp"
#include "reprise/http/sign_in.hpp"
#include "reprise/ingest/door.hpp"
#include "reprise/ingest/otlp_routes.hpp"
#include "reprise/live/hub.hpp"
#include "reprise/net/client.hpp"
#include "reprise/net/server.hpp"
#include "reprise/pipeline/committer.hpp"
#include "reprise/pipeline/stream.hpp"
#include "reprise/pipeline/trial_sink.hpp"
#include "reprise/rpc/otlp_server.hpp"
#include "reprise/runs/worker.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/replay_marks.hpp"
#include "reprise/store/services.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <filesystem>
#include <thread>

namespace reprise::app {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t blocking_threads = 2;
constexpr auto drain_limit = 10s;
constexpr std::int64_t marks_kept_ns = 24LL * 3600 * ns_per_s;
constexpr std::size_t marks_max = 10'000;
constexpr std::size_t services_loaded_max = 10'000;
constexpr std::size_t people_looked_at = 1000;

std::size_t io_threads(const config& settings)
{
    if (settings.threads > 0)
        return static_cast<std::size_t>(settings.threads);
    return std::max<std::size_t>(std::thread::hardware_concurrency(), 2);
}

std::int64_t to_ns(milliseconds value)
{
    return value.count() * ns_per_ms;
}

pipeline::stream_config stream_config_of(const config& settings)
{
    pipeline::stream_config made;
    made.limits = stream_limits_of(settings);
    made.shards = io_threads(settings);
    made.inflight_bytes_max = static_cast<std::size_t>(settings.inflight_bytes_max);
    return made;
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
    policy.trial.trials_to_reproduce = std::max(1U, policy.trial.trials * 4 / 5);
    policy.trial.requests_per_arm = static_cast<std::uint32_t>(settings.replay_requests);
    policy.trial.request_limit = settings.replay_timeout;
    policy.trial.trace_limit = settings.replay_settle;
    policy.data_dir = settings.data_dir;
    for (const std::string& text : settings.replay_targets) {
        const auto target = replay::parse_target(text);
        if (!target)
            return config_error{"replay.targets: '" + text + "': " + target.error().reason};
        policy.targets.push_back(*target);
    }
    return policy;
}

net::server_config listener_config(const char* name, const endpoint& at)
{
    net::server_config made;
    made.name = name;
    made.address = at.host;
    made.port = at.port;
    return made;
}

config_result<net::target_guard> guard_of(const config& settings)
{
    auto guard = net::target_guard::parse(settings.replay_targets, {});
    if (!guard)
        return config_error{"replay.targets: " + guard.error().message()};
    return std::move(*guard);
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
    runs::run_policy policy;
    pipeline::trial_sink trials;
    live::hub hub;
    std::unique_ptr<net::http_client> replay_client;
    std::unique_ptr<pipeline::committer> committer;
    std::unique_ptr<pipeline::stream> stream;
    std::unique_ptr<runs::worker> worker;
    std::unique_ptr<ingest::door> door;
    std::unique_ptr<http::api> api;
    net::router api_routes;
    net::router otlp_routes;
    std::unique_ptr<net::server> api_server;
    std::unique_ptr<net::server> otlp_http;
    std::unique_ptr<rpc::otlp_server> otlp_grpc;
    std::unique_ptr<task_group> intake_tasks;   // The window clock.
    std::unique_ptr<task_group> commit_tasks;
    std::unique_ptr<task_group> run_tasks;
    std::unique_ptr<task_group> api_tasks;
    bool stopped = false;

    std::optional<config_error> open_store();
    std::optional<config_error> build_stream();
    std::optional<config_error> restore();
    std::optional<config_error> listen();
    std::optional<config_error> listen_grpc();
    void build_api();
    void start_tasks();
    http::intake_figures intake_figures() const;
    bool drain(task_group& group, const char* name);
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
    std::string problem;
    auto opened = store::database::open(std::move(options), &problem);
    if (!opened)
        return config_error{problem.empty() ? opened.error().message() : problem};
    database = std::move(*opened);
    return std::nullopt;
}

std::optional<config_error> running_server::parts::build_stream()
{
    auto redaction_key = load_or_make_key(settings.data_dir, "redaction.key");
    if (auto* wrong = std::get_if<config_error>(&redaction_key))
        return std::move(*wrong);
    pipeline::committer_config made;
    made.data_dir = settings.data_dir;
    made.redaction_key = std::get<std::string>(redaction_key);
    made.producer = std::string("reprise ") + REPRISE_VERSION;
    made.policy.reproduce_attempts_max = policy.timing.reproduce.attempts_max;
    committer = std::make_unique<pipeline::committer>(
        io->get_executor(), blocking.get_executor(), *database, time, numbers, std::move(made)
    );
    auto sink = [this](std::vector<pipeline::closed_window> closed) { committer->submit(std::move(closed)); };
    stream = std::make_unique<pipeline::stream>(
        io->get_executor(), stream_config_of(settings), time, trials, numbers, std::move(sink), committer->backlog()
    );
    ingest::door_config door_settings;
    door_settings.body_bytes_max = static_cast<std::size_t>(settings.request_bytes_max);
    door = std::make_unique<ingest::door>(door_settings, *stream, numbers);
    return restore();
}

// What the last process knew: baselines, and the marks of replays whose spans may still come.
std::optional<config_error> running_server::parts::restore()
{
    auto load = [this](const store::reader& from) -> result<std::size_t> {
        const auto services = store::list_services(from, "", services_loaded_max);
        if (!services)
            return services.error();
        for (const model::service& service : *services) {
            const auto baselines =
                store::load_baselines(from, service.name, static_cast<std::size_t>(settings.operations_max));
            if (!baselines)
                return baselines.error();
            for (const store::baseline& one : *baselines) {
                const auto operation = store::find_operation(from, one.operation);
                if (operation && *operation)
                    stream->restore_baseline(**operation, one.state);
            }
        }
        const auto marks = store::list_replay_marks(from, time.now_ns() - marks_kept_ns, marks_max);
        if (!marks)
            return marks.error();
        for (const store::replay_mark& one : *marks)
            trials.mark(one.mark);
        return services->size();
    };
    const auto loaded = database->read_blocking(std::move(load));
    if (!loaded)
        return config_error{database_path(settings) + ": cannot be read: " + loaded.error().message()};
    return std::nullopt;
}

std::optional<config_error> running_server::parts::listen()
{
    const auto api_at = parse_endpoint(settings.listen);
    const auto otlp_at = parse_endpoint(settings.otlp_http);
    const bool is_https = settings.public_url.starts_with("https://");
    auto api_config = listener_config("api", *api_at);
    api_config.headers = http::security_headers(is_https);
    api_server = std::make_unique<net::server>(io->get_executor(), api_config, api_routes, time, numbers);
    otlp_http = std::make_unique<net::server>(
        io->get_executor(), listener_config("otlp", *otlp_at), otlp_routes, time, numbers
    );
    if (auto bound = api_server->listen(); !bound)
        return config_error{"server.listen = " + settings.listen + ": " + bound.error().message()};
    if (auto bound = otlp_http->listen(); !bound)
        return config_error{"intake.otlp_http = " + settings.otlp_http + ": " + bound.error().message()};
    if (auto wrong = listen_grpc())
        return wrong;
    addresses.api_port = api_server->port();
    addresses.otlp_http_port = otlp_http->port();
    const std::string host = api_at->host.find(':') == std::string::npos ? api_at->host : "[" + api_at->host + "]";
    addresses.public_url = settings.public_url.empty()
                               ? "http://" + host + ":" + std::to_string(addresses.api_port)
                               : settings.public_url;
    policy.public_url = addresses.public_url;
    return std::nullopt;
}

std::optional<config_error> running_server::parts::listen_grpc()
{
    rpc::otlp_server_config made;
    made.listen = settings.otlp_grpc.starts_with("localhost:") ? "127.0.0.1" + settings.otlp_grpc.substr(9)
                                                               : settings.otlp_grpc;
    made.message_bytes_max = static_cast<std::size_t>(settings.request_bytes_max);
    auto handle = [this](std::string_view path, std::string&& bytes) {
        ingest::export_request request;
        request.signal = path == rpc::logs_export_path ? ingest::otlp_signal::logs : ingest::otlp_signal::traces;
        request.body = std::move(bytes);
        auto answered = door->accept(std::move(request));
        rpc::export_answer answer;
        answer.code = answered.grpc_code;
        answer.message = std::move(answered.message);
        answer.body = std::move(answered.body);
        return answer;
    };
    auto started = rpc::otlp_server::start(std::move(made), std::move(handle), numbers);
    if (!started)
        return config_error{"intake.otlp_grpc = " + settings.otlp_grpc + ": " + started.error().message()};
    otlp_grpc = std::move(*started);
    addresses.otlp_grpc_port = otlp_grpc->port();
    return std::nullopt;
}

http::intake_figures running_server::parts::intake_figures() const
{
    http::intake_figures figures;
    figures.records = stream->records();
    if (stream->last_record_ns() > 0)
        figures.last_record_ns = stream->last_record_ns();
    return figures;
}

void running_server::parts::build_api()
{
    http::api_config made;
    made.public_url = addresses.public_url;
    made.server_version = REPRISE_VERSION;
    made.data_dir = settings.data_dir;
    made.otlp_grpc = parse_endpoint(settings.otlp_grpc)->host + ":" + std::to_string(addresses.otlp_grpc_port);
    made.otlp_http = parse_endpoint(settings.otlp_http)->host + ":" + std::to_string(addresses.otlp_http_port);
    made.window_ns = to_ns(settings.window_length);
    made.detection = stream_limits_of(settings).detection;
    made.approvals = policy.approval;
    made.replay_targets = policy.targets;
    http::api_parts given{
        *database, hub, time, numbers, blocking.get_executor(), web_assets(), [this] { return intake_figures(); }};
    api = std::make_unique<http::api>(std::move(made), std::move(given));
    api->add_routes(api_routes);
    ingest::add_otlp_routes(otlp_routes, *door, blocking.get_executor());
}

void running_server::parts::start_tasks()
{
    const auto pool = io->get_executor();
    const runs::worker_parts needs{
        *database, time, trials, *replay_client, blocking.get_executor(), numbers, policy};
    worker = std::make_unique<runs::worker>(needs);
    intake_tasks = std::make_unique<task_group>(pool);
    commit_tasks = std::make_unique<task_group>(pool);
    run_tasks = std::make_unique<task_group>(pool);
    api_tasks = std::make_unique<task_group>(pool);

    api_tasks->spawn("publisher", api->run_publisher());
    api_tasks->spawn("upkeep", api->run_upkeep());
    commit_tasks->spawn("committer", committer->run_committer());
    intake_tasks->spawn("window clock", stream->run_clock());
    for (std::int64_t i = 0; i < settings.run_workers; ++i)
        run_tasks->spawn("worker", worker->run_worker("embedded-" + std::to_string(i)));
    run_tasks->spawn("sweeper", worker->run_sweeper());
    api_server->start();
    otlp_http->start();
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
    auto guard = guard_of(settings);
    if (auto* wrong = std::get_if<config_error>(&guard))
        return std::move(*wrong);
    made->replay_client =
        std::make_unique<net::http_client>(std::move(std::get<net::target_guard>(guard)), net::client_limits());

    made->io = std::make_unique<asio::thread_pool>(io_threads(settings));
    std::unique_ptr<running_server> server(new running_server(std::move(made)));
    parts& all = *server->parts_;
    if (auto wrong = all.open_store())
        return std::move(*wrong);
    if (auto wrong = all.build_stream())
        return std::move(*wrong);
    if (auto wrong = all.listen())
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
    if (parts_->policy.targets.empty())
        warnings.push_back("replay.targets is empty: nothing will be reproduced until a target is listed there");
    if (web_assets().empty())
        warnings.push_back("built without the dashboard; scripts/lib/build.sh builds both");
    return warnings;
}

bool running_server::parts::drain(task_group& group, const char* name)
{
    const bool drained = asio::co_spawn(*io, group.drain(drain_limit), asio::use_future).get();
    if (!drained)
        log_warn("stop", std::string(name) + " did not end in time");
    return drained;
}

void running_server::stop()
{
    parts& all = *parts_;
    if (all.stopped)
        return;
    all.stopped = true;
    if (all.otlp_grpc)
        all.otlp_grpc->stop(std::chrono::duration_cast<milliseconds>(drain_limit));
    for (const auto* server : {&all.otlp_http, &all.api_server}) {
        if (*server) {
            (*server)->stop();
            if (!asio::co_spawn(*all.io, (*server)->drain(drain_limit), asio::use_future).get())
                (*server)->stop();
        }
    }
    if (all.intake_tasks) {
        all.intake_tasks->stop();
        all.drain(*all.intake_tasks, "the window clock");
        asio::co_spawn(*all.io, all.stream->flush(), asio::use_future).get();
        all.committer->finish();
        all.drain(*all.commit_tasks, "the committer");
        all.commit_tasks->stop();
        all.drain(*all.commit_tasks, "the committer");
        all.run_tasks->stop();
        all.drain(*all.run_tasks, "the runs");
        all.hub.close();
        all.api_tasks->stop();
        all.drain(*all.api_tasks, "the publisher");
    }
    if (all.database)
        all.database->set_commit_listener({});
    if (all.io)
        all.io->join();
    all.blocking.join();
}

}  // namespace reprise::app
