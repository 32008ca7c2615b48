// What the store costs: 10,000 operation-window rows in one durable transaction, window after window,
// with baselines; small concurrent writes sharing commits; the incident list from 100,000. Wall clock
// on a real file, medians of some rounds. Sizes are those of a busy service: a sketch of 300 bytes, a
// baseline of 600.

#include "figure.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/operations.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace reprise;

constexpr std::size_t rows_per_window = 10'000;
constexpr std::int64_t start_ns = 1'790'000'000 * ns_per_s;
constexpr std::size_t incidents_stored = 100'000;
constexpr std::size_t writers = 16;
constexpr std::size_t writes_per_writer = 100;

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

void check(const result<void>& done)
{
    if (!done)
        throw std::runtime_error(done.error().message());
}

template <class Work>
double milliseconds_of(Work work)
{
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

std::vector<std::uint64_t> sorted_operations()
{
    std::vector<std::uint64_t> ids;
    for (std::size_t i = 0; i < rows_per_window; ++i)
        ids.push_back(hash64(std::to_string(i)));
    std::sort(ids.begin(), ids.end(), [](std::uint64_t a, std::uint64_t b) {
        return static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b);
    });
    return ids;
}

std::vector<store::operation_window> window_rows(const std::vector<std::uint64_t>& ids, std::int64_t window)
{
    std::vector<store::operation_window> rows(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        rows[i].operation = ids[i];
        rows[i].window_start_ns = start_ns + window * 60 * ns_per_s;
        rows[i].window_ns = 60 * ns_per_s;
        rows[i].counts = {100, 1, 0, 2, 0};
        rows[i].p50_ns = 12 * ns_per_ms;
        rows[i].p90_ns = 40 * ns_per_ms;
        rows[i].p95_ns = 55 * ns_per_ms;
        rows[i].max_ns = 900 * ns_per_ms;
        rows[i].sketch.assign(300, 's');
    }
    return rows;
}

void measure_windows(store::database& database, int rounds)
{
    const auto ids = sorted_operations();
    std::vector<store::baseline> baselines;
    for (const std::uint64_t id : ids)
        baselines.push_back({id, start_ns, std::string(600, 'b')});
    std::vector<double> row_times;
    std::vector<double> row_cpu_us;
    std::vector<double> baseline_times;
    for (int round = 0; round < rounds; ++round) {
        const auto rows = window_rows(ids, round);
        const std::int64_t cpu_before_ns = process_cpu_ns();
        row_times.push_back(milliseconds_of([&] {
            check(database.write_blocking([&](store::transaction& tx) { return store::insert_windows(tx, rows); }));
        }));
        const auto cpu_ns = static_cast<double>(process_cpu_ns() - cpu_before_ns);
        row_cpu_us.push_back(cpu_ns / 1000 / static_cast<double>(rows_per_window));
        baseline_times.push_back(milliseconds_of([&] {
            const auto save = [&](store::transaction& tx) { return store::save_baselines(tx, baselines); };
            check(database.write_blocking(save));
        }));
    }
    const double window_ms = bench::median(row_times);
    bench::print_figure("store_rows_per_s", static_cast<double>(rows_per_window) / window_ms * 1000, "rows/s");
    bench::print_figure("store_row_cpu_us", bench::median(row_cpu_us), "us");
    bench::print_figure("store_window_rows_10k_ms", window_ms, "ms");
    bench::print_figure("store_baselines_10k_ms", bench::median(baseline_times), "ms");
}

void write_events(store::database& database)
{
    for (std::size_t i = 0; i < writes_per_writer; ++i)
        check(database.write_blocking([](store::transaction& tx) -> result<void> {
            const auto seq = store::append_event(tx, "overview", "traffic", "0", 0, start_ns);
            return seq ? result<void>() : seq.error();
        }));
}

void measure_small_writes(store::database& database)
{
    const auto before = database.stats();
    const double took = milliseconds_of([&] {
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < writers; ++i)
            threads.emplace_back([&] { write_events(database); });
        for (std::thread& thread : threads)
            thread.join();
    });
    const auto after = database.stats();
    const auto writes = static_cast<double>(after.writes - before.writes);
    bench::print_figure("store_small_writes_per_s", writes / took * 1000, "writes/s");
    bench::print_figure("store_writes_per_commit", writes / static_cast<double>(after.groups - before.groups), "ratio");
}

result<void> insert_incidents(store::transaction& tx, std::size_t first, std::size_t count)
{
    for (std::size_t i = first; i < first + count; ++i) {
        model::incident incident;
        const std::string digits = std::to_string(i);
        incident.id = "01J" + std::string(23 - digits.size(), '0') + digits;
        incident.service = "service " + std::to_string(i % 50);
        incident.title = "POST /orders fails 28 of 193 times";
        incident.status = i % 20 == 0 ? model::incident_status::needs_human : model::incident_status::resolved;
        incident.severity = static_cast<model::severity>(i % 4);
        const auto inserted = store::insert_incident(tx, incident, {});
        if (!inserted)
            return inserted.error();
    }
    return {};
}

void measure_lists(store::database& database)
{
    constexpr std::size_t batch = 5000;
    for (std::size_t first = 0; first < incidents_stored; first += batch)
        check(database.write_blocking([&](store::transaction& tx) { return insert_incidents(tx, first, batch); }));
    store::incident_filter filter;
    filter.open = true;
    std::vector<double> times;
    for (int i = 0; i < 500; ++i) {
        filter.service = i % 2 == 0 ? "" : "service " + std::to_string(i % 50);
        times.push_back(milliseconds_of([&] {
            const auto list = [&](store::reader& r) { return store::list_incidents(r, filter); };
            const auto page = database.read_blocking(list);
            check(page ? result<void>() : page.error());
        }));
    }
    std::sort(times.begin(), times.end());
    bench::print_figure("store_incident_list_p99_ms", times[times.size() * 99 / 100], "ms");
}

}  // namespace

int main(int argc, char** argv)
{
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
    if (rounds < 1) {
        std::cerr << "usage: store_bench [rounds, at least 1]\n";
        return 64;
    }
    try {
        const scratch_dir dir;
        const auto database = open_database(dir.path);
        measure_windows(*database, rounds);
        measure_small_writes(*database);
        measure_lists(*database);
    } catch (const std::exception& error) {
        std::cerr << "store_bench: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
