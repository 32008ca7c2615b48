// Processor time of the server per record, end to end over real gRPC on loopback: medians of some
// rounds. The server runs in a process of its own (bench/intake_server), so the load costs nothing here.

#include "figure.hpp"
#include "otlp_load.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/rpc/otlp_server.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
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
        if (pipe(to.data()) != 0 || pipe(from.data()) != 0)
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
    int rounds = 5;
    std::size_t records = 400'000;  // Per round of logs; spans get four times as many.
};

struct measured {
    double record_cpu_us = 0;
    double peak_mib = 0;
};

measured measure(
    const std::filesystem::path& server, const char* mode, std::string_view path, const bench::otlp_load& load,
    std::size_t records, int rounds
)
{
    server_process process(server, mode);
    load_client client(process.port(), std::string(path), load);
    const std::size_t count = records / load.records_per_request + 1;
    client.send(load.requests.size());  // Each once: tables are filled, connections open.

    std::vector<double> costs;
    for (int round = 0; round < rounds; ++round) {
        const server_report before = process.report();
        client.send(count);
        const server_report after = process.report();
        const std::size_t sent = count * load.records_per_request;
        if (std::string_view(mode) != "floor" && (after.records - before.records != sent || after.lost != 0))
            throw std::runtime_error("the server did not count every record");
        costs.push_back(static_cast<double>(after.cpu_ns - before.cpu_ns) / static_cast<double>(sent) / 1000.0);
    }
    if (client.turned_away() > 0)
        std::cerr << path << ": turned away for load and sent again: " << client.turned_away() << " of "
                  << count * static_cast<std::size_t>(rounds) << " requests\n";
    return {bench::median(costs), static_cast<double>(process.report().peak_kib) / 1024.0};
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

    const std::size_t span_records = 4 * asked.records;
    const auto floor_logs = measure(server, "floor", rpc::logs_export_path, logs, asked.records, asked.rounds);
    const auto full_logs = measure(server, "intake", rpc::logs_export_path, logs, asked.records, asked.rounds);
    const auto kept_logs = measure(server, "journal", rpc::logs_export_path, logs, asked.records, asked.rounds);
    const auto floor_spans = measure(server, "floor", rpc::trace_export_path, spans, span_records, asked.rounds);
    const auto full_spans = measure(server, "intake", rpc::trace_export_path, spans, span_records, asked.rounds);
    bench::print_figure("log_record_cpu_us", full_logs.record_cpu_us, "us");
    bench::print_figure("floor_log_record_cpu_us", floor_logs.record_cpu_us, "us");
    bench::print_figure("span_cpu_us", full_spans.record_cpu_us, "us");
    bench::print_figure("floor_span_cpu_us", floor_spans.record_cpu_us, "us");
    bench::print_figure("journal_log_record_cpu_us", kept_logs.record_cpu_us, "us");
    bench::print_figure("journal_overhead_ratio", kept_logs.record_cpu_us / full_logs.record_cpu_us, "x");
    bench::print_figure("rss_mib", std::max(full_logs.peak_mib, full_spans.peak_mib), "MiB");
    return 0;
}

}  // namespace

int main(int argc, char** argv)
{
    options asked;
    if (argc > 1)
        asked.rounds = std::max(1, std::atoi(argv[1]));
    if (argc > 2)
        asked.records = static_cast<std::size_t>(std::max(1, std::atoi(argv[2])));
    try {
        return run(std::filesystem::path(argv[0]).parent_path() / "intake_server", asked);
    } catch (const std::exception& error) {
        std::cerr << "intake_bench: " << error.what() << "\n";
        return 70;
    }
}
