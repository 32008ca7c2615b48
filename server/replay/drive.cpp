#include "reprise/replay/drive.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/on_executor.hpp"
#include "reprise/base/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace reprise::replay {

namespace asio = boost::asio;

namespace {

using steady = std::chrono::steady_clock;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr auto give_up_limit = std::chrono::seconds(10);  // For cancelled requests to end.
constexpr std::uint64_t span_salt = 0x6A09E667F3BCC909ULL;

class machine_time final : public time_port {
public:
    std::int64_t steady_ns() const noexcept override
    {
        return std::chrono::nanoseconds(steady::now().time_since_epoch()).count();
    }

    asio::awaitable<void> wait_until(std::int64_t steady_ns) override
    {
        const steady::time_point when{std::chrono::nanoseconds(steady_ns)};
        if (steady::now() >= when)
            co_return;
        asio::steady_timer timer(co_await asio::this_coro::executor, when);
        co_await timer.async_wait(as_result);
    }
};

// Of one round: the values it has learned, and whose answers are there.
struct round_values {
    explicit round_values(const telemetry::value_flows& flows, std::size_t exchanges)
        : values(flows), ended(exchanges, false), left(exchanges)
    {
    }

    telemetry::flow_values values;
    std::vector<bool> ended;
    std::size_t left;
};

class driver {
public:
    driver(
        const drive_plan& plan, http_port& http, time_port& time, send_observer* observer,
        const asio::any_io_executor& executor
    );

    asio::awaitable<drive_result> run();

private:
    asio::awaitable<bool> wait_for_turn(const planned_send& next);
    asio::awaitable<void> send_one(planned_send planned, std::int64_t due_ns, std::uint64_t serial);
    asio::awaitable<bool> wait_for_values(const planned_send& planned);
    request make(const send_record& record, std::uint64_t serial);
    round_values* values_of(std::uint32_t round);
    void close_record(send_record record, const sent_response* answer);
    void settle_values(const planned_send& planned, const sent_response* answer);
    std::int64_t elapsed_ns() const { return time_.steady_ns() - start_ns_; }

    const drive_plan& plan_;
    http_port& http_;
    time_port& time_;
    send_observer* observer_;
    asio::steady_timer changed_;  // Never expires; cancelled when a request has ended.
    task_group tasks_;
    std::vector<std::vector<std::uint32_t>> sources_;  // By exchange: whose answers it needs.
    std::map<std::uint32_t, round_values> rounds_;
    std::int64_t start_ns_ = 0;
    std::uint32_t in_flight_ = 0;
    std::uint64_t begun_ = 0;
    drive_result result_;
};

driver::driver(
    const drive_plan& plan, http_port& http, time_port& time, send_observer* observer,
    const asio::any_io_executor& executor
)
    : plan_(plan), http_(http), time_(time), observer_(observer), changed_(executor, steady::time_point::max()),
      tasks_(executor)
{
    result_.planned = plan.sends.size();
    result_.records.reserve(plan.sends.size());
    if (plan.flows == nullptr || plan.flows->flows.empty())
        return;
    sources_.resize(plan.exchanges.size());
    std::vector<std::size_t> places(plan.exchanges.size());
    for (std::size_t i = plan.sends.size(); i > 0; --i)
        places[plan.sends[i - 1].exchange] = i;
    for (const telemetry::value_flow& flow : plan.flows->flows) {
        const std::uint32_t source = plan.flows->sources[flow.source].exchange;
        // What is planned behind the request that needs it would never come.
        if (places[source] < places[flow.exchange])
            sources_[flow.exchange].push_back(source);
    }
}

round_values* driver::values_of(std::uint32_t round)
{
    if (sources_.empty())
        return nullptr;
    const auto found = rounds_.find(round);
    if (found != rounds_.end())
        return &found->second;
    return &rounds_.try_emplace(round, *plan_.flows, plan_.exchanges.size()).first->second;
}

// False when the drive was cancelled meanwhile.
asio::awaitable<bool> driver::wait_for_turn(const planned_send& next)
{
    const auto state = co_await asio::this_coro::cancellation_state;
    if (plan_.when.pace != pace::closed)
        co_await time_.wait_until(start_ns_ + next.due_ns);
    while (plan_.when.pace == pace::closed && in_flight_ >= plan_.limits.in_flight_max &&
           state.cancelled() == asio::cancellation_type::none) {
        co_await changed_.async_wait(as_result);
    }
    co_return state.cancelled() == asio::cancellation_type::none;
}

asio::awaitable<drive_result> driver::run()
{
    co_await asio::this_coro::throw_if_cancelled(false);
    start_ns_ = time_.steady_ns();
    std::uint64_t serial = 0;
    bool going = true;
    for (const planned_send& next : plan_.sends) {
        going = co_await wait_for_turn(next);
        if (!going)
            break;
        const std::int64_t due_ns = plan_.when.pace == pace::closed ? elapsed_ns() : next.due_ns;
        if (in_flight_ >= plan_.limits.in_flight_max) {
            send_record record;
            record.planned = next;
            record.due_ns = due_ns;
            close_record(std::move(record), nullptr);
            continue;
        }
        ++in_flight_;
        ++begun_;
        tasks_.spawn("replayed request", send_one(next, due_ns, ++serial));
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    while (in_flight_ > 0 && state.cancelled() == asio::cancellation_type::none) {
        co_await changed_.async_wait(as_result);
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    tasks_.stop();
    // They refer to this driver: it stays until the last of them is over.
    bool over = false;
    while (!over)
        over = co_await tasks_.drain(give_up_limit);
    result_.duration_ns = elapsed_ns();
    const std::uint64_t given_up = begun_ - result_.answered - result_.failed;
    if (given_up > 0)
        result_.failures["given up: the replay was cancelled"] += given_up;
    result_.failed += given_up;
    result_.sent = result_.answered + result_.failed;
    result_.not_begun = result_.planned - result_.sent - result_.dropped;
    co_return std::move(result_);
}

// True when it took longer than its time.
asio::awaitable<bool> driver::wait_for_values(const planned_send& planned)
{
    const round_values* const round = values_of(planned.round);
    if (round == nullptr)
        co_return false;
    const auto& needed = sources_[planned.exchange];
    const auto is_there = [round](std::uint32_t exchange) { return round->ended[exchange]; };
    bool waited = false;
    while (!std::all_of(needed.begin(), needed.end(), is_there)) {
        waited = true;
        co_await changed_.async_wait(as_result);
    }
    co_return waited;
}

bool closes_connection(const model::exchange& captured)
{
    const auto value = model::find_header(captured.request_headers, "connection");
    return value == "close" || value == "Close";
}

void set_header(model::header_list& headers, const std::string& name, const std::string& value)
{
    const auto same = [&name](const auto& one) {
        return std::equal(one.first.begin(), one.first.end(), name.begin(), name.end(), [](char a, char b) {
            return (a | 0x20) == (b | 0x20);
        });
    };
    std::erase_if(headers, same);
    headers.emplace_back(name, value);
}

request driver::make(const send_record& record, std::uint64_t serial)
{
    const model::exchange& captured = plan_.exchanges[record.planned.exchange];
    const std::uint64_t span = mix64(record.trace.low ^ span_salt ^ serial) | 1U;
    request made = make_request(captured, plan_.run_id, record.trace, span);
    made.limit = plan_.limits.request;
    made.fresh_connection =
        plan_.connections == connection_policy::fresh ||
        (plan_.connections == connection_policy::recorded && closes_connection(captured));
    for (const auto& [name, value] : plan_.headers)
        set_header(made.headers, name, value);
    return made;
}

asio::awaitable<void> driver::send_one(planned_send planned, std::int64_t due_ns, std::uint64_t serial)
{
    send_record record;
    record.planned = planned;
    record.due_ns = due_ns;
    record.trace = {plan_.mark, mix64(plan_.nonce ^ mix64(serial)) | 1U};
    record.waited = co_await wait_for_values(planned);
    request outgoing = make(record, serial);
    round_values* const round = values_of(planned.round);
    if (round != nullptr && round->values.takes(planned.exchange)) {
        const telemetry::request_parts parts{outgoing.path, outgoing.headers, outgoing.body};
        record.unlearned = static_cast<std::uint32_t>(round->values.rewrite(planned.exchange, parts).size());
    }
    record.begun_ns = elapsed_ns();
    auto sending = http_.send(std::move(outgoing));
    const auto answer = co_await std::move(sending);
    record.done_ns = elapsed_ns();
    record.end = answer ? send_end::answered : send_end::failed;
    if (answer) {
        record.status = answer->status;
        record.sent_ns = record.begun_ns + answer->sent_ns;
    } else {
        record.error = answer.error();
    }
    --in_flight_;
    close_record(std::move(record), answer ? &*answer : nullptr);
}

void driver::settle_values(const planned_send& planned, const sent_response* answer)
{
    round_values* const round = values_of(planned.round);
    if (round == nullptr)
        return;
    if (answer != nullptr && round->values.gives(planned.exchange))
        round->values.learn(planned.exchange, {answer->status, answer->headers, answer->body});
    round->ended[planned.exchange] = true;
    if (--round->left == 0)
        rounds_.erase(planned.round);
}

void driver::close_record(send_record record, const sent_response* answer)
{
    settle_values(record.planned, answer);
    result_.answered += record.end == send_end::answered ? 1U : 0U;
    result_.failed += record.end == send_end::failed ? 1U : 0U;
    result_.dropped += record.end == send_end::dropped ? 1U : 0U;
    result_.waited += record.waited ? 1U : 0U;
    result_.unlearned += record.unlearned;
    if (record.end == send_end::failed)
        ++result_.failures[record.error.message()];
    result_.records.push_back(std::move(record));
    if (observer_ != nullptr)
        observer_->ended(result_.records.back(), answer);
    changed_.cancel();
}

}  // namespace

std::unique_ptr<time_port> make_steady_time()
{
    return std::make_unique<machine_time>();
}

asio::awaitable<drive_result> run_drive(
    const drive_plan& plan, http_port& http, time_port& time, send_observer* observer
)
{
    const auto executor = co_await asio::this_coro::executor;
    driver made(plan, http, time, observer, executor);
    // On its own, since it looks at cancellation itself.
    co_return co_await on_executor(executor, made.run());
}

}  // namespace reprise::replay
