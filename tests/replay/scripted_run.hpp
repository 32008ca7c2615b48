#pragma once

#include "builders.hpp"

#include "reprise/replay/reproduce.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Runs of reproduce in virtual time against targets made of a rule.
namespace reprise::replay::test {

namespace asio = boost::asio;

// Test part: a target that answers by a rule and remembers what it was sent.
class scripted_target final : public http_port {
public:
    scripted_target(manual_clock& time, bool (*fails)(const request&)) : time_(time), fails_(fails) {}

    asio::awaitable<result<sent_response>> send(request outgoing) override
    {
        sent.push_back(std::move(outgoing));
        if (silent)
            co_return reprise::errc::timed_out;
        time_.advance_ns(15 * ns_per_ms);
        sent_response answer;
        answer.status = fails_(sent.back()) ? 500 : 200;
        answer.answered_ns = time_.now_ns();
        co_return answer;
    }

    std::vector<request> sent;
    bool silent = false;

private:
    manual_clock& time_;
    bool (*fails_)(const request&);
};

// Test part: what the target would report about each wanted trace.
class scripted_traces final : public trace_port {
public:
    explicit scripted_traces(const trial_plan& plan, std::uint32_t calls) : plan_(plan), calls_(calls) {}

    asio::awaitable<std::vector<model::observation>> collect(
        std::uint64_t mark, std::vector<model::trace_id> wanted, std::chrono::milliseconds limit
    ) override
    {
        marks.push_back(mark);
        wanted_counts.push_back(wanted.size());
        last_limit = limit;
        co_return report(plan_, static_cast<std::uint32_t>(marks.size()), calls_, 1);
    }

    std::vector<std::uint64_t> marks;
    std::vector<std::size_t> wanted_counts;
    std::chrono::milliseconds last_limit{0};

private:
    const trial_plan& plan_;
    std::uint32_t calls_;
};

// Test part: stores what is reported; refuses from a given report on, as a lost lease does.
class recording_progress final : public progress_port {
public:
    asio::awaitable<result<void>> progress(std::uint32_t requests_done, std::uint32_t requests_total) override
    {
        done.push_back(requests_done);
        total = requests_total;
        if (refuse_progress_at != 0 && done.size() >= refuse_progress_at)
            co_return reprise::errc::stale;
        co_return result<void>();
    }
    asio::awaitable<result<void>> measured(trial finished, std::vector<replayed_answers> came) override
    {
        trials.push_back(finished);
        answers.push_back(std::move(came));
        if (refuse_trial != 0 && finished.number == refuse_trial)
            co_return reprise::errc::stale;
        co_return result<void>();
    }

    std::vector<std::uint32_t> done;
    std::uint32_t total = 0;
    std::vector<trial> trials;
    std::vector<std::vector<replayed_answers>> answers;  // By trial.
    std::size_t refuse_progress_at = 0;
    std::uint32_t refuse_trial = 0;
};

inline bool fails_when_bad(const request& sent)
{
    return sent.path.find("bad") != std::string::npos;
}

class reproduce_run : public testing::Test {
protected:
    result<run_result> run(
        const trial_plan& plan, http_port& http, trace_port& traces, std::vector<trial> done = {},
        http_port* last_good = nullptr
    )
    {
        asio::io_context io;
        std::optional<result<run_result>> outcome;
        const auto finish = [&outcome](std::exception_ptr error, result<run_result> answer) {
            ASSERT_FALSE(error);
            outcome = std::move(answer);
        };
        asio::co_spawn(io, run_reproduce(plan, std::move(done), http, traces, progress, time, last_good), finish);
        io.run();
        EXPECT_TRUE(outcome.has_value());
        return outcome.value_or(reprise::errc::io);
    }

    manual_clock time;
    recording_progress progress;
};

// Test part: a shop that wants a login and an order before it fails.
class session_target final : public http_port {
public:
    session_target(manual_clock& time, bool logs_in, bool has_bug = true, std::string token = "token-of-this-run-1")
        : time_(time), logs_in_(logs_in), has_bug_(has_bug), token_(std::move(token))
    {
    }

    asio::awaitable<result<sent_response>> send(request outgoing) override
    {
        sent.push_back(std::move(outgoing));
        time_.advance_ns(ns_per_ms);
        co_return answer(sent.back());
    }

    std::vector<request> sent;

private:
    sent_response answer(const request& asked)
    {
        sent_response made;
        made.answered_ns = time_.now_ns();
        made.headers = {{"content-type", "application/json"}};
        const bool known = model::find_header(asked.headers, "authorization") == "Bearer " + token_;
        if (asked.path == "/login") {
            made.status = logs_in_ ? 200 : 401;
            made.body = logs_in_ ? R"({"token":")" + token_ + R"("})" : R"({"error":"no"})";
        } else if (asked.path == "/orders" && known) {
            made.status = 201;
            made.body = R"({"id":99})";
        } else {
            made.status = !known ? 401 : has_bug_ && asked.path == "/orders/99?bad=1" ? 500 : 200;
        }
        return made;
    }

    manual_clock& time_;
    bool logs_in_;
    bool has_bug_;
    std::string token_;
};

inline checked<trial_plan> session_plan()
{
    const auto at = [](std::int64_t second, model::exchange exchange) {
        exchange.start_ns = second * ns_per_s;
        exchange.duration_ns = ns_per_ms;
        return exchange;
    };
    auto login = at(1, make_exchange("POST", "/login", 200));
    login.response_body = R"({"token":"tok_7Gh2kQ9zLmX4"})";
    auto create = at(2, make_exchange("POST", "/orders", 201));
    create.request_headers = {{"Authorization", "Bearer tok_7Gh2kQ9zLmX4"}};
    create.response_body = R"({"id":4711})";
    auto failing = at(3, make_exchange("GET", "/orders/4711?bad=1", 500));
    auto good = at(4, make_exchange("GET", "/orders/4711", 200));
    failing.request_headers = good.request_headers = create.request_headers;
    // As a bundle has them: failing first.
    const std::vector<model::evidence_item> items = {
        make_item(model::evidence_role::failing, failing), make_item(model::evidence_role::control, good),
        make_item(model::evidence_role::setup, create), make_item(model::evidence_role::setup, login)};
    const auto signal = make_signal(model::confirm_metric::failing_share, 0.1, 0);
    return make_plan(signal, items, "", "01RUN", "http://shop", 1);
}

}  // namespace reprise::replay::test
