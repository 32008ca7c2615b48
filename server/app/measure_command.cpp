#include "measure_command.hpp"

#include "child_process.hpp"
#include "comparing_observer.hpp"
#include "drive_here.hpp"
#include "exit_code.hpp"
#include "interruption.hpp"
#include "mock_setup.hpp"
#include "replay_headers.hpp"
#include "replay_setup.hpp"
#include "sendable.hpp"
#include "traffic_source.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/replay/mock_server.hpp"
#include "reprise/replay/report.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>

namespace reprise::app {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds drain_max{5'000};
constexpr std::chrono::milliseconds stop_max{5'000};
constexpr std::chrono::milliseconds ready_pause{50};

// The mock on a thread of its own, so that what it stamps does not wait for the driver.
class mock_thread {
public:
    explicit mock_thread(std::shared_ptr<replay::mock> answers)
        : work_(asio::make_work_guard(context_)),
          server_(context_.get_executor(), replay::mock_server_config(), std::move(answers), time_, numbers_)
    {
    }
    ~mock_thread() { end(); }
    mock_thread(const mock_thread&) = delete;
    mock_thread& operator=(const mock_thread&) = delete;

    result<void> begin()
    {
        auto started = server_.start();
        if (started)
            thread_ = std::thread([this] { context_.run(); });
        return started;
    }
    // Afterwards nothing is answered, and the arrivals are complete.
    void end()
    {
        if (!thread_.joinable())
            return;
        server_.stop();
        asio::co_spawn(context_, server_.drain(drain_max), asio::use_future).get();
        work_.reset();
        thread_.join();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    replay::mock_server& server() { return server_; }

private:
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    system_clock time_;
    metrics numbers_;
    replay::mock_server server_;
    std::thread thread_;
};

std::string with_mock(std::string text, const std::string& url)
{
    constexpr std::string_view mark = "{mock}";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + url.size()))
        text.replace(at, mark.size(), url);
    return text;
}

// Nothing when the service was started, or runs already.
struct started_service {
    std::optional<child_process> process;
    std::optional<std::string> wrong;
};

started_service start_service(const measure_options& options, const std::string& mock_url)
{
    started_service made;
    if (options.command.empty())
        return made;
    child_process::environment variables = {{"REPRISE_MOCK_URL", mock_url}};
    for (const std::string& text : options.variables) {
        const auto sign = text.find('=');
        variables.emplace_back(text.substr(0, sign), with_mock(text.substr(sign + 1), mock_url));
    }
    std::vector<std::string> command;
    for (const std::string& argument : options.command)
        command.push_back(with_mock(argument, mock_url));
    auto started = child_process::start(command, variables, options.log);
    if (auto* wrong = std::get_if<std::string>(&started))
        made.wrong = std::move(*wrong);
    else
        made.process.emplace(std::move(std::get<child_process>(started)));
    return made;
}

bool answers_now(net::http_client& http, const net::url& url)
{
    asio::io_context context(1);
    bool answered = false;
    auto finish = [&](std::exception_ptr error, const result<net::client_response>& answer) {
        answered = !error && answer.has_value();
        http.close_idle();  // A kept HTTP/2 connection would keep the context running.
    };
    asio::co_spawn(context, http.send(net::client_request("GET", url)), std::move(finish));
    context.run();
    return answered;
}

// Why the service is not there, for a person; nothing once it answers.
std::optional<std::string> wait_until_ready(
    const measure_options& options, const replay_setup& setup, std::optional<child_process>& process
)
{
    const std::string path = options.ready.empty() ? "/" : options.ready;
    const auto url = net::parse_url(setup.target.text() + path);
    if (!url)
        return "--ready '" + path + "' must be a path like /healthz";
    net::client_limits limits;
    limits.connect = std::chrono::milliseconds(1'000);
    limits.answer = std::chrono::milliseconds(2'000);
    net::http_client http(net::target_guard::allow_all(), limits, setup.transport);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(options.ready_timeout_ms);
    while (std::chrono::steady_clock::now() < deadline && interruption::seen() == 0) {
        if (process) {
            if (const auto end = process->find_end())
                return options.command.front() + ": ended (" + *end + ") before it answered at " +
                       setup.target.text() + path;
        }
        if (answers_now(http, *url))
            return std::nullopt;
        std::this_thread::sleep_for(ready_pause);
    }
    return setup.target.text() + path + ": did not answer within " + std::to_string(options.ready_timeout_ms) +
           " ms; does --against name the service's port?";
}

void print_text(const replay::measurement& made)
{
    const auto number = [](std::uint64_t value) { return std::to_string(value); };
    const auto classes = [](const std::map<std::string, std::uint64_t>& counts) {
        std::string out;
        for (const auto& [name, count] : counts)
            out += (out.empty() ? "" : ", ") + std::to_string(count) + " x " + name;
        return out.empty() ? std::string("none") : out;
    };
    const auto ms = [](std::int64_t ns) {
        char text[32];
        std::snprintf(text, sizeof text, "%.1f ms", static_cast<double>(ns) / 1e6);
        return std::string(text);
    };
    char per_request[32];
    std::snprintf(per_request, sizeof per_request, "%.2f", made.calls_per_request);
    std::printf("%s\n", render_table({
        {"FIGURE", "VALUE"},
        {"requests answered", number(made.answered) + " of " + number(made.planned)},
        {"answers", classes(made.answers)},
        {"latency p50, p95, p99", ms(made.latency.p50_ns) + ", " + ms(made.latency.p95_ns) + ", " +
                                      ms(made.latency.p99_ns)},
        {"calls to the mock", number(made.calls)},
        {"their answers", classes(made.call_answers)},
        {"calls without a recording", number(made.call_misses)},
        {"calls per request", per_request},
        {"most calls of one request", number(made.calls_of_one_request_max)},
        {"peak in flight", number(made.peak_in_flight)},
        {"most arrivals in 50 ms", number(made.max_arrivals_50ms)},
        {"method", made.hash.substr(0, 12)},
    }).c_str());
}

constexpr std::size_t endpoints_shown_max = 10;

void print_endpoints(const replay::measurement& made)
{
    std::vector<std::vector<std::string>> rows = {{"ENDPOINT", "CALLS", "IN FLIGHT", "IN 50 MS"}};
    for (const replay::endpoint_figures& one : made.endpoints) {
        if (rows.size() <= endpoints_shown_max)
            rows.push_back({
                one.name, std::to_string(one.calls), std::to_string(one.peak_in_flight),
                std::to_string(one.max_arrivals_50ms)
            });
    }
    if (rows.size() == 1)
        return;
    std::printf("%s\n", render_table(rows).c_str());
    if (made.endpoints.size() > endpoints_shown_max)
        std::printf("and %zu endpoints more; --json has all\n", made.endpoints.size() - endpoints_shown_max);
}

bool write_text(const std::string& file, const std::string& text)
{
    std::ofstream stream(file, std::ios::binary);
    stream << text;
    stream.close();
    if (!stream)
        print_error(file + ": cannot be written; does its directory exist, and is there room?");
    return static_cast<bool>(stream);
}

int tell(const replay::measurement& made, const measure_options& options, const output_style& style)
{
    const std::string json = replay::to_json(made);
    if (!options.out.empty() && !write_text(options.out, json + "\n"))
        return exit_unavailable;
    if (!options.report.empty() && !write_text(options.report, replay::to_html(made)))
        return exit_unavailable;
    if (style.json)
        std::printf("%s\n", json.c_str());
    if (style.json || style.quiet)
        return exit_ok;
    print_text(made);
    print_endpoints(made);
    return exit_ok;
}

// What was loaded: the requests, and the calls that answer.
struct measured_traffic {
    std::string sha256;
    std::string mock_sha256;
    sendable sent;
    std::shared_ptr<replay::mock> answers;
};

// Of everything that a mock answers by, each text with its length before it.
std::string digest_of(const std::vector<model::exchange>& calls)
{
    std::string digest;
    for (const model::exchange& call : calls) {
        std::string text = digest + std::to_string(call.status) + " " + std::to_string(call.duration_ns);
        const auto add = [&text](const std::string& part) { text += " " + std::to_string(part.size()) + ":" + part; };
        add(call.method);
        add(call.host);
        add(call.path);
        add(call.request_body);
        add(call.response_body);
        for (const auto& [name, value] : call.response_headers) {
            add(name);
            add(value);
        }
        digest = sha256_hex(text);
    }
    return digest;
}

std::optional<mock_failure> load(const measure_options& options, const output_style& style, measured_traffic& into)
{
    mock_run_options mock = options.mock;
    auto loaded = load_traffic(options.drive.source, options.drive.service, style);
    if (const auto* wrong = std::get_if<traffic_error>(&loaded))
        return mock_failure{wrong->exit_code, wrong->text};
    traffic& source = std::get<traffic>(loaded);
    into.sha256 = source.sha256;
    into.sent = select_sendable(std::move(source.items), options.drive.allow_unsafe);
    if (into.sent.exchanges.empty())
        return mock_failure{exit_data, options.drive.source + ": holds no inbound request that may be sent"};
    if (mock.sources.empty())
        mock.sources.push_back(options.drive.source);
    replay::mock_options rules;
    if (auto wrong = read_mock_rules(mock, rules))
        return wrong;
    std::vector<model::exchange> calls;
    if (auto wrong = load_mock_calls(mock, style, calls))
        return wrong;
    into.mock_sha256 = digest_of(calls);
    auto answers = replay::mock::make(std::move(calls), std::move(rules));
    if (!answers)
        return mock_failure{exit_data, answers.error().reason};
    into.answers = std::move(*answers);
    return std::nullopt;
}

int measure(
    const measure_options& options, const replay_setup& setup, measured_traffic& traffic, const output_style& style
)
{
    mock_thread mock(traffic.answers);
    if (const auto begun = mock.begin(); !begun) {
        print_error("the mock cannot listen: " + begun.error().message());
        return exit_unavailable;
    }
    started_service service = start_service(options, mock.url());
    auto wrong = service.wrong ? service.wrong : wait_until_ready(options, setup, service.process);
    if (wrong) {
        print_error(*wrong);
        return exit_unavailable;
    }
    auto prepared = prepare_drive(options.drive, setup, traffic.sent);
    if (!prepared)
        return exit_usage;
    // What the service asked while it came up belongs to no request.
    const std::int64_t begun_ns = system_clock().steady_ns();
    progress_bar bar("measuring", prepared->sends.size(), style);
    net::http_client http(
        net::target_guard::allow_all(), limits_of(options.drive, prepared->plan.limits.in_flight_max), setup.transport
    );
    comparing_observer observer(traffic.sent.exchanges, {}, false, bar);
    const replay::drive_result driven = drive_here(prepared->plan, http, setup.target, observer);
    if (service.process)
        service.process->stop(stop_max);
    mock.end();
    if (driven.not_begun > 0 || interruption::seen() != 0)
        return exit_unavailable;

    auto arrivals = mock.server().log().list();
    std::erase_if(arrivals, [begun_ns](const replay::arrival& one) { return one.steady_ns < begun_ns; });
    const auto report = replay::make_report(prepared->plan, traffic.sent.roles, driven);
    const auto endpoint_of = [&traffic](const replay::arrival& one) {
        return one.recording == replay::no_recording ? replay::unrecorded_endpoint
                                                     : traffic.answers->endpoint_of(one.recording);
    };
    replay::measurement made = replay::make_measurement(report, driven, arrivals, endpoint_of);
    made.measured_at_ns = system_clock().now_ns();
    made.target = setup.target.text();
    for (const std::string& argument : options.command)
        made.target += (&argument == &options.command.front() ? " -- " : " ") + argument;
    made.method = describe_method(options, traffic.sha256, traffic.mock_sha256);
    made.hash = replay::methodology_hash(made.method);
    if (made.answered == 0) {
        print_error(setup.target.text() + ": no request was answered, so nothing was measured");
        return exit_unavailable;
    }
    return tell(made, options, style);
}

}  // namespace

int run_measure(const measure_options& options, const output_style& style)
{
    const auto setup = check_replay_options(options.drive);
    if (!setup)
        return exit_usage;
    for (const std::string& text : options.variables) {
        if (text.find('=') == std::string::npos || text.starts_with('=')) {
            print_error("--env '" + text + "' must be NAME=value");
            return exit_usage;
        }
    }
    measured_traffic traffic;
    if (const auto wrong = load(options, style, traffic)) {
        print_error(wrong->text);
        return wrong->code;
    }
    return measure(options, *setup, traffic, style);
}

}  // namespace reprise::app
