#include "commands.hpp"
#include "exit_code.hpp"
#include "replay_gate.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/base/canonical_json.hpp"
#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/detect/sketch.hpp"
#include "reprise/net/client.hpp"
#include "reprise/replay/target.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <array>
#include <cstdio>
#include <fstream>

namespace reprise::app {
namespace {

namespace asio = boost::asio;

// What one role's exchanges did when sent again.
struct tally {
    std::string role;
    std::uint64_t planned = 0;
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t failing = 0;  // 5xx, 429 or no answer.
    detect::sketch latency;
};

struct replay_job {
    net::http_client& http;
    const replay::target& to;
    const std::vector<model::evidence_item>& items;
    const replay_options& options;
    model::header_list extra;
    std::string run_id;
    progress_bar& bar;

    replay_job(
        net::http_client& http_, const replay::target& to_, const std::vector<model::evidence_item>& items_,
        const replay_options& options_, model::header_list extra_, std::string run_id_, progress_bar& bar_
    )
        : http(http_), to(to_), items(items_), options(options_), extra(std::move(extra_)),
          run_id(std::move(run_id_)), bar(bar_)
    {
    }
};

bool can_send(const model::evidence_item& item, bool allow_unsafe)
{
    return item.role != model::evidence_role::context && item.exchange.direction == model::direction::in &&
           item.exchange.complete && (allow_unsafe || !replay::is_unsafe_method(item.exchange.method));
}

std::string_view tally_role(model::evidence_role role)
{
    return role == model::evidence_role::control ? "control" : "failing";
}

tally& tally_of(std::vector<tally>& all, std::string_view role)
{
    for (tally& one : all) {
        if (one.role == role)
            return one;
    }
    all.push_back({});
    all.back().role = role;
    return all.back();
}

asio::awaitable<void> send_one(const replay_job& job, const model::exchange& captured, tally& into)
{
    const std::string random = random_bytes(16);
    const model::trace_id trace{hash64(random), hash64(random, 1)};
    replay::request outgoing = replay::make_request(captured, job.run_id, trace, hash64(random, 2));
    auto url = net::parse_url(job.to.text() + outgoing.path);
    ++into.planned;
    if (!url)
        co_return;
    net::client_request request(outgoing.method, std::move(*url));
    request.headers = std::move(outgoing.headers);
    for (const auto& header : job.extra)
        request.headers.push_back(header);
    request.body = std::move(outgoing.body);
    ++into.sent;
    const auto answer = co_await job.http.send(std::move(request));
    if (!answer) {
        ++into.failing;
        co_return;
    }
    ++into.answered;
    if (answer->status >= 500 || answer->status == 429)
        ++into.failing;
    into.latency.add(answer->done_after_ns);
}

asio::awaitable<void> send_all(const replay_job& job, std::vector<tally>& tallies)
{
    for (std::uint32_t round = 0; round < job.options.times; ++round) {
        for (const model::evidence_item& item : job.items) {
            job.bar.advance();
            if (can_send(item, job.options.allow_unsafe))
                co_await send_one(job, item.exchange, tally_of(tallies, tally_role(item.role)));
        }
    }
}

double percent(std::uint64_t part, std::uint64_t whole)
{
    return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

double figure_of(const tally& one, gate_figure figure)
{
    switch (figure) {
    case gate_figure::failing: return percent(one.failing, one.sent);
    case gate_figure::unanswered: return percent(one.sent - one.answered, one.sent);
    case gate_figure::p50: return one.latency.quantile(0.50) / 1e6;
    case gate_figure::p90: return one.latency.quantile(0.90) / 1e6;
    case gate_figure::p95: return one.latency.quantile(0.95) / 1e6;
    case gate_figure::p99: break;
    }
    return one.latency.quantile(0.99) / 1e6;
}

std::string fixed(double value)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
}

boost::json::object to_json(const std::vector<tally>& tallies, const std::vector<std::string>& failed)
{
    boost::json::array roles;
    for (const tally& one : tallies) {
        boost::json::object row;
        row["role"] = one.role;
        row["planned"] = one.planned;
        row["sent"] = one.sent;
        row["answered"] = one.answered;
        row["failing"] = one.failing;
        row["p50_ms"] = figure_of(one, gate_figure::p50);
        row["p95_ms"] = figure_of(one, gate_figure::p95);
        roles.push_back(std::move(row));
    }
    boost::json::array gates;
    for (const std::string& gate : failed)
        gates.emplace_back(gate);
    boost::json::object out;
    out["roles"] = std::move(roles);
    out["gates_failed"] = std::move(gates);
    return out;
}

void print_text(const std::vector<tally>& tallies)
{
    std::vector<std::vector<std::string>> rows = {{"ROLE", "SENT", "ANSWERED", "FAILING", "P50 MS", "P95 MS"}};
    for (const tally& one : tallies) {
        rows.push_back(
            {one.role, std::to_string(one.sent) + " of " + std::to_string(one.planned), std::to_string(one.answered),
             std::to_string(one.failing), fixed(figure_of(one, gate_figure::p50)),
             fixed(figure_of(one, gate_figure::p95))}
        );
    }
    std::printf("%s", render_table(rows).c_str());
}

// Gates look at the failing exchanges: those are what a fix must cure.
std::vector<std::string> failed_gates(const std::vector<tally>& tallies, const std::vector<replay_gate>& gates)
{
    std::vector<std::string> failed;
    for (const replay_gate& gate : gates) {
        for (const tally& one : tallies) {
            const double value = figure_of(one, gate.figure);
            if (one.role == "failing" && value > gate.limit)
                failed.push_back(gate.text + " (" + fixed(value) + ")");
        }
    }
    return failed;
}

std::optional<model::header_list> parse_headers(const std::vector<std::string>& texts)
{
    model::header_list headers;
    for (const std::string& text : texts) {
        const auto colon = text.find(": ");
        if (colon == std::string::npos || colon == 0) {
            print_error("--header '" + text + "' must be 'Name: value'");
            return std::nullopt;
        }
        headers.emplace_back(text.substr(0, colon), text.substr(colon + 2));
    }
    return headers;
}

std::optional<std::vector<replay_gate>> parse_gates(const std::vector<std::string>& texts)
{
    std::vector<replay_gate> gates;
    for (const std::string& text : texts) {
        auto gate = parse_gate(text);
        if (!gate) {
            print_error("--fail-if '" + text + "' must be like 'p95>800ms', 'failing>0%' or 'unanswered>0%'");
            return std::nullopt;
        }
        gates.push_back(std::move(*gate));
    }
    return gates;
}

}  // namespace

int run_replay(const replay_options& options, const output_style& style)
{
    const auto gates = parse_gates(options.fail_if);
    auto headers = parse_headers(options.headers);
    if (!gates || !headers)
        return exit_usage;
    const auto target = replay::parse_target(options.against);
    if (!target) {
        print_error("--against: " + target.error().reason);
        return exit_usage;
    }
    const auto bundle = archive::read_bundle(options.bundle);
    if (!bundle) {
        print_error(options.bundle + ": " + bundle.error().message());
        return exit_data;
    }
    net::http_client http(net::target_guard::allow_all(), net::client_limits());
    progress_bar bar("replaying", bundle->items.size() * options.times, style);
    const replay_job job(
        http, *target, bundle->items, options, std::move(*headers), make_ulid(system_clock().now_ns()), bar
    );
    std::vector<tally> tallies;
    asio::io_context context;
    auto done = asio::co_spawn(context, send_all(job, tallies), asio::use_future);
    context.run();
    done.get();

    if (tallies.empty()) {
        print_error(
            options.bundle + ": holds nothing that may be sent; --allow-unsafe sends POST, PUT, PATCH and DELETE, too"
        );
        return exit_data;
    }
    const auto failed = failed_gates(tallies, *gates);
    const std::string json = canonical_json(to_json(tallies, failed));
    if (!options.report.empty() && !(std::ofstream(options.report) << json << '\n')) {
        print_error(options.report + ": cannot be written");
        return exit_unavailable;
    }
    if (style.json)
        std::printf("%s\n", json.c_str());
    else if (!style.quiet)
        print_text(tallies);
    for (const std::string& gate : failed)
        print_error("gate failed: " + gate);
    return failed.empty() ? exit_ok : exit_gate;
}

}  // namespace reprise::app
