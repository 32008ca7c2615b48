#include "minimise_trials.hpp"

#include "interruption.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/replay/target_sender.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <functional>
#include <utility>
#include <vector>

namespace reprise::app {
namespace {

namespace asio = boost::asio;

constexpr std::size_t answer_bytes_max = 8UL * 1024 * 1024;
constexpr std::size_t idle_connections_max = 1'000;
constexpr auto look_every = std::chrono::milliseconds(50);

net::client_limits limits_of(const replay::scenario_options& options)
{
    net::client_limits limits;
    limits.body_bytes_max = answer_bytes_max;
    limits.idle_connections_max = idle_connections_max;
    limits.answer = options.request;
    return limits;
}

}  // namespace

trial_runner::trial_runner(
    const replay::target& to, const net::client_transport& transport, replay::scenario_options options
)
    : http_(net::target_guard::allow_all(), limits_of(options), transport), target_(to),
      time_(replay::make_steady_time()), options_(std::move(options))
{
}

void trial_runner::observe(trial_observer& through, std::chrono::milliseconds limit)
{
    observer_ = &through;
    observe_limit_ = limit;
}

trial_runner::sent_trial trial_runner::send(
    const replay::scenario& what, std::int64_t begin_ns, std::int64_t limit_ns
)
{
    replay::target_sender sender(http_, wall_, target_);
    options_.nonce = hash64(random_bytes(16));
    asio::cancellation_signal stop;
    asio::steady_timer watch(io_);
    bool over = false;
    sent_trial made;
    std::exception_ptr thrown;
    const std::function<void()> look = [&] {
        if (over)
            return;
        if (interruption::seen() != 0 || time_->steady_ns() - begin_ns > limit_ns) {
            made.given_up = true;
            stop.emit(asio::cancellation_type::terminal);
        }
        watch.expires_after(look_every);
        watch.async_wait([&look](const error_code&) { look(); });
    };
    auto finish = [&](std::exception_ptr error, std::vector<replay::observed_answer> got) {
        over = true;
        watch.cancel();
        thrown = error;
        made.answers = std::move(got);
    };
    asio::co_spawn(
        io_, replay::run_scenario(what, options_, sender, *time_),
        asio::bind_cancellation_slot(stop.slot(), std::move(finish))
    );
    look();
    io_.restart();
    io_.run();
    if (thrown && !made.given_up)
        std::rethrow_exception(thrown);
    return made;
}

void trial_runner::ask_observer(sent_trial& trial, std::int64_t begin_ns, std::int64_t limit_ns)
{
    std::vector<model::trace_id> answered;
    for (const replay::observed_answer& answer : trial.answers) {
        if (answer.kind == replay::answer_kind::answered)
            answered.push_back(answer.trace);
    }
    const auto stop = [&] {
        trial.given_up = interruption::seen() != 0 || time_->steady_ns() - begin_ns > limit_ns;
        return trial.given_up;
    };
    observer_->wait(answered, observe_limit_, stop);
    for (replay::observed_answer& answer : trial.answers) {
        answer.calls = observer_->find(answer.trace);
        untold_ = untold_ || (answer.kind == replay::answer_kind::answered && !answer.calls);
    }
}

std::optional<replay::trial_outcome> trial_runner::run(
    const replay::scenario& what, const replay::condition& still, std::int64_t limit_ns
)
{
    const std::int64_t begin_ns = time_->steady_ns();
    untold_ = false;
    if (observer_ != nullptr)
        observer_->begin_trial();
    sent_trial sent = send(what, begin_ns, limit_ns);
    if (observer_ != nullptr && !sent.given_up)
        ask_observer(sent, begin_ns, limit_ns);
    if (interruption::seen() != 0)
        return std::nullopt;
    replay::trial_outcome made;
    made.took_ns = time_->steady_ns() - begin_ns;
    made.verdict = sent.given_up ? replay::trial_verdict::unresolved : replay::judge(still, sent.answers);
    made.seen = sent.given_up ? "the time was over" : replay::describe(sent.answers);
    if (untold_ && !sent.given_up)
        made.seen += ", and the service did not report what it did";
    return made;
}

}  // namespace reprise::app
