// The server side of bench/intake_bench, in a process of its own so that its processor time is its own:
// OTLP/gRPC, door, windows and sketches, all as in `reprise serve` up to the store ("intake"). The other modes
// stop earlier: "transport" looks at nothing, "floor" reads every tag, "decode" ends before the windows; or do
// more: with "journal" requests are kept in a journal that is synced by interval, in the system's directory for
// temporary files. Speaks lines: prints "port N", answers each line it reads with "cpu_ns N peak_kib N records N
// lost N", ends at end of input.

#include "tag_walk.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/ingest/door.hpp"
#include "reprise/ingest/message_memory.hpp"
#include "reprise/pipeline/journal.hpp"
#include "reprise/pipeline/stream.hpp"
#include "reprise/rpc/grpc_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <unistd.h>

namespace {

using namespace reprise;

std::size_t peak_kib()
{
    std::ifstream status("/proc/self/status");
    std::string word;
    std::size_t kib = 0;
    while (status >> word && word != "VmHWM:") {
    }
    status >> kib;
    return kib;
}

struct taken {
    std::uint64_t records = 0;
    std::uint64_t lost = 0;
};

// Serves until the end of the input.
int serve(const rpc::call_handler& handler, metrics& counts, const std::function<taken()>& count)
{
    rpc::grpc_server_config config;
    config.listen = "127.0.0.1:0";
    const auto server = rpc::grpc_server::start(config, handler, counts);
    if (!server) {
        std::cerr << "cannot listen on " << config.listen << ": " << server.error().message() << "\n";
        return 69;
    }
    std::cout << "port " << (*server)->port() << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        const taken now = count();
        std::cout << "cpu_ns " << process_cpu_ns() << " peak_kib " << peak_kib() << " records " << now.records
                  << " lost " << now.lost << std::endl;
    }
    (*server)->stop(std::chrono::seconds(5));
    return 0;
}

int serve_transport(bool read_tags)
{
    metrics counts;
    std::atomic<std::uint64_t> tags{0};
    const auto handler = [&tags, read_tags](rpc::call_message message, rpc::call_done done) {
        const bool logs = message.path == rpc::logs_export_path;
        if (read_tags)
            tags += logs ? bench::count_log_tags(message.bytes) : bench::count_span_tags(message.bytes);
        done({});
    };
    return serve(handler, counts, [] { return taken{}; });
}

// Behind the door nothing happens.
class counting_intake final : public pipeline::intake {
public:
    void offer(pipeline::arrival what, pipeline::taken_handler done) override
    {
        records += what.batch->observations.size();
        done(pipeline::taken_as::counted);
    }

    std::atomic<std::uint64_t> records{0};
};

rpc::call_handler through(ingest::door& entrance)
{
    return [&entrance](rpc::call_message message, rpc::call_done done) {
        const bool logs = message.path == rpc::logs_export_path;
        ingest::export_request request;
        request.signal = logs ? ingest::otlp_signal::logs : ingest::otlp_signal::traces;
        request.body = std::move(message.bytes);
        request.source = std::move(message.peer);
        entrance.accept(std::move(request), [done = std::move(done)](ingest::answer given) {
            done({given.grpc_code, std::move(given.message), std::move(given.body)});
        });
    };
}

int serve_decoding()
{
    metrics counts;
    counting_intake decoded;
    ingest::door entrance({}, decoded, counts);
    return serve(through(entrance), counts, [&decoded] { return taken{decoded.records.load(), 0}; });
}

// The way of pipeline::kept_intake, but a segment has served as soon as the next one has begun: here no window is
// ever committed, and files that only grow would measure how the machine finds fresh memory for its page cache.
class journalling_intake final : public pipeline::intake {
public:
    journalling_intake(pipeline::journal& log, pipeline::stream& windows) : log_(log), windows_(windows) {}

    void offer(pipeline::arrival what, pipeline::taken_handler done) override
    {
        auto room = windows_.reserve(what.batch->bytes->size());
        if (!room) {
            done(room.error());
            return;
        }
        pipeline::journal_entry entry;
        entry.payload = what.batch->bytes;
        entry.body = log_.hash_of(*entry.payload);
        log_.append(std::move(entry), [this, what, room = *room, done](pipeline::placed_entry placed) {
            if (placed.fate != pipeline::entry_fate::kept) {
                done(errc::io);
                return;
            }
            newest_ = placed.hold;
            pipeline::arrival in = what;
            in.held = std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(what.held, room);
            windows_.take(std::move(in), {placed.time_ns, {}, false});
            done(pipeline::taken_as::counted);
        });
    }

private:
    pipeline::journal& log_;
    pipeline::stream& windows_;
    pipeline::shared_hold newest_;  // As an open window does; the journal's thread alone uses it.
};

// A journal that lives as long as this.
class bench_journal {
public:
    bench_journal(pipeline::stream& stream, const system_clock& time, metrics& counts)
        : directory_(std::filesystem::temp_directory_path() / ("reprise-bench-" + std::to_string(getpid())))
    {
        pipeline::journal_config config;
        config.sync = pipeline::sync_policy::interval;
        config.repeats_horizon_ns = 0;  // The load repeats its requests.
        std::filesystem::create_directories(directory_);
        std::string problem;
        const std::string key(32, 'k');
        log_ = pipeline::journal::open(directory_ / "journal", config, key, time, counts, problem).value();
        intake_.emplace(*log_, stream);
        log_->start();
    }
    ~bench_journal()
    {
        log_->stop();
        std::filesystem::remove_all(directory_);
    }
    bench_journal(const bench_journal&) = delete;
    bench_journal& operator=(const bench_journal&) = delete;

    pipeline::intake& intake() { return *intake_; }

private:
    std::filesystem::path directory_;
    std::unique_ptr<pipeline::journal> log_;
    std::optional<journalling_intake> intake_;
};

int serve_intake(bool with_journal)
{
    metrics counts;
    const system_clock time;
    boost::asio::thread_pool pool(2);
    pipeline::trial_sink trials;
    std::atomic<std::size_t> backlog{0};
    std::atomic<std::uint64_t> late{0};
    const auto sink = [&late](std::vector<pipeline::closed_window> windows) {
        for (const auto& window : windows)
            late += window.late;
    };
    pipeline::stream stream(pool.get_executor(), {}, time, trials, counts, sink, backlog);
    std::optional<bench_journal> log;
    if (with_journal)
        log.emplace(stream, time, counts);
    const auto clock_end = boost::asio::co_spawn(pool, stream.run_clock(), boost::asio::use_future);
    ingest::door entrance({}, with_journal ? log->intake() : stream, counts);
    const int code = serve(through(entrance), counts, [&] { return taken{stream.records(), late.load()}; });
    pool.stop();  // The clock runs for ever.
    pool.join();
    return code;
}

}  // namespace

int main(int argc, char** argv)
{
    reprise::ingest::keep_message_memory();
    const std::string_view mode = argc == 2 ? argv[1] : "intake";
    if (mode == "transport" || mode == "floor")
        return serve_transport(mode == "floor");
    return mode == "decode" ? serve_decoding() : serve_intake(mode == "journal");
}
