// From the end of a window of 10,000 records to its committed signals: detection, evidence bundles on
// disk, one transaction per window on a real database. One route of each service fails in the measured
// windows, so that there is something to say. Medians of some rounds, wall clock.

#include "figure.hpp"
#include "otlp_load.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/pipeline/committer.hpp"
#include "reprise/pipeline/shard.hpp"
#include "reprise/store/database.hpp"
#include "reprise/telemetry/otlp_decode.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>

namespace {

using namespace reprise;

constexpr std::size_t window_records = 10'000;
constexpr std::size_t request_records = 500;
constexpr int quiet_windows = 10;  // Until baselines are ready.
constexpr std::int64_t window_ns = 60 * ns_per_s;

// A directory that goes away with this object.
struct scratch_dir {
    std::filesystem::path path;

    scratch_dir() : path(std::filesystem::temp_directory_path() / ("reprise-bench-" + random_token(8)))
    {
        std::filesystem::create_directories(path);
    }
    ~scratch_dir()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    scratch_dir(const scratch_dir&) = delete;
    scratch_dir& operator=(const scratch_dir&) = delete;
};

std::unique_ptr<store::database> open_database(const std::filesystem::path& dir)
{
    store::database_options options;
    options.path = dir / "reprise.db";
    options.audit_key = random_bytes(32);
    std::string problem;
    auto opened = store::database::open(options, &problem);
    if (!opened)
        throw std::runtime_error(problem);
    return std::move(*opened);
}

class window_rounds {
public:
    explicit window_rounds(std::size_t services) : services_(services), database_(open_database(dir_.path)) {}

    // Milliseconds from the end of the windows to the last commit, per measured round.
    std::vector<double> run(int rounds)
    {
        std::vector<double> times;
        for (int window = 0; window < quiet_windows; ++window)
            close_and_commit(window, false);
        for (int round = 0; round < rounds; ++round)
            times.push_back(close_and_commit(quiet_windows + round, true));
        return times;
    }

    std::size_t signals() const { return signals_; }

private:
    double close_and_commit(int window, bool failing)
    {
        feed(window, failing);
        const std::int64_t now_ns = start_ns_ + (window + 2) * window_ns;
        time_.set_ns(now_ns);
        pipeline::committer_config config;
        config.data_dir = dir_.path;
        config.redaction_key = "bench";
        config.producer = "bench";
        pipeline::committer committer(
            pool_.get_executor(), blocking_pool_.get_executor(), *database_, time_, counts_, config
        );
        const auto strand = boost::asio::make_strand(pool_);
        auto done = boost::asio::co_spawn(strand, committer.run_committer(), boost::asio::use_future);

        const auto begin = std::chrono::steady_clock::now();
        auto closed = shard_.close_all();
        for (const auto& one : closed)
            signals_ += one.found.size();
        committer.submit(std::move(closed));
        committer.finish();
        done.get();
        const auto end = std::chrono::steady_clock::now();
        if (committed_.value() != ++windows_expected_ * services_)
            throw std::runtime_error("not every window was committed");
        return std::chrono::duration<double, std::milli>(end - begin).count();
    }

    void feed(int window, bool failing)
    {
        bench::load_shape shape;
        shape.services = services_;
        shape.operations = 150 * services_;
        shape.records = request_records;
        shape.batches = services_ * window_records / request_records;
        shape.start_ns = start_ns_ + window * window_ns;
        shape.one_route_fails = failing;
        for (auto& request : bench::make_log_load(shape).requests) {
            const auto bytes = std::make_shared<const std::string>(std::move(request));
            const auto batch = telemetry::decode_logs(bytes).value();
            shard_.add(batch, replays_, shape.start_ns, [](std::string_view) { return true; });
        }
    }

    const std::size_t services_;
    const std::int64_t start_ns_ = 1'790'000'000 / 60 * window_ns;
    scratch_dir dir_;
    manual_clock time_;
    metrics counts_;
    counter& committed_ = counts_.add_counter("reprise_windows_committed_total", "Windows made durable.");
    std::uint64_t windows_expected_ = 0;  // Per service.
    boost::asio::thread_pool pool_{1};
    boost::asio::thread_pool blocking_pool_{2};
    std::unique_ptr<store::database> database_;
    pipeline::replay_filter replays_;
    pipeline::shard shard_{pipeline::stream_limits{}};
    std::size_t signals_ = 0;
};

}  // namespace

int main(int argc, char** argv)
{
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
    try {
        window_rounds one(1);
        bench::print_figure("window_close_10k_ms", bench::median(one.run(rounds)), "ms");
        window_rounds ten(10);
        bench::print_figure("windows_close_10x10k_ms", bench::median(ten.run(rounds)), "ms");
        std::cerr << one.signals() << " and " << ten.signals() << " signals were committed\n";
        return one.signals() > 0 && ten.signals() > 0 ? 0 : 70;
    } catch (const std::exception& error) {
        std::cerr << "window_bench: " << error.what() << "\n";
        return 70;
    }
}
