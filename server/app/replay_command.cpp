#include "commands.hpp"
#include "exit_code.hpp"
#include "interruption.hpp"
#include "replay_gate.hpp"
#include "replay_headers.hpp"
#include "traffic_source.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/net/client.hpp"
#include "reprise/replay/report.hpp"
#include "reprise/replay/target_sender.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstdio>
#include <fstream>

namespace reprise::app {
namespace {

namespace asio = boost::asio;

constexpr std::size_t answer_bytes_max = 8UL * 1024 * 1024;
constexpr std::uint32_t open_loop_in_flight_max = 1'000;

// What is sent, and why each of it.
struct sendable {
    std::vector<model::exchange> exchanges;
    std::vector<std::string> roles;
    bool has_failing = false;
};

std::string role_text(model::evidence_role role)
{
    return role == model::evidence_role::trigger ? "failing" : std::string(model::to_text(role));
}

sendable select_sendable(std::vector<model::evidence_item> items, bool allow_unsafe)
{
    sendable made;
    for (model::evidence_item& item : items) {
        const bool driven = item.role != model::evidence_role::context &&
                            item.exchange.direction == model::direction::in && item.exchange.complete;
        if (!driven || (!allow_unsafe && replay::is_unsafe_method(item.exchange.method)))
            continue;
        made.roles.push_back(role_text(item.role));
        made.has_failing = made.has_failing || made.roles.back() == "failing";
        made.exchanges.push_back(std::move(item.exchange));
    }
    return made;
}

class bar_observer final : public replay::send_observer {
public:
    explicit bar_observer(progress_bar& bar) : bar_(bar) {}
    void ended(const replay::send_record&, const replay::sent_response*) override { bar_.advance(); }

private:
    progress_bar& bar_;
};

// Runs the drive on this thread; a signal cancels it, and what was measured until then is told.
replay::drive_result drive_here(
    const replay::drive_plan& plan, net::http_client& http, const replay::target& to, progress_bar& bar
)
{
    asio::io_context context(1);
    const system_clock wall;
    const auto time = replay::make_steady_time();
    replay::target_sender sender(http, wall, to);
    bar_observer observer(bar);
    asio::cancellation_signal stop;
    asio::steady_timer watch(context);
    replay::drive_result made;
    bool over = false;
    const std::function<void()> look = [&] {
        if (over)
            return;
        if (interruption::seen() != 0)
            stop.emit(asio::cancellation_type::terminal);
        watch.expires_after(std::chrono::milliseconds(50));
        watch.async_wait([&look](const error_code&) { look(); });
    };
    auto finish = [&](std::exception_ptr error, replay::drive_result got) {
        over = true;
        watch.cancel();
        http.close_idle();
        if (error)
            std::rethrow_exception(error);
        made = std::move(got);
    };
    asio::co_spawn(
        context, replay::run_drive(plan, sender, *time, &observer),
        asio::bind_cancellation_slot(stop.slot(), std::move(finish))
    );
    look();
    context.run();
    return made;
}

std::string fixed(double value)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
}

std::string ms(std::int64_t ns)
{
    return fixed(static_cast<double>(ns) / 1e6);
}

double percent(std::uint64_t part, std::uint64_t whole)
{
    return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

// The figures a gate may ask for, of the failing exchanges or of all.
struct gate_figures {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t failing = 0;
    replay::latency_summary latency;
};

gate_figures measure_for_gates(const sendable& sent, const replay::drive_result& result)
{
    gate_figures made;
    std::vector<std::int64_t> latencies;
    for (const replay::send_record& record : result.records) {
        const bool counts = !sent.has_failing || sent.roles[record.planned.exchange] == "failing";
        if (!counts || record.end == replay::send_end::dropped)
            continue;
        ++made.sent;
        const bool answered = record.end == replay::send_end::answered;
        made.answered += answered ? 1U : 0U;
        made.failing += !answered || record.status >= 500 || record.status == 429 ? 1U : 0U;
        if (answered)
            latencies.push_back(std::max<std::int64_t>(record.done_ns - record.due_ns, 0));
    }
    made.latency = replay::summarise_latency(std::move(latencies));
    return made;
}

double figure_of(const gate_figures& from, replay::subject figure)
{
    switch (figure) {
    case replay::subject::failing: return percent(from.failing, from.sent);
    case replay::subject::unanswered: return percent(from.sent - from.answered, from.sent);
    case replay::subject::p50: return static_cast<double>(from.latency.p50_ns) / 1e6;
    case replay::subject::p90: return static_cast<double>(from.latency.p90_ns) / 1e6;
    case replay::subject::p95: return static_cast<double>(from.latency.p95_ns) / 1e6;
    default: break;
    }
    return static_cast<double>(from.latency.p99_ns) / 1e6;
}

// Without a request that was sent every gate fails: nothing was shown.
std::vector<replay::gate_outcome> look_at_gates(const std::vector<replay_gate>& gates, const gate_figures& figures)
{
    std::vector<replay::gate_outcome> made;
    for (const replay_gate& gate : gates) {
        const replay::subject what = gate.figure.what;
        const double value = figure_of(figures, what);
        const bool is_share = what == replay::subject::failing || what == replay::subject::unanswered;
        const std::string measured = fixed(value) + (is_share ? " %" : " ms");
        const std::string told = figures.sent == 0 ? "unknown: nothing was sent" : measured;
        made.push_back({gate.text, told, figures.sent == 0 || replay::holds(gate.figure, value)});
    }
    return made;
}

std::optional<std::vector<replay_gate>> parse_gates(const std::vector<std::string>& texts)
{
    std::vector<replay_gate> gates;
    for (const std::string& text : texts) {
        auto gate = parse_gate(text);
        if (!gate) {
            print_error("--fail-if '" + text + "': " + gate.error().reason);
            return std::nullopt;
        }
        gates.push_back(std::move(*gate));
    }
    return gates;
}

void print_text(const replay::replay_report& report)
{
    std::vector<std::vector<std::string>> rows = {
        {"OPERATION", "ROLE", "SENT", "AS RECORDED", "FAILING", "RECORDED P95 MS", "P50 MS", "P95 MS", "MAX MS"}
    };
    for (const replay::operation_report& one : report.operations) {
        rows.push_back(
            {one.name, one.role, std::to_string(one.sent) + " of " + std::to_string(one.planned),
             std::to_string(one.same_status), std::to_string(one.failing), ms(one.recorded_latency.p95_ns),
             ms(one.latency.p50_ns), ms(one.latency.p95_ns), ms(one.latency.max_ns)}
        );
    }
    std::printf("%s\n", render_table(rows).c_str());
    std::printf(
        "%llu planned, %llu sent, %llu answered, %llu dropped in %.1f s (%.0f per second)\n",
        static_cast<unsigned long long>(report.planned), static_cast<unsigned long long>(report.sent),
        static_cast<unsigned long long>(report.answered), static_cast<unsigned long long>(report.dropped),
        static_cast<double>(report.duration_ns) / 1e9, report.sent_per_second
    );
    std::printf(
        "from the planned time: p50 %s ms, p95 %s ms, p99 %s ms; requests went out late by p99 %s ms\n",
        ms(report.latency.p50_ns).c_str(), ms(report.latency.p95_ns).c_str(), ms(report.latency.p99_ns).c_str(),
        ms(report.send_delay.p99_ns).c_str()
    );
    std::printf("values: %s", report.correlation.c_str());
    if (report.unlearned > 0)
        std::printf("; %llu did not come and went out as captured", static_cast<unsigned long long>(report.unlearned));
    std::printf("\n");
    for (const auto& [reason, count] : report.failures)
        std::printf("without an answer: %s x %s\n", std::to_string(count).c_str(), printable(reason).c_str());
}

// False, and said why, when a file cannot be written.
bool write_reports(const replay::replay_report& report, const std::vector<std::string>& files)
{
    for (const std::string& file : files) {
        const std::string text = file.ends_with(".html") ? replay::to_html(report)
                                 : file.ends_with(".xml") ? replay::to_junit(report)
                                                          : replay::to_json(report) + "\n";
        std::ofstream stream(file, std::ios::binary);
        if (!(stream << text) || !stream.flush()) {
            print_error(file + ": cannot be written; does its directory exist, and is there room?");
            return false;
        }
    }
    return true;
}

bool know_endings(const std::vector<std::string>& files)
{
    for (const std::string& file : files) {
        if (!file.ends_with(".html") && !file.ends_with(".xml") && !file.ends_with(".json")) {
            print_error("--report " + file + " must end in .json, .html or .xml");
            return false;
        }
    }
    return true;
}

net::client_limits limits_of(const replay_options& options, std::uint32_t in_flight)
{
    net::client_limits limits;
    limits.body_bytes_max = answer_bytes_max;
    limits.idle_connections_max = in_flight;
    limits.answer = std::chrono::milliseconds(options.timeout_ms);
    return limits;
}

replay::connection_policy policy_of(const std::string& text)
{
    return text == "fresh"  ? replay::connection_policy::fresh
           : text == "kept" ? replay::connection_policy::kept
                            : replay::connection_policy::recorded;
}

// Everything the command line said, checked; a problem was printed.
struct replay_setup {
    replay::target target;
    std::vector<replay_gate> gates;
    model::header_list headers;
    replay::timing timing;
    net::client_transport transport;
};

std::optional<replay_setup> check_options(const replay_options& options)
{
    replay_setup made;
    auto gates = parse_gates(options.fail_if);
    if (!gates || !know_endings(options.reports))
        return std::nullopt;
    made.gates = std::move(*gates);
    auto headers = parse_headers(options.headers, options.header_files);
    if (const auto* wrong = std::get_if<std::string>(&headers)) {
        print_error(*wrong);
        return std::nullopt;
    }
    made.headers = std::move(std::get<model::header_list>(headers));
    auto target = replay::parse_target(options.against);
    if (!target) {
        print_error("--against: " + target.error().reason);
        return std::nullopt;
    }
    made.target = std::move(*target);
    const auto timing = replay::parse_timing(options.timing);
    if (!timing) {
        print_error("--timing: " + timing.error().reason);
        return std::nullopt;
    }
    made.timing = *timing;
    made.transport.version = options.http2 ? net::http_version::http2 : net::http_version::http1;
    auto tls = net::load_client_tls({options.ca_file, {}, {}, options.insecure});
    if (!tls) {
        print_error("--ca-file: " + tls.error().text);
        return std::nullopt;
    }
    made.transport.tls = std::move(*tls);
    return made;
}

int send_and_report(
    const replay_options& options, const replay_setup& setup, const std::string& source, const sendable& sent,
    const output_style& style
)
{
    const auto sends = replay::plan_sends(sent.exchanges, setup.timing, options.times);
    if (!sends) {
        print_error(sends.error().reason);
        return exit_usage;
    }
    const telemetry::value_flows flows =
        options.correlate ? telemetry::find_value_flows(sent.exchanges) : telemetry::value_flows();
    replay::drive_plan plan;
    plan.exchanges = sent.exchanges;
    plan.sends = *sends;
    plan.when = setup.timing;
    plan.connections = policy_of(options.connections);
    plan.headers = setup.headers;
    plan.flows = options.correlate ? &flows : nullptr;
    plan.run_id = make_ulid(system_clock().now_ns());
    plan.mark = replay::replay_mark(plan.run_id);
    plan.nonce = hash64(random_bytes(16));
    const bool closed = setup.timing.pace == replay::pace::closed;
    plan.limits.in_flight_max =
        options.concurrency != 0 ? options.concurrency : closed ? 1U : open_loop_in_flight_max;
    plan.limits.request = std::chrono::milliseconds(options.timeout_ms);

    progress_bar bar("replaying", sends->size(), style);
    net::http_client http(
        net::target_guard::allow_all(), limits_of(options, plan.limits.in_flight_max), setup.transport
    );
    const replay::drive_result result = drive_here(plan, http, setup.target, bar);
    replay::replay_report report = replay::make_report(plan, sent.roles, result);
    report.source = source;
    report.target = setup.target.text();
    report.gates = look_at_gates(setup.gates, measure_for_gates(sent, result));

    if (!write_reports(report, options.reports))
        return exit_unavailable;
    if (style.json)
        std::printf("%s\n", replay::to_json(report).c_str());
    else if (!style.quiet)
        print_text(report);
    bool failed = false;
    for (const replay::gate_outcome& gate : report.gates) {
        failed = failed || gate.failed;
        if (gate.failed)
            print_error("gate failed: " + gate.text + " (" + gate.value + ")");
    }
    if (report.not_begun > 0)  // A signal: the process ends by it.
        return exit_unavailable;
    if (report.answered == 0 && !failed) {
        print_error(setup.target.text() + ": no request was answered; is the target running?");
        return exit_unavailable;
    }
    return failed ? exit_gate : exit_ok;
}

}  // namespace

int run_replay(const replay_options& options, const output_style& style)
{
    const auto setup = check_options(options);
    if (!setup)
        return exit_usage;
    auto loaded = load_traffic(options.source, options.service, style);
    if (const auto* wrong = std::get_if<traffic_error>(&loaded)) {
        print_error(wrong->text);
        return wrong->exit_code;
    }
    traffic& source = std::get<traffic>(loaded);
    const sendable sent = select_sendable(std::move(source.items), options.allow_unsafe);
    if (sent.exchanges.empty()) {
        print_error(
            options.source + ": holds no inbound request that may be sent" +
            (options.allow_unsafe ? "" : "; --allow-unsafe sends POST, PUT, PATCH and DELETE, too")
        );
        return exit_data;
    }
    return send_and_report(options, *setup, source.name, sent, style);
}

}  // namespace reprise::app
