// What the queue hands out: 10,000 queued runs of 500 incidents, claimed and finished by four workers over a real
// file, one transaction for each claim and one for each end. Five rounds of 2,000, medians. Fails when a run was
// handed out twice or never; with --check also when there were fewer than 500 in a second.

#include "figure.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/runs.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace reprise;

constexpr std::size_t runs_queued = 10'000;
constexpr std::size_t incidents_stored = 500;
constexpr std::size_t workers = 4;
constexpr std::size_t rounds = 5;
constexpr std::size_t runs_per_round = runs_queued / rounds;
constexpr double claims_per_s_bar = 500;
constexpr std::int64_t start_ns = 1'790'000'000 * ns_per_s;
constexpr std::int64_t lease_ns = 30 * ns_per_s;

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

template <class T>
T value_of(result<T> done)
{
    if (!done)
        throw std::runtime_error(done.error().message());
    if constexpr (!std::is_void_v<T>)
        return std::move(*done);
}

std::string padded(std::string_view prefix, std::size_t number)
{
    const std::string digits = std::to_string(number);
    return std::string(prefix) + std::string(26 - prefix.size() - digits.size(), '0') + digits;
}

// Priorities and kinds as they come: mostly automatic reproduce runs, some that people asked for.
result<void> fill(store::transaction& tx)
{
    for (std::size_t i = 0; i < incidents_stored; ++i) {
        model::incident incident;
        incident.id = padded("01I", i);
        incident.service = "service " + std::to_string(i % 50);
        if (auto added = store::insert_incident(tx, incident, {}); !added)
            return added;
    }
    for (std::size_t i = 0; i < runs_queued; ++i) {
        model::run run;
        run.id = padded("01R", i);
        run.kind = i % 20 == 0 ? model::run_kind::publish : model::run_kind::reproduce;
        run.incident_id = padded("01I", i % incidents_stored);
        run.requested_by = "pipeline";
        run.priority = i % 50 == 0 ? 50 : static_cast<std::int64_t>(i % 4) * 10;
        run.created_ns = run.updated_ns = run.not_before_ns = start_ns;
        if (auto added = store::enqueue_run(tx, run); !added)
            return added;
    }
    return {};
}

// Claims and finishes until the round's share is handed out.
std::vector<std::string> work(store::database& database, const std::string& name, std::atomic<std::size_t>& left)
{
    std::vector<std::string> claimed;
    for (;;) {
        std::size_t rest = left.load();
        while (rest > 0 && !left.compare_exchange_weak(rest, rest - 1)) {
        }
        if (rest == 0)
            return claimed;
        const auto claim = [&name](store::transaction& tx) {
            return store::claim_run(tx, name, start_ns, lease_ns);
        };
        auto run = value_of(database.write_blocking(claim));
        if (!run)
            throw std::runtime_error("a run was not handed out");
        claimed.push_back(run->id);
        run->state = model::run_state::succeeded;
        value_of(database.write_blocking([&run](store::transaction& tx) {
            return store::save_run(tx, *run, run->lease_epoch);
        }));
    }
}

struct round_result {
    double claims_per_s = 0;
    double cpu_us = 0;
};

round_result run_round(store::database& database, std::set<std::string>& seen)
{
    std::atomic<std::size_t> left{runs_per_round};
    std::vector<std::vector<std::string>> claimed(workers);
    std::vector<std::thread> threads;
    const std::int64_t cpu_before_ns = process_cpu_ns();
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::exception_ptr> failures(workers);
    for (std::size_t i = 0; i < workers; ++i)
        threads.emplace_back([&, i] {
            try {
                claimed[i] = work(database, "worker " + std::to_string(i), left);
            } catch (...) {
                failures[i] = std::current_exception();
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    for (const std::exception_ptr& failure : failures) {
        if (failure)
            std::rethrow_exception(failure);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const auto cpu_ns = static_cast<double>(process_cpu_ns() - cpu_before_ns);
    for (const auto& of_one : claimed) {
        for (const std::string& id : of_one) {
            if (!seen.insert(id).second)
                throw std::runtime_error("run " + id + " was handed out twice");
        }
    }
    const auto count = static_cast<double>(runs_per_round);
    return {count / took.count(), cpu_ns / 1000 / count};
}

// Runs handed out per second; throws when one was handed out twice or never.
double measure(store::database& database)
{
    value_of(database.write_blocking(fill));
    std::set<std::string> seen;
    std::vector<double> per_s;
    std::vector<double> cpu_us;
    for (std::size_t i = 0; i < rounds; ++i) {
        const round_result done = run_round(database, seen);
        per_s.push_back(done.claims_per_s);
        cpu_us.push_back(done.cpu_us);
    }
    if (seen.size() != runs_queued)
        throw std::runtime_error(std::to_string(runs_queued - seen.size()) + " runs were never handed out");
    bench::print_figure("run_claims_per_s", bench::median(per_s), "runs/s", bench::spread(per_s));
    bench::print_figure("run_claim_cpu_us", bench::median(cpu_us), "us", bench::spread(cpu_us));
    bench::print_figure("run_claims_per_cpu_s", 1e6 / bench::median(cpu_us), "runs/s");
    return bench::median(per_s);
}

}  // namespace

int main(int argc, char** argv)
{
    const bool checks = argc > 1 && std::string_view(argv[1]) == "--check";
    if (argc > 2 || (argc == 2 && !checks)) {
        std::cerr << "usage: claim_bench [--check]\n";
        return 64;
    }
    try {
        const scratch_dir dir;
        store::database_options options;
        options.path = dir.path / "reprise.db";
        options.audit_key = random_bytes(32);
        std::string problem;
        auto opened = store::database::open(options, &problem);
        if (!opened)
            throw std::runtime_error(problem);
        const double claims_per_s = measure(**opened);
        if (checks && claims_per_s < claims_per_s_bar) {
            std::cerr << "claim_bench: fewer than " << claims_per_s_bar << " runs in a second\n";
            return 1;
        }
    } catch (const std::exception& error) {
        std::cerr << "claim_bench: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
