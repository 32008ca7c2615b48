#include "otlp_intake.hpp"

#include "drain.hpp"
#include "limits_of.hpp"
#include "listener.hpp"
#include "redaction.hpp"
#include "settings.hpp"

#include "reprise/base/task_group.hpp"
#include "reprise/ingest/door.hpp"
#include "reprise/ingest/otlp_routes.hpp"
#include "reprise/net/router.hpp"
#include "reprise/net/server.hpp"
#include "reprise/pipeline/committer.hpp"
#include "reprise/pipeline/stream.hpp"
#include "reprise/pipeline/trial_sink.hpp"
#include "reprise/rpc/otlp_server.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/replay_marks.hpp"
#include "reprise/store/services.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <string>
#include <utility>
#include <vector>

namespace reprise::app {
namespace {

namespace asio = boost::asio;

constexpr std::int64_t marks_kept_ns = 24LL * 3600 * ns_per_s;
constexpr std::size_t marks_max = 10'000;
constexpr std::size_t services_loaded_max = 10'000;

pipeline::stream_config stream_config_of(const config& settings)
{
    pipeline::stream_config made;
    made.limits = stream_limits_of(settings);
    made.shards = io_threads(settings);
    made.inflight_bytes_max = static_cast<std::size_t>(settings.inflight_bytes_max);
    return made;
}

}  // namespace

// Declared in the order of building; destroyed in the opposite one.
struct otlp_intake::parts {
    explicit parts(intake_needs given) : needs(std::move(given)) {}

    intake_needs needs;
    std::unique_ptr<pipeline::committer> committer;
    std::unique_ptr<pipeline::stream> stream;
    std::unique_ptr<ingest::door> door;
    net::router routes;
    std::unique_ptr<net::server> http;
    std::unique_ptr<rpc::otlp_server> grpc;
    std::unique_ptr<task_group> clock_tasks;
    std::unique_ptr<task_group> commit_tasks;

    result<void> restore(const store::reader& from);
    std::optional<config_error> listen_http();
    std::optional<config_error> listen_grpc();
};

// Baselines, and the marks of replays whose spans may still come.
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
    const auto marks = store::list_replay_marks(from, needs.time.now_ns() - marks_kept_ns, marks_max);
    if (!marks)
        return marks.error();
    for (const store::replay_mark& one : *marks)
        needs.trials.mark(one.mark);
    return {};
}

std::optional<config_error> otlp_intake::parts::listen_http()
{
    const config& settings = needs.settings;
    http = std::make_unique<net::server>(
        needs.io, listener_config("otlp", *parse_endpoint(settings.otlp_http)), routes, needs.time, needs.numbers
    );
    if (auto bound = http->listen(); !bound)
        return config_error{"intake.otlp_http = " + settings.otlp_http + ": " + bound.error().message()};
    return std::nullopt;
}

std::optional<config_error> otlp_intake::parts::listen_grpc()
{
    const config& settings = needs.settings;
    rpc::otlp_server_config made;
    made.listen = settings.otlp_grpc.starts_with("localhost:") ? "127.0.0.1" + settings.otlp_grpc.substr(9)
                                                               : settings.otlp_grpc;
    made.message_bytes_max = static_cast<std::size_t>(settings.request_bytes_max);
    auto handle = [this](rpc::export_message message, rpc::export_done done) {
        ingest::export_request request;
        request.signal =
            message.path == rpc::logs_export_path ? ingest::otlp_signal::logs : ingest::otlp_signal::traces;
        request.body = std::move(message.bytes);
        request.source = std::move(message.peer);
        door->accept(std::move(request), [done = std::move(done)](ingest::answer given) {
            rpc::export_answer answer;
            answer.code = given.grpc_code;
            answer.message = std::move(given.message);
            answer.body = std::move(given.body);
            done(std::move(answer));
        });
    };
    auto started = rpc::otlp_server::start(std::move(made), std::move(handle), needs.numbers);
    if (!started)
        return config_error{"intake.otlp_grpc = " + settings.otlp_grpc + ": " + started.error().message()};
    grpc = std::move(*started);
    return std::nullopt;
}

otlp_intake::otlp_intake(intake_needs needs) : parts_(std::make_unique<parts>(std::move(needs))) {}

otlp_intake::~otlp_intake() = default;

std::optional<config_error> otlp_intake::build()
{
    parts& all = *parts_;
    const config& settings = all.needs.settings;
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
    made.policy.reproduce_attempts_max = all.needs.reproduce_attempts_max;
    all.committer = std::make_unique<pipeline::committer>(
        all.needs.io, all.needs.blocking, all.needs.database, all.needs.time, all.needs.numbers, std::move(made)
    );
    auto sink = [&all](std::vector<pipeline::closed_window> closed) { all.committer->submit(std::move(closed)); };
    all.stream = std::make_unique<pipeline::stream>(
        all.needs.io, stream_config_of(settings), all.needs.time, all.needs.trials, all.needs.numbers,
        std::move(sink), all.committer->backlog()
    );
    ingest::door_config door_settings;
    door_settings.body_bytes_max = static_cast<std::size_t>(settings.request_bytes_max);
    all.door = std::make_unique<ingest::door>(door_settings, *all.stream, all.needs.numbers);
    ingest::add_otlp_routes(all.routes, *all.door, all.needs.blocking);

    const auto restored = all.needs.database.read_blocking([&all](const store::reader& from) {
        return all.restore(from);
    });
    if (!restored)
        return config_error{database_path(settings) + ": cannot be read: " + restored.error().message()};
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
    all.commit_tasks = std::make_unique<task_group>(all.needs.io);
    all.commit_tasks->spawn("committer", all.committer->run_committer());
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
    if (!all.clock_tasks)
        return;
    all.clock_tasks->stop();
    drain(all.needs.io, *all.clock_tasks, "the window clock");
    asio::co_spawn(all.needs.io, all.stream->flush(), asio::use_future).get();
    all.committer->finish();
    drain(all.needs.io, *all.commit_tasks, "the committer");
    all.commit_tasks->stop();
    drain(all.needs.io, *all.commit_tasks, "the committer");
}

std::uint64_t otlp_intake::records() const noexcept
{
    return parts_->stream->records();
}

std::int64_t otlp_intake::last_record_ns() const noexcept
{
    return parts_->stream->last_record_ns();
}

}  // namespace reprise::app
