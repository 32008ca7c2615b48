#include "otlp_intake.hpp"

#include "drain.hpp"
#include "limits_of.hpp"
#include "listener.hpp"
#include "listener_secrets.hpp"
#include "redaction.hpp"
#include "settings.hpp"
#include "trace_parts.hpp"

#include "reprise/base/log.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/ingest/door.hpp"
#include "reprise/ingest/otlp_routes.hpp"
#include "reprise/ingest/senders.hpp"
#include "reprise/net/router.hpp"
#include "reprise/net/server.hpp"
#include "reprise/pipeline/committer.hpp"
#include "reprise/pipeline/detection_book.hpp"
#include "reprise/pipeline/journal.hpp"
#include "reprise/pipeline/kept_intake.hpp"
#include "reprise/pipeline/stream.hpp"
#include "reprise/pipeline/trial_sink.hpp"
#include "reprise/rpc/grpc_server.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/detection_settings.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/replay_marks.hpp"
#include "reprise/store/services.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace reprise::app {
namespace {

namespace asio = boost::asio;

constexpr std::int64_t marks_kept_ns = 24LL * 3600 * ns_per_s;
constexpr std::size_t marks_max = 10'000;
constexpr std::size_t services_loaded_max = 10'000;
constexpr std::size_t replay_backlog_max = 256;  // Closed windows that wait while the journal is replayed.

pipeline::stream_config stream_config_of(
    const config& settings, const pipeline::detection_book& detection, std::int64_t now_ns
)
{
    pipeline::stream_config made;
    made.detection = &detection;
    made.limits = stream_limits_of(settings);
    made.limits.metrics_since_ns = now_ns;
    made.shards = io_threads(settings);
    made.inflight_bytes_max = static_cast<std::size_t>(settings.inflight_bytes_max);
    return made;
}

pipeline::journal_config journal_config_of(const config& settings)
{
    pipeline::journal_config made;
    if (settings.journal_fsync == "interval")
        made.sync = pipeline::sync_policy::interval;
    if (settings.journal_fsync == "never")
        made.sync = pipeline::sync_policy::never;
    made.sync_interval = settings.journal_interval;
    made.bytes_max = static_cast<std::uint64_t>(settings.journal_bytes_max);
    made.repeats_horizon_ns = settings.journal_duplicates.count() * ns_per_ms;
    return made;
}

// Until the windows have what was replayed and the store has most of what they closed.
asio::awaitable<void> wait_for_room(pipeline::stream& windows, const std::atomic<std::size_t>& backlog)
{
    constexpr std::chrono::milliseconds pause{5};
    co_await windows.drain();
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    while (backlog.load() > replay_backlog_max) {
        timer.expires_after(pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

ingest::otlp_signal signal_of(std::string_view grpc_path)
{
    if (grpc_path == rpc::logs_export_path)
        return ingest::otlp_signal::logs;
    return grpc_path == rpc::trace_export_path ? ingest::otlp_signal::traces : ingest::otlp_signal::metrics;
}

}  // namespace

// Declared in the order of building; destroyed in the opposite one.
struct otlp_intake::parts {
    explicit parts(intake_needs given) : needs(std::move(given)) {}
    // Whatever was not committed is let go below, and must not be taken for committed.
    ~parts()
    {
        if (journal)
            journal->stop();
    }

    intake_needs needs;
    std::unique_ptr<pipeline::journal> journal;
    std::unique_ptr<pipeline::committer> committer;
    std::unique_ptr<trace_parts> traces;  // Null: traces.assembly is off.
    std::unique_ptr<pipeline::stream> stream;
    std::unique_ptr<pipeline::kept_intake> intake;
    std::unique_ptr<ingest::door> door;
    std::unique_ptr<ingest::sender_check> senders;
    std::shared_ptr<net::tls_context> tls;  // Null: plain.
    net::router routes;
    std::unique_ptr<net::server> http;
    std::unique_ptr<rpc::grpc_server> grpc;
    std::unique_ptr<task_group> clock_tasks;
    std::unique_ptr<task_group> commit_tasks;

    std::optional<config_error> build_stream();
    result<void> restore(const store::reader& from);
    std::optional<config_error> open_journal();
    std::optional<config_error> replay_journal();
    std::optional<config_error> load_secrets();
    std::optional<config_error> listen_http();
    std::optional<config_error> listen_grpc();
};

// Baselines, what is set for the detection of single services, how far each is committed, and the marks of replays
// whose spans may still come.
result<void> otlp_intake::parts::restore(const store::reader& from)
{
    const auto services = store::list_services(from, "", services_loaded_max);
    if (!services)
        return services.error();
    for (const model::service& service : *services) {
        const auto baselines =
            store::load_baselines(from, service.name, static_cast<std::size_t>(needs.settings.operations_max));
        if (!baselines)
            return baselines.error();
        for (const store::baseline& one : *baselines) {
            const auto operation = store::find_operation(from, one.operation);
            if (operation && *operation)
                stream->restore_baseline(**operation, one.state);
        }
    }
    const auto closed = store::list_closed_services(from, services_loaded_max);
    if (!closed)
        return closed.error();
    for (const store::closed_service& one : *closed)
        stream->restore_closed(one.name, one.through_ns);
    const auto detection = store::list_service_detections(from, services_loaded_max);
    if (!detection)
        return detection.error();
    for (const store::service_detection& one : *detection)
        needs.detection.put(one.service, one.settings, one.version);
    const auto marks = store::list_replay_marks(from, needs.time.now_ns() - marks_kept_ns, marks_max);
    if (!marks)
        return marks.error();
    for (const store::replay_mark& one : *marks)
        needs.trials.mark(one.mark);
    return {};
}

// Who may send, and what we show them.
std::optional<config_error> otlp_intake::parts::load_secrets()
{
    auto loaded = load_intake_tls(needs.settings);
    if (auto* wrong = std::get_if<config_error>(&loaded))
        return std::move(*wrong);
    tls = std::move(std::get<std::shared_ptr<net::tls_context>>(loaded));
    auto tokens = load_sender_tokens(needs.settings);
    if (auto* wrong = std::get_if<config_error>(&tokens))
        return std::move(*wrong);
    if (auto& listed = std::get<std::optional<ingest::token_list>>(tokens); listed)
        senders = std::make_unique<ingest::sender_check>(needs.numbers, std::move(*listed));
    else
        senders = std::make_unique<ingest::sender_check>(needs.numbers);
    return std::nullopt;
}

std::optional<config_error> otlp_intake::parts::listen_http()
{
    const config& settings = needs.settings;
    auto at = listener_config("otlp", *parse_endpoint(settings.otlp_http));
    at.tls = tls;
    http = std::make_unique<net::server>(needs.io, std::move(at), routes, needs.time, needs.numbers);
    if (auto bound = http->listen(); !bound)
        return config_error{"intake.otlp_http = " + settings.otlp_http + ": " + bound.error().message()};
    return std::nullopt;
}

std::optional<config_error> otlp_intake::parts::listen_grpc()
{
    const config& settings = needs.settings;
    rpc::grpc_server_config made;
    made.listen = settings.otlp_grpc.starts_with("localhost:") ? "127.0.0.1" + settings.otlp_grpc.substr(9)
                                                               : settings.otlp_grpc;
    made.message_bytes_max = static_cast<std::size_t>(settings.request_bytes_max);
    if (tls) {
        const net::tls_pem& pem = net::pem_of(*tls);
        made.tls = {pem.cert, pem.key, pem.client_ca};
    }
    if (!senders->open())
        made.admits = [this](std::string_view authorization) { return senders->admits(authorization); };
    auto handle = [this](rpc::call_message message, rpc::call_done done) {
        ingest::export_request request;
        request.signal = signal_of(message.path);
        request.body = std::move(message.bytes);
        request.source = std::move(message.peer);
        door->accept(std::move(request), [done = std::move(done)](ingest::answer given) {
            rpc::call_answer answer;
            answer.code = given.grpc_code;
            answer.message = std::move(given.message);
            answer.body = std::move(given.body);
            done(std::move(answer));
        });
    };
    auto started = rpc::grpc_server::start(std::move(made), std::move(handle), needs.numbers);
    if (!started)
        return config_error{"intake.otlp_grpc = " + settings.otlp_grpc + ": " + started.error().message()};
    grpc = std::move(*started);
    return std::nullopt;
}

std::optional<config_error> otlp_intake::parts::build_stream()
{
    const config& settings = needs.settings;
    auto redaction_key = load_or_make_key(settings.data_dir, redaction_key_name);
    if (auto* wrong = std::get_if<config_error>(&redaction_key))
        return std::move(*wrong);
    auto rules = redaction_rules_of(settings);
    if (auto* wrong = std::get_if<config_error>(&rules))
        return std::move(*wrong);
    pipeline::committer_config made;
    made.redaction_rules = std::get<telemetry::redaction_rules>(std::move(rules));
    made.data_dir = settings.data_dir;
    made.redaction_key = std::get<std::string>(redaction_key);
    made.producer = std::string("reprise ") + REPRISE_VERSION;
    made.windows_keep_ns = settings.windows_keep_days * 24 * 3600 * ns_per_s;
    made.policy.reproduce_attempts_max = needs.reproduce_attempts_max;
    made.policy.breakers = breaker_limits_of(settings);
    made.policy.evidence_wait_ns = settings.intake_alarm_evidence_wait.count() * ns_per_ms;
    if (settings.traces_assembly == "on") {
        trace_needs given{settings, needs.time, needs.io, needs.blocking, needs.database, needs.detection,
                          needs.numbers, made, io_threads(settings)};
        traces = std::make_unique<trace_parts>(std::move(given));
    }
    committer = std::make_unique<pipeline::committer>(
        needs.io, needs.blocking, needs.database, needs.time, needs.numbers, std::move(made)
    );
    auto sink = [this](std::vector<pipeline::closed_window> closed) { committer->submit(std::move(closed)); };
    stream = std::make_unique<pipeline::stream>(
        needs.io, stream_config_of(settings, needs.detection, needs.time.now_ns()), needs.time, needs.trials,
        needs.numbers, std::move(sink), committer->backlog()
    );
    if (traces)
        stream->set_traces(traces->stream());
    return std::nullopt;
}

std::optional<config_error> otlp_intake::parts::open_journal()
{
    const config& settings = needs.settings;
    const std::string directory = journal_path(settings);
    const auto key_path = std::filesystem::path(settings.data_dir) / "keys" / journal_key_name;
    if (!std::filesystem::exists(key_path) && pipeline::has_segments(directory))
        return config_error{
            key_path.string() + ": is missing, and " + directory + " holds records that only it can open; restore it "
            "from a backup, or move that directory away to start without them"};
    auto key = load_or_make_key(settings.data_dir, journal_key_name);
    if (auto* wrong = std::get_if<config_error>(&key))
        return std::move(*wrong);
    std::string problem;
    auto opened = pipeline::journal::open(
        directory, journal_config_of(settings), std::get<std::string>(key), needs.time, needs.numbers, problem
    );
    if (!opened)
        return config_error{problem};
    journal = std::move(*opened);
    intake = std::make_unique<pipeline::kept_intake>(*journal, *stream, needs.numbers);
    return std::nullopt;
}

std::optional<config_error> otlp_intake::parts::replay_journal()
{
    commit_tasks = std::make_unique<task_group>(needs.io);
    commit_tasks->spawn("committer", committer->run_committer());
    if (traces)
        traces->start();
    const auto pace = [this] {
        asio::co_spawn(needs.io, wait_for_room(*stream, committer->backlog()), asio::use_future).get();
    };
    const auto report = intake->replay(pace);
    const std::string directory = journal_path(needs.settings);
    if (!report && report.error() == errc::denied)
        return config_error{
            directory + ": is sealed under another key than keys/" + journal_key_name + "; restore that key from a "
            "backup, or move the directory away to start without its records"};
    if (!report && report.error() == errc::conflict)
        return config_error{
            directory + ": holds records of a later version of the server; start that one, or move the directory away "
            "to start without its records"};
    if (!report)
        return config_error{directory + ": cannot be read; the log says which file"};
    if (report->entries > 0)
        log_info("journal", std::to_string(report->entries) + " requests of the last run taken in again");
    journal->start();
    return std::nullopt;
}

otlp_intake::otlp_intake(intake_needs needs) : parts_(std::make_unique<parts>(std::move(needs))) {}

otlp_intake::~otlp_intake() = default;

std::optional<config_error> otlp_intake::build()
{
    parts& all = *parts_;
    if (auto wrong = all.load_secrets())
        return wrong;
    if (auto wrong = all.build_stream())
        return wrong;
    const auto restored = all.needs.database.read_blocking([&all](const store::reader& from) {
        return all.restore(from);
    });
    if (!restored)
        return config_error{database_path(all.needs.settings) + ": cannot be read: " + restored.error().message()};
    if (auto wrong = all.open_journal())
        return wrong;
    if (auto wrong = all.replay_journal())
        return wrong;
    ingest::door_config made;
    made.body_bytes_max = static_cast<std::size_t>(all.needs.settings.request_bytes_max);
    all.door = std::make_unique<ingest::door>(made, *all.intake, all.needs.numbers);
    ingest::add_otlp_routes(all.routes, *all.door, *all.senders, all.needs.blocking);
    return std::nullopt;
}

std::optional<config_error> otlp_intake::listen()
{
    if (auto wrong = parts_->listen_http())
        return wrong;
    return parts_->listen_grpc();
}

void otlp_intake::start()
{
    parts& all = *parts_;
    all.clock_tasks = std::make_unique<task_group>(all.needs.io);
    all.clock_tasks->spawn("window clock", all.stream->run_clock());
    all.http->start();
}

std::uint16_t otlp_intake::grpc_port() const noexcept
{
    return parts_->grpc->port();
}

std::uint16_t otlp_intake::http_port() const noexcept
{
    return parts_->http->port();
}

void otlp_intake::close_listeners()
{
    parts& all = *parts_;
    if (all.grpc)
        all.grpc->stop(std::chrono::duration_cast<std::chrono::milliseconds>(drain_limit));
    if (all.http)
        drain(all.needs.io, *all.http);
}

void otlp_intake::finish()
{
    parts& all = *parts_;
    if (!all.commit_tasks)
        return;
    if (all.clock_tasks) {
        all.clock_tasks->stop();
        drain(all.needs.io, *all.clock_tasks, "the window clock");
        all.journal->settle();
    }
    asio::co_spawn(all.needs.io, all.stream->drain(), asio::use_future).get();
    all.committer->finish();
    drain(all.needs.io, *all.commit_tasks, "the committer");
    if (all.traces)
        all.traces->finish();
    all.journal->stop();
    all.commit_tasks->stop();
    drain(all.needs.io, *all.commit_tasks, "the committer");
}

bool otlp_intake::healthy() const noexcept
{
    return parts_->journal->healthy();
}

std::uint64_t otlp_intake::records() const noexcept
{
    return parts_->stream->records();
}

std::uint64_t otlp_intake::refused() const noexcept
{
    return parts_->door->refused();
}

std::uint64_t otlp_intake::late() const noexcept
{
    return parts_->stream->late();
}

std::int64_t otlp_intake::last_record_ns() const noexcept
{
    return parts_->stream->last_record_ns();
}

}  // namespace reprise::app
