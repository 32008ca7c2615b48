#include "reprise/replay/reproduce.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace reprise::replay {
namespace {

namespace asio = boost::asio;

constexpr std::uint32_t reports_per_trial = 10;
constexpr std::uint64_t setup_salt = 0x51ed'270b'8f3c'a2d7;  // Its traces are none of the measured requests'.

// What all steps of a run share; everything outlives the coroutine that made it.
struct run_parts {
    run_parts(
        const trial_plan& plan_, http_port& http_, trace_port& traces_, progress_port& progress_, const clock& time_
    )
        : plan(plan_), http(http_), traces(traces_), progress(progress_), time(time_)
    {
    }

    const trial_plan& plan;
    http_port& http;
    trace_port& traces;
    progress_port& progress;
    const clock& time;
};

// Trials that belong to this plan, each once, in order.
std::vector<trial> keep_valid(const trial_plan& plan, std::vector<trial> done)
{
    std::vector<trial> kept;
    std::set<std::uint32_t> numbers;
    for (trial& one : done) {
        if (one.number >= 1 && one.number <= plan.limits.trials && numbers.insert(one.number).second)
            kept.push_back(std::move(one));
    }
    return kept;
}

bool has_number(const std::vector<trial>& trials, std::uint32_t number)
{
    return std::any_of(trials.begin(), trials.end(), [number](const trial& one) { return one.number == number; });
}

// False when it needs a value that no answer gave: with that of the capture it would show something else.
bool put_values(const telemetry::flow_values& values, std::uint32_t number, request& outgoing)
{
    if (!values.takes(number))
        return true;
    const telemetry::request_parts request{outgoing.path, outgoing.headers, outgoing.body};
    return values.rewrite(number, request).empty();
}

// Its number among setup, failing and control.
std::uint32_t number_of(const trial_plan& plan, const planned_request& planned)
{
    const std::size_t before = plan.setup.size() + (planned.arm == arm::failing ? 0 : plan.failing.size());
    return static_cast<std::uint32_t>(before) + planned.exchange;
}

request outgoing_request(const trial_plan& plan, const planned_request& planned)
{
    const auto& exchanges = planned.arm == arm::failing ? plan.failing : plan.control;
    request made = make_request(exchanges[planned.exchange], plan.run_id, planned.trace, planned.span);
    made.limit = plan.limits.request_limit;
    return made;
}

// Sends what the trial's requests depend on and learns from the answers. What goes wrong shows in the requests that
// miss a value.
asio::awaitable<void> run_setup(run_parts& parts, std::uint32_t trial_number, telemetry::flow_values& values)
{
    for (std::uint32_t i = 0; i < parts.plan.setup.size(); ++i) {
        const std::uint64_t fresh = mix64(parts.plan.nonce ^ setup_salt ^ (std::uint64_t{trial_number} << 32 | i));
        const model::trace_id trace{parts.plan.mark, fresh | 1U};
        request outgoing = make_request(parts.plan.setup[i], parts.plan.run_id, trace, mix64(fresh) | 1U);
        outgoing.limit = parts.plan.limits.request_limit;
        if (!put_values(values, i, outgoing))
            continue;
        const auto answer = co_await parts.http.send(std::move(outgoing));
        if (answer)
            values.learn(i, {answer->status, answer->headers, answer->body});
    }
}

asio::awaitable<request_record> send_one(
    run_parts& parts, planned_request planned, const telemetry::flow_values& values
)
{
    request_record record;
    record.planned = planned;
    request outgoing = outgoing_request(parts.plan, planned);
    record.sent = put_values(values, number_of(parts.plan, planned), outgoing);
    if (!record.sent)
        co_return record;
    const std::int64_t planned_ns = parts.time.now_ns();
    const auto answer = co_await parts.http.send(std::move(outgoing));
    if (answer) {
        record.answered = true;
        record.status = answer->status;
        record.latency_ns = std::max<std::int64_t>(answer->answered_ns - planned_ns, 0);
    }
    co_return record;
}

std::vector<model::trace_id> answered_traces(const std::vector<request_record>& records)
{
    std::vector<model::trace_id> traces;
    for (const request_record& record : records) {
        if (record.answered)
            traces.push_back(record.planned.trace);
    }
    return traces;
}

std::uint32_t requests_in_a_trial(const trial_plan& plan)
{
    return plan.limits.requests_per_arm * (plan.control.empty() ? 1U : 2U);
}

asio::awaitable<result<trial>> run_trial(run_parts& parts, std::uint32_t number, std::uint32_t done_before)
{
    const auto planned = list_requests(parts.plan, number);
    const auto total = requests_in_a_trial(parts.plan) * parts.plan.limits.trials;
    const auto report_every = std::max<std::size_t>(planned.size() / reports_per_trial, 1);
    telemetry::flow_values values(parts.plan.flows);
    co_await run_setup(parts, number, values);
    std::vector<request_record> records;
    records.reserve(planned.size());
    for (const planned_request& next : planned) {
        request_record record = co_await send_one(parts, next, values);
        records.push_back(record);
        if (records.size() % report_every != 0)
            continue;
        const auto done = done_before + static_cast<std::uint32_t>(records.size());
        const auto reported = co_await parts.progress.progress(done, total);
        if (!reported)
            co_return reported.error();
    }

    std::vector<model::observation> observed;
    auto wanted = answered_traces(records);
    if (needs_traces(parts.plan) && !wanted.empty())
        observed = co_await parts.traces.collect(parts.plan.mark, std::move(wanted), parts.plan.limits.trace_limit);
    trial measured = decide_trial(parts.plan, number, records, observed);
    const auto stored = co_await parts.progress.measured(measured);
    if (!stored)
        co_return stored.error();
    co_return measured;
}

}  // namespace

asio::awaitable<result<run_result>> run_reproduce(
    const trial_plan& plan, std::vector<trial> done, http_port& http, trace_port& traces, progress_port& progress,
    const clock& time
)
{
    const auto obstacle = find_obstacle(plan);
    if (obstacle)
        co_return *obstacle;
    run_parts parts(plan, http, traces, progress, time);
    std::vector<trial> trials = keep_valid(plan, std::move(done));
    for (std::uint32_t number = 1; number <= plan.limits.trials; ++number) {
        if (has_number(trials, number))
            continue;
        const auto done_before = static_cast<std::uint32_t>(trials.size()) * requests_in_a_trial(plan);
        const auto measured = co_await run_trial(parts, number, done_before);
        if (!measured)
            co_return measured.error();
        trials.push_back(*measured);
    }
    std::sort(trials.begin(), trials.end(), [](const trial& a, const trial& b) { return a.number < b.number; });
    co_return decide_verdict(plan, std::move(trials));
}

}  // namespace reprise::replay
