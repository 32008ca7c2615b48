#include "reprise/replay/scenario_run.hpp"

#include "header_name.hpp"

#include "reprise/base/all_of.hpp"
#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/net/error.hpp"

#include <algorithm>

namespace reprise::replay {
namespace {

namespace asio = boost::asio;

// One request on its way, and its answer.
struct sending {
    scenario_request request;  // Once it is sent with the values of this run.
    std::int64_t due_ns = 0;   // Of the time port's clock.
    model::trace_id trace;
    observed_answer answer;
};

request outgoing_of(const sending& one, const scenario_options& options)
{
    request made;
    made.method = one.request.method;
    made.path = one.request.path;
    made.body = one.request.body;
    made.limit = options.request;
    for (const auto& header : one.request.headers) {
        const bool replaced = std::any_of(options.headers.begin(), options.headers.end(), [&](const auto& own) {
            return is_same_name(own.first, header.first);
        });
        if (!replaced)
            made.headers.push_back(header);
    }
    made.headers.insert(made.headers.end(), options.headers.begin(), options.headers.end());
    made.headers.emplace_back("X-Replay", options.run_id);
    const std::string span = model::span_to_hex(mix64(one.trace.low | 1));
    made.headers.emplace_back("traceparent", "00-" + to_hex(one.trace) + "-" + span + "-01");
    return made;
}

// No connection says nothing about the request.
answer_kind kind_of(const error_code& error)
{
    for (const auto unreachable : {
             net::errc::bad_url, net::errc::scheme_refused, net::errc::target_refused, net::errc::address_refused,
             net::errc::resolve_failed, net::errc::connect_failed, net::errc::resolve_timed_out,
             net::errc::connect_timed_out, net::errc::tls_failed, net::errc::tls_untrusted, net::errc::tls_expired,
             net::errc::tls_wrong_host
         }) {
        if (error == unreachable)
            return answer_kind::unreachable;
    }
    return answer_kind::unanswered;
}

// What this run's answers have said so far, by marker.
class fresh_values {
public:
    explicit fresh_values(const scenario& what) : what_(what)
    {
        for (const carried_value& value : what.values)
            said_.push_back(value.captured);
    }

    void put_into(scenario_request& one) const
    {
        for (std::size_t i = 0; i < said_.size(); ++i)
            put_value(one, what_.values[i].marker, said_[i]);
    }

    void learn(std::uint32_t exchange, const observed_answer& answer)
    {
        for (std::size_t i = 0; i < said_.size(); ++i) {
            if (what_.values[i].from != exchange)
                continue;
            if (auto found = find_carried(what_.values[i], answer.headers, answer.body))
                said_[i] = std::move(*found);
        }
    }

private:
    const scenario& what_;
    std::vector<std::string> said_;  // By value.
};

// What all requests of a trial share.
struct trial_run {
    const scenario_options& options;
    http_port& http;
    time_port& time;
    fresh_values values;

    trial_run(const scenario& what, const scenario_options& options_, http_port& http_, time_port& time_)
        : options(options_), http(http_), time(time_), values(what)
    {
    }
};

asio::awaitable<void> send_one(trial_run& run, sending& one)
{
    co_await run.time.wait_until(one.due_ns);
    run.values.put_into(one.request);
    request outgoing = outgoing_of(one, run.options);
    auto answer = co_await run.http.send(std::move(outgoing));
    one.answer.latency_ns = std::max<std::int64_t>(run.time.steady_ns() - one.due_ns, 0);
    if (!answer) {
        one.answer.kind = kind_of(answer.error());
        co_return;
    }
    one.answer.status = answer->status;
    one.answer.headers = std::move(answer->headers);
    one.answer.body = std::move(answer->body);
    run.values.learn(one.request.exchange, one.answer);
}

std::size_t end_of_group(const scenario& what, std::size_t begin)
{
    std::size_t end = begin;
    while (end < what.requests.size() &&
           (what.pacing == pacing::recorded || what.requests[end].group == what.requests[begin].group))
        ++end;
    return end;
}

}  // namespace

asio::awaitable<std::vector<observed_answer>> run_scenario(
    const scenario& what, const scenario_options& options, http_port& http, time_port& time
)
{
    std::vector<observed_answer> judged;
    trial_run run(what, options, http, time);
    std::uint64_t number = 0;
    for (std::size_t begin = 0; begin < what.requests.size();) {
        const std::size_t end = end_of_group(what, begin);
        const std::int64_t now_ns = time.steady_ns();
        std::vector<sending> group;
        for (std::size_t place = begin; place < end; ++place) {
            const scenario_request& one = what.requests[place];
            sending made;
            made.request = one;
            made.due_ns = now_ns + (what.pacing == pacing::recorded ? one.at_ns : 0);
            for (std::uint32_t copy = 0; copy < one.copies; ++copy) {
                made.trace = {options.mark, mix64(options.nonce + ++number)};
                made.answer.trace = made.trace;
                group.push_back(made);
            }
        }
        std::vector<asio::awaitable<void>> tasks;
        for (sending& one : group)
            tasks.push_back(send_one(run, one));
        co_await all_of(std::move(tasks));
        for (sending& one : group) {
            if (one.request.watched || one.answer.kind == answer_kind::unreachable)
                judged.push_back(std::move(one.answer));
        }
        begin = end;
    }
    co_return judged;
}

}  // namespace reprise::replay
