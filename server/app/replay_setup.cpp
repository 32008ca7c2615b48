#include "replay_setup.hpp"

#include "replay_headers.hpp"
#include "terminal.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"

#include <utility>

namespace reprise::app {
namespace {

constexpr std::size_t answer_bytes_max = 8UL * 1024 * 1024;
constexpr std::uint32_t open_loop_in_flight_max = 1'000;

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

}  // namespace

net::client_limits limits_of(const replay_options& options, std::uint32_t in_flight)
{
    net::client_limits limits;
    limits.body_bytes_max = answer_bytes_max;
    limits.idle_connections_max = in_flight;
    limits.answer = std::chrono::milliseconds(options.timeout_ms);
    return limits;
}

std::optional<replay_setup> check_replay_options(const replay_options& options)
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

std::unique_ptr<prepared_drive> prepare_drive(
    const replay_options& options, const replay_setup& setup, const sendable& sent
)
{
    auto sends = replay::plan_sends(sent.exchanges, setup.timing, options.times);
    if (!sends) {
        print_error(sends.error().reason);
        return nullptr;
    }
    auto made = std::make_unique<prepared_drive>();
    made->sends = std::move(*sends);
    if (options.correlate)
        made->flows = telemetry::find_value_flows(sent.exchanges);
    replay::drive_plan& plan = made->plan;
    plan.exchanges = sent.exchanges;
    plan.sends = made->sends;
    plan.when = setup.timing;
    plan.connections = policy_of(options.connections);
    plan.headers = setup.headers;
    plan.flows = options.correlate ? &made->flows : nullptr;
    plan.run_id = make_ulid(system_clock().now_ns());
    plan.mark = replay::replay_mark(plan.run_id);
    plan.nonce = hash64(random_bytes(16));
    const bool closed = setup.timing.pace == replay::pace::closed;
    plan.limits.in_flight_max =
        options.concurrency != 0 ? options.concurrency : closed ? 1U : open_loop_in_flight_max;
    plan.limits.request = std::chrono::milliseconds(options.timeout_ms);
    return made;
}

}  // namespace reprise::app
