#include "reprise/replay/reproduce.hpp"

#include "error_message.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <set>
#include <utility>

namespace reprise::replay {
namespace {

namespace asio = boost::asio;

constexpr std::uint32_t reports_per_trial = 10;
// The setup's traces are none of the measured requests', and those of one target none of the other's.
constexpr std::uint64_t setup_salt = 0x51ed'270b'8f3c'a2d7;
constexpr std::uint64_t last_good_setup_salt = 0x2c6b'93d1'e40f'785a;
constexpr std::size_t text_bytes_shown_max = 200;  // Of a request's name, of a value's.

// What all steps of a run share; everything outlives the coroutine that made it.
struct run_parts {
    run_parts(
        const trial_plan& plan_, http_port& http_, http_port* last_good_, trace_port& traces_,
        progress_port& progress_, const clock& time_
    )
        : plan(plan_), http(http_), last_good(last_good_), traces(traces_), progress(progress_), time(time_)
    {
    }

    const trial_plan& plan;
    http_port& http;
    http_port* last_good;  // Null without a last-good target.
    trace_port& traces;
    progress_port& progress;
    const clock& time;
};

// A target's side of one trial: its own session.
struct trial_session {
    trial_session(http_port& http_, answer_book& kept_, const telemetry::value_flows& flows, std::uint64_t salt_)
        : http(http_), kept(kept_), values(flows), salt(salt_)
    {
    }

    http_port& http;
    answer_book& kept;
    telemetry::flow_values values;
    std::uint64_t salt;
    std::string setup_failure;  // The first value that a request had to go without.
};

// Trials that belong to this plan, each once, in order. One with other arms was made before the setting changed; one
// told by class in place of its message, by an older program.
std::vector<trial> keep_valid(const trial_plan& plan, std::vector<trial> done)
{
    std::vector<trial> kept;
    std::set<std::uint32_t> numbers;
    for (trial& one : done) {
        const bool has_arms = one.last_good.has_value() == !plan.last_good_target.empty();
        const bool alike = one.k_fingerprint.has_value() == matches_by_fingerprint(plan);
        const bool planned = one.number >= 1 && one.number <= plan.limits.trials;
        if (has_arms && alike && planned && numbers.insert(one.number).second)
            kept.push_back(std::move(one));
    }
    return kept;
}

bool has_number(const std::vector<trial>& trials, std::uint32_t number)
{
    return std::any_of(trials.begin(), trials.end(), [number](const trial& one) { return one.number == number; });
}

// Captured text in a sentence of ours: printable and short.
std::string printable(std::string_view text)
{
    std::string made;
    for (const char sign : text.substr(0, text_bytes_shown_max))
        made += sign >= ' ' && sign <= '~' ? sign : '?';
    return made + (text.size() > text_bytes_shown_max ? "..." : "");
}

// "POST /login". By its route where it has one: a path may hold the very value.
std::string name_request(const model::exchange& exchange)
{
    const std::string& route = exchange.operation.route;
    const std::string path = route.empty() ? exchange.path.substr(0, exchange.path.find('?')) : route;
    return printable(exchange.method + " " + path);
}

std::string describe_missing(const trial_plan& plan, const telemetry::unlearned_value& missing)
{
    const telemetry::value_source& source = plan.flows.sources[plan.flows.flows[missing.flow].source];
    return "setup request " + name_request(plan.setup[source.exchange]) + " has to give " +
           printable(telemetry::to_text(source.place)) + ", but " + printable(missing.reason);
}

// False when it needs a value that no answer gave: with that of the capture it would show something else.
bool put_values(const trial_plan& plan, trial_session& session, std::uint32_t number, request& outgoing)
{
    if (!session.values.takes(number))
        return true;
    const telemetry::request_parts request{outgoing.path, outgoing.headers, outgoing.body};
    const auto missing = session.values.rewrite(number, request);
    if (!missing.empty() && session.setup_failure.empty())
        session.setup_failure = describe_missing(plan, missing.front());
    return missing.empty();
}

// Its number among setup, failing and control.
std::uint32_t number_of(const trial_plan& plan, const planned_request& planned)
{
    const std::size_t before = plan.setup.size() + (planned.arm == arm::control ? plan.failing.size() : 0);
    return static_cast<std::uint32_t>(before) + planned.exchange;
}

request outgoing_request(const trial_plan& plan, const planned_request& planned)
{
    const auto& exchanges = planned.arm == arm::control ? plan.control : plan.failing;
    request made = make_request(exchanges[planned.exchange], plan.run_id, planned.trace, planned.span);
    made.limit = plan.limits.request_limit;
    return made;
}

// Sends what the trial's requests depend on and learns from the answers. What goes wrong shows in the requests that
// miss a value.
asio::awaitable<void> run_setup(const run_parts& parts, std::uint32_t trial_number, trial_session& session)
{
    for (std::uint32_t i = 0; i < parts.plan.setup.size(); ++i) {
        const std::uint64_t fresh = mix64(parts.plan.nonce ^ session.salt ^ (std::uint64_t{trial_number} << 32 | i));
        const model::trace_id trace{parts.plan.mark, fresh | 1U};
        request outgoing = make_request(parts.plan.setup[i], parts.plan.run_id, trace, mix64(fresh) | 1U);
        outgoing.limit = parts.plan.limits.request_limit;
        if (!put_values(parts.plan, session, i, outgoing))
            continue;
        const auto answer = co_await session.http.send(std::move(outgoing));
        if (answer)
            session.values.learn(i, {answer->status, answer->headers, answer->body});
    }
}

asio::awaitable<request_record> send_one(const run_parts& parts, planned_request planned, trial_session& session)
{
    request_record record;
    record.planned = planned;
    request outgoing = outgoing_request(parts.plan, planned);
    record.sent = put_values(parts.plan, session, number_of(parts.plan, planned), outgoing);
    if (!record.sent)
        co_return record;
    const std::int64_t planned_ns = parts.time.now_ns();
    auto answer = co_await session.http.send(std::move(outgoing));
    if (answer) {
        record.answered = true;
        record.status = answer->status;
        if (answer->status >= 400 && matches_by_fingerprint(parts.plan))
            record.message = find_error_message(answer->headers, answer->body);
        record.latency_ns = std::max<std::int64_t>(answer->answered_ns - planned_ns, 0);
        session.kept.add(planned, std::move(*answer), record.latency_ns);
    } else {
        session.kept.add_failure(planned, answer.error().message(), parts.time.now_ns() - planned_ns);
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
    const std::uint32_t arms = 1U + (plan.control.empty() ? 0U : 1U) + (plan.last_good_target.empty() ? 0U : 1U);
    return plan.limits.requests_per_arm * arms;
}

// Sends the trial's requests and reports on the way. `last_good` is null without a last-good target.
asio::awaitable<result<std::vector<request_record>>> send_all(
    run_parts& parts, std::uint32_t number, std::uint32_t done_before, trial_session& session,
    trial_session* last_good
)
{
    const auto planned = list_requests(parts.plan, number);
    const auto total = requests_in_a_trial(parts.plan) * parts.plan.limits.trials;
    const auto report_every = std::max<std::size_t>(planned.size() / reports_per_trial, 1);
    std::vector<request_record> records;
    records.reserve(planned.size());
    for (const planned_request& next : planned) {
        trial_session& from = next.arm == arm::last_good ? *last_good : session;
        request_record record = co_await send_one(parts, next, from);
        records.push_back(std::move(record));
        if (records.size() % report_every != 0)
            continue;
        const auto done = done_before + static_cast<std::uint32_t>(records.size());
        const auto reported = co_await parts.progress.progress(done, total);
        if (!reported)
            co_return reported.error();
    }
    co_return records;
}

asio::awaitable<result<trial>> run_trial(run_parts& parts, std::uint32_t number, std::uint32_t done_before)
{
    answer_book kept(parts.plan);
    trial_session session(parts.http, kept, parts.plan.flows, setup_salt);
    co_await run_setup(parts, number, session);
    std::optional<trial_session> last_good;
    if (parts.last_good != nullptr) {
        last_good.emplace(*parts.last_good, kept, parts.plan.flows, last_good_setup_salt);
        co_await run_setup(parts, number, *last_good);
    }
    trial_session* const other = last_good ? &*last_good : nullptr;
    const auto records = co_await send_all(parts, number, done_before, session, other);
    if (!records)
        co_return records.error();

    std::vector<model::observation> observed;
    auto wanted = answered_traces(*records);
    if (needs_traces(parts.plan) && !wanted.empty())
        observed = co_await parts.traces.collect(parts.plan.mark, std::move(wanted), parts.plan.limits.trace_limit);
    trial measured = decide_trial(parts.plan, number, *records, observed);
    measured.setup_failure = std::move(session.setup_failure);
    if (measured.last_good)
        measured.last_good->setup_failure = std::move(last_good->setup_failure);
    auto answers = kept.take(measured);
    const auto stored = co_await parts.progress.measured(measured, std::move(answers));
    if (!stored)
        co_return stored.error();
    co_return measured;
}

}  // namespace

asio::awaitable<result<run_result>> run_reproduce(
    const trial_plan& plan, std::vector<trial> done, http_port& http, trace_port& traces, progress_port& progress,
    const clock& time, http_port* last_good
)
{
    const bool has_last_good = !plan.last_good_target.empty();
    assert(!has_last_good || last_good != nullptr);
    const auto obstacle = find_obstacle(plan);
    if (obstacle)
        co_return *obstacle;
    run_parts parts(plan, http, has_last_good ? last_good : nullptr, traces, progress, time);
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
