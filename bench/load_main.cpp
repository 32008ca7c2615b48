// reprise-load: sends OTLP log records (RRPairs) and spans to any OTLP endpoint at a planned rate, and
// says what was planned, sent and answered, and when. Requests are made before the clock starts.

#include "gzip_text.hpp"
#include "load_plan.hpp"
#include "load_tally.hpp"
#include "otlp_load.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>

namespace {

using namespace reprise;

constexpr int exit_usage = 64;
constexpr int exit_unanswered = 69;
constexpr int exit_software = 70;

struct invocation {
    bench::load_plan plan;
    bench::load_shape shape;
    std::string transport = "grpc";
    std::string signal = "logs";
    std::vector<std::string> headers;
    double duration_s = 10;
    double age_s = 20;
    int server_pid = 0;
    bool json = false;
};

void add_payload_options(CLI::App& app, invocation& asked)
{
    app.add_option("--signal", asked.signal, "Log records (RRPairs), spans, or a request of each in turn")
        ->check(CLI::IsMember({"logs", "spans", "mixed"}));
    app.add_option("--records", asked.shape.records, "Records per request")->check(CLI::Range(1, 100'000));
    app.add_option("--log-bytes", asked.shape.log_bytes, "Bytes of a log record, about")->check(CLI::Range(1, 1 << 20));
    app.add_option("--services", asked.shape.services, "Services; a request carries one")->check(CLI::Range(1, 10'000));
    app.add_option("--operations", asked.shape.operations, "Operations over all services")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--batches", asked.shape.batches, "Distinct requests, sent in turn")->check(CLI::Range(1, 10'000));
    app.add_option("--age", asked.age_s, "Seconds before now at which the records start; they lie within 20 s")
        ->check(CLI::Range(0.0, 1e9));
    app.add_flag("--gzip", asked.plan.gzip, "Compress the requests");
}

void add_plan_options(CLI::App& app, invocation& asked)
{
    bench::load_plan& plan = asked.plan;
    app.add_option("--transport", asked.transport, "OTLP over gRPC, or protobuf over HTTP/1.1")
        ->check(CLI::IsMember({"grpc", "http"}));
    app.add_option(
        "--endpoint", plan.endpoint, "host:port with gRPC, http://host:port with HTTP; loopback when left out"
    );
    app.add_option("--header", asked.headers, "name:value sent with every request, such as a token; may be repeated");
    app.add_option("--rate", plan.rate, "Requests per second; 0 sends as fast as answers come")
        ->check(CLI::Range(0.0, 1e6));
    app.add_option("--duration", asked.duration_s, "Seconds after which nothing more is sent")
        ->check(CLI::Range(0.001, 86'400.0));
    app.add_option("--requests", plan.requests_max, "Requests after which nothing more is sent")
        ->check(CLI::Range(1, 1'000'000'000));
    app.add_option("--connections", plan.connections, "Connections of gRPC; HTTP has one per request in flight")
        ->check(CLI::Range(1, 1000));
    app.add_option("--in-flight", plan.in_flight, "Requests under way at once; a due request waits for a place, late")
        ->check(CLI::Range(1, 10'000));
    app.add_option("--server-pid", asked.server_pid, "Process on this machine whose processor time is reported");
    app.add_flag("--json", asked.json, "Print one JSON object instead of the table");
}

// "name:value"; names in lower case, as gRPC wants them.
model::header_list parse_headers(const std::vector<std::string>& texts)
{
    model::header_list headers;
    for (const std::string& text : texts) {
        const auto colon = text.find(':');
        if (colon == 0 || colon == std::string::npos)
            throw CLI::ValidationError("--header", "must be name:value, not " + text);
        std::string name = text.substr(0, colon);
        std::transform(name.begin(), name.end(), name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        });
        const auto value = text.find_first_not_of(' ', colon + 1);
        headers.emplace_back(std::move(name), value == std::string::npos ? std::string() : text.substr(value));
    }
    return headers;
}

std::vector<bench::load_payload> make_payloads(const invocation& asked)
{
    bench::otlp_load logs;
    bench::otlp_load spans;
    if (asked.signal != "spans")
        logs = bench::make_log_load(asked.shape);
    if (asked.signal != "logs")
        spans = bench::make_span_load(asked.shape);

    // gRPC compresses when it sends; HTTP is handed what is on the wire.
    const bool zip = asked.plan.gzip && asked.transport == "http";
    std::vector<bench::load_payload> payloads;
    for (std::size_t i = 0; i < asked.shape.batches; ++i) {
        for (const bench::otlp_load* load : {&logs, &spans}) {
            if (load->requests.empty())
                continue;
            const std::string& bytes = load->requests[i];
            payloads.push_back({load == &logs, zip ? bench::gzip(bytes) : bytes, load->records_per_request});
        }
    }
    return payloads;
}

std::optional<std::int64_t> find_cpu_ns(int pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    // The command's name may hold blanks; the fields start behind its bracket.
    if (pid <= 0 || !std::getline(file, text) || text.rfind(')') == std::string::npos)
        return std::nullopt;
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i)
        fields >> skipped;
    std::int64_t user_ticks = 0;
    std::int64_t system_ticks = 0;
    fields >> user_ticks >> system_ticks;
    return (user_ticks + system_ticks) * (ns_per_s / sysconf(_SC_CLK_TCK));
}

std::optional<std::uint64_t> find_peak_kib(int pid)
{
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    std::string word;
    std::uint64_t kib = 0;
    while (status >> word && word != "VmHWM:") {
    }
    if (pid <= 0 || !(status >> kib))
        return std::nullopt;
    return kib;
}

int run(invocation& asked)
{
    bench::load_plan& plan = asked.plan;
    const bool grpc = asked.transport == "grpc";
    if (plan.endpoint.empty())
        plan.endpoint = grpc ? "127.0.0.1:4317" : "http://127.0.0.1:4318";
    plan.duration = std::chrono::milliseconds(static_cast<std::int64_t>(asked.duration_s * 1000));
    const system_clock wall;
    asked.shape.start_ns = wall.now_ns() - static_cast<std::int64_t>(asked.age_s * 1e9);
    const auto payloads = make_payloads(asked);

    bench::load_tally tally;
    const auto cpu_before = find_cpu_ns(asked.server_pid);
    const std::int64_t from_ns = wall.now_ns();
    if (grpc)
        bench::run_grpc_load(plan, payloads, tally);
    else
        bench::run_http_load(plan, payloads, tally);

    bench::load_tally::frame around;
    around.target = (grpc ? "grpc " : "") + plan.endpoint;
    around.planned = bench::load_schedule(plan).planned();
    around.elapsed_ns = wall.now_ns() - from_ns;
    const auto cpu_after = find_cpu_ns(asked.server_pid);
    if (cpu_before && cpu_after)
        around.server_cpu_ns = *cpu_after - *cpu_before;
    around.server_peak_kib = find_peak_kib(asked.server_pid);
    std::cout << (asked.json ? tally.to_json(around) : tally.to_table(around));
    return tally.sent() == tally.failed() ? exit_unanswered : 0;
}

}  // namespace

int main(int argc, char** argv)
{
    CLI::App app(
        "Sends OTLP log records and spans at a planned rate and says what came of them.\n"
        "Exit code 69: nothing was answered."
    );
    app.option_defaults()->always_capture_default();
    invocation asked;
    add_plan_options(app, asked);
    add_payload_options(app, asked);
    try {
        app.parse(argc, argv);
        asked.plan.headers = parse_headers(asked.headers);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    try {
        return run(asked);
    } catch (const std::exception& error) {
        std::cerr << "reprise-load: " << error.what() << "\n";
        return exit_software;
    }
}
