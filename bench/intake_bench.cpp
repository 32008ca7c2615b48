// Processor time of the server per record, end to end over real gRPC on loopback: medians of some rounds. The
// server runs in a process of its own (bench/intake_server), so the load costs nothing here.
//   intake_bench [--profile] [rounds] [records per round]

#include "figure.hpp"
#include "noise.hpp"
#include "otlp_load.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/rpc/grpc_server.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <string>

namespace {

using namespace reprise;

struct server_report {
    std::uint64_t cpu_ns = 0;
    std::uint64_t peak_kib = 0;
    std::uint64_t records = 0;
    std::uint64_t lost = 0;
};

// The server's process; ends with this object.
class server_process {
public:
    server_process(const std::filesystem::path& program, const char* mode)
    {
        std::array<int, 2> to{};
        std::array<int, 2> from{};
        // A later server must not hold the ends of an earlier one open.
        if (pipe2(to.data(), O_CLOEXEC) != 0 || pipe2(from.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("pipe");
        child_ = fork();
        if (child_ == 0) {
            dup2(to[0], STDIN_FILENO);
            dup2(from[1], STDOUT_FILENO);
            for (const int fd : {to[0], to[1], from[0], from[1]})
                close(fd);
            execl(program.c_str(), program.c_str(), mode, nullptr);
            std::cerr << "cannot run " << program << ": " << std::strerror(errno) << "\n";
            _exit(69);
        }
        close(to[0]);
        close(from[1]);
        to_ = to[1];
        from_ = fdopen(from[0], "r");
        std::string word;
        std::istringstream(read_line()) >> word >> port_;
    }
    ~server_process()
    {
        close(to_);
        std::fclose(from_);
        waitpid(child_, nullptr, 0);
    }
    server_process(const server_process&) = delete;
    server_process& operator=(const server_process&) = delete;

    int port() const { return port_; }

    server_report report()
    {
        if (write(to_, "\n", 1) != 1)
            throw std::runtime_error("the server is gone");
        server_report now;
        std::string word;
        std::istringstream(read_line()) >> word >> now.cpu_ns >> word >> now.peak_kib >> word >> now.records >> word >>
            now.lost;
        return now;
    }

private:
    std::string read_line()
    {
        std::array<char, 256> line{};
        if (!std::fgets(line.data(), line.size(), from_))
            throw std::runtime_error("the server is gone");
        return line.data();
    }

    pid_t child_ = 0;
    int to_ = -1;
    std::FILE* from_ = nullptr;
    int port_ = 0;
};

// Sends requests with a fixed number of them under way.
class load_client {
public:
    load_client(int port, std::string path, const bench::otlp_load& load)
        : path_(std::move(path)),
          stub_(grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()))
    {
        for (const auto& request : load.requests) {
            const grpc::Slice slice(request);
            requests_.emplace_back(&slice, 1);
        }
    }

    // Returns when all are taken; what was turned away for load is sent again, as exporters do.
    // Throws when one was refused for good.
    void send(std::size_t count)
    {
        constexpr std::size_t in_flight = 4;
        grpc::CompletionQueue queue;
        std::array<call, in_flight> calls;
        std::size_t sent = 0;
        for (; sent < std::min(in_flight, count); ++sent)
            start(calls[sent], queue, sent);
        for (std::size_t taken = 0; taken < count;) {
            void* tag = nullptr;
            bool ok = false;
            queue.Next(&tag, &ok);
            call& ended = *static_cast<call*>(tag);
            if (ended.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
                ++turned_away_;
                start(ended, queue, ended.number);
                continue;
            }
            if (!ended.status.ok())
                throw std::runtime_error("refused: " + ended.status.error_message());
            ++taken;
            if (sent < count)
                start(ended, queue, sent++);
        }
    }

    std::size_t turned_away() const { return turned_away_; }

private:
    struct call {
        std::unique_ptr<grpc::ClientContext> context;
        std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
        grpc::ByteBuffer response;
        grpc::Status status;
        std::size_t number = 0;
    };

    void start(call& to, grpc::CompletionQueue& queue, std::size_t number)
    {
        to.number = number;
        to.reader.reset();
        to.context = std::make_unique<grpc::ClientContext>();
        to.reader = stub_.PrepareUnaryCall(to.context.get(), path_, requests_[number % requests_.size()], &queue);
        to.reader->StartCall();
        to.reader->Finish(&to.response, &to.status, &to);
    }

    std::string path_;
    grpc::GenericStub stub_;
    std::vector<grpc::ByteBuffer> requests_;
    std::size_t turned_away_ = 0;
};

struct options {
    int rounds = 9;
    std::size_t records = 400'000;  // Per round of logs; spans get four times as many.
    bool profile = false;           // Also where the time goes, stage by stage.
};

// One server and the client that loads it.
struct stage {
    stage(const std::filesystem::path& server, const char* mode_, std::string_view path, const bench::otlp_load& load)
        : mode(mode_), process(server, mode_), client(process.port(), std::string(path), load)
    {
        client.send(load.requests.size());  // Each once: tables are filled, connections open.
    }

    bool counts_records() const { return mode == "decode" || mode == "journal" || mode == "intake"; }
    double cost_us() const { return bench::median(costs); }

    std::string_view mode;
    server_process process;
    load_client client;
    std::vector<double> costs;  // us of processor time per record, by round.
};

// Of each round to the one that took its turn beside it, so that a busy minute counts for both.
double cost_ratio(const stage& of, const stage& to)
{
    std::vector<double> ratios;
    for (std::size_t i = 0; i < of.costs.size(); ++i)
        ratios.push_back(of.costs[i] / to.costs[i]);
    return bench::median(ratios);
}

void run_round(stage& one, std::size_t requests, std::size_t records)
{
    const server_report before = one.process.report();
    one.client.send(requests);
    const server_report after = one.process.report();
    if (one.counts_records() && (after.records - before.records != records || after.lost != 0))
        throw std::runtime_error("the server did not count every record");
    one.costs.push_back(static_cast<double>(after.cpu_ns - before.cpu_ns) / static_cast<double>(records) / 1000.0);
}

// One kind of record through all stages. Their rounds take turns, so that a busy moment of the machine does not
// fall on one of them alone.
struct measurement {
    std::string name;  // "log_record", "span": part of the figures' names.
    std::string_view path;
    const bench::otlp_load& load;
    std::size_t records = 0;
    bool with_journal = false;  // And once more with every request sealed in a journal.
};

double measure(
    const std::filesystem::path& server, const options& asked, const measurement& what, bench::noise_meter& noise
)
{
    std::vector<const char*> modes = {"floor", "intake"};
    if (asked.profile)
        modes = {"transport", "floor", "decode", "intake"};
    if (what.with_journal)
        modes.insert(modes.end() - 1, "journal");
    std::vector<std::unique_ptr<stage>> stages;
    for (const char* mode : modes)
        stages.push_back(std::make_unique<stage>(server, mode, what.path, what.load));

    const std::size_t requests = what.records / what.load.records_per_request + 1;
    for (int round = 0; round < asked.rounds; ++round) {
        noise.observe();
        for (const auto& one : stages)
            run_round(*one, requests, requests * what.load.records_per_request);
    }
    for (const auto& one : stages) {
        const std::string prefix = one->mode == "intake" ? std::string() : std::string(one->mode) + "_";
        bench::print_figure((prefix + what.name + "_cpu_us").c_str(), one->cost_us(), "us", bench::spread(one->costs));
        if (one->client.turned_away() > 0)
            std::cerr << what.name << ", " << one->mode << ": turned away for load and sent again "
                      << one->client.turned_away() << " times\n";
    }
    const auto in = [&stages](std::string_view mode) -> const stage& {
        const auto of_mode = [mode](const auto& one) { return one->mode == mode; };
        return **std::find_if(stages.begin(), stages.end(), of_mode);
    };
    bench::print_figure((what.name + "_floor_ratio").c_str(), cost_ratio(in("intake"), in("floor")), "x");
    if (what.with_journal)
        bench::print_figure("journal_overhead_ratio", cost_ratio(in("journal"), in("intake")), "x");
    return static_cast<double>(stages.back()->process.report().peak_kib) / 1024.0;
}

// How well a straight line explains processor time by the number of records, from ten thousand to a million: the
// coefficient of determination.
double measure_linearity(const std::filesystem::path& server, const measurement& what)
{
    stage one(server, "intake", what.path, what.load);
    std::vector<double> sizes;
    std::vector<double> times;
    constexpr std::array<std::size_t, 5> wanted_records = {10'000, 30'000, 100'000, 300'000, 1'000'000};
    for (const std::size_t wanted : wanted_records) {
        const std::size_t requests = wanted / what.load.records_per_request + 1;
        const std::size_t records = requests * what.load.records_per_request;
        run_round(one, requests, records);
        sizes.push_back(static_cast<double>(records));
        times.push_back(one.costs.back() * static_cast<double>(records));
    }
    const auto mean = [](const std::vector<double>& values) {
        return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    };
    const double size_mean = mean(sizes);
    const double time_mean = mean(times);
    double both = 0;
    double of_sizes = 0;
    double of_times = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        both += (sizes[i] - size_mean) * (times[i] - time_mean);
        of_sizes += (sizes[i] - size_mean) * (sizes[i] - size_mean);
        of_times += (times[i] - time_mean) * (times[i] - time_mean);
    }
    return both * both / (of_sizes * of_times);
}

int run(const std::filesystem::path& server, const options& asked)
{
    bench::load_shape shape;
    // Over the edge of a window: two are open per service, as at each close in the field.
    const std::int64_t window_ns = 60 * ns_per_s;
    shape.start_ns = (system_clock().now_ns() / window_ns - 1) * window_ns - 10 * ns_per_s;
    const auto logs = bench::make_log_load(shape);
    const auto spans = bench::make_span_load(shape);
    std::cerr << "log records of " << logs.record_bytes << " bytes, spans of " << spans.record_bytes << " bytes, "
              << shape.records << " per request, " << shape.operations << " operations\n";

    bench::noise_meter noise;
    const measurement of_logs{"log_record", rpc::logs_export_path, logs, asked.records, true};
    const measurement of_spans{"span", rpc::trace_export_path, spans, 4 * asked.records, false};
    const double log_peak_mib = measure(server, asked, of_logs, noise);
    const double span_peak_mib = measure(server, asked, of_spans, noise);
    bench::print_figure("rss_mib", std::max(log_peak_mib, span_peak_mib), "MiB");
    bench::print_figure("cpu_linear_r2", measure_linearity(server, of_spans), "");
    noise.print();
    return 0;
}

}  // namespace

int main(int argc, char** argv)
{
    options asked;
    int next = 1;
    if (next < argc && std::string_view(argv[next]) == "--profile") {
        asked.profile = true;
        ++next;
    }
    if (next < argc)
        asked.rounds = std::max(1, std::atoi(argv[next++]));
    if (next < argc)
        asked.records = static_cast<std::size_t>(std::max(1, std::atoi(argv[next])));
    try {
        return run(std::filesystem::path(argv[0]).parent_path() / "intake_server", asked);
    } catch (const std::exception& error) {
        std::cerr << "intake_bench: " << error.what() << "\n";
        return 70;
    }
}
