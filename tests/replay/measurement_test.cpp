#include "reprise/replay/measurement.hpp"

#include "virtual_time.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <exception>

namespace reprise::replay {
namespace {

namespace asio = boost::asio;

// A mailbox of 200 ids in pages of 100, each message 20 ms away, the list at once: the mail client of the case that
// this product began with, on virtual time.
class mailbox {
public:
    mailbox(test::virtual_time& time, std::uint16_t status) : time_(time), status_(status) {}

    // Everything of a page at once (0), or by so many workers.
    asio::awaitable<void> sync(asio::io_context& io, std::size_t workers)
    {
        for (int page = 0; page < 2; ++page) {
            left_ = 100;
            std::size_t busy = workers == 0 ? left_ : workers;
            asio::steady_timer over(io, asio::steady_timer::time_point::max());
            for (std::size_t i = busy; i > 0; --i)
                asio::co_spawn(io, work(workers == 0 ? 1 : 100, busy, over), rethrow);
            error_code ignored;
            while (busy > 0)
                co_await over.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
    }

    std::vector<arrival> arrivals;

private:
    static void rethrow(std::exception_ptr error)
    {
        if (error)
            std::rethrow_exception(error);
    }

    asio::awaitable<void> work(int fetches_max, std::size_t& busy, asio::steady_timer& over)
    {
        for (int i = 0; i < fetches_max && left_ > 0; ++i) {
            --left_;
            arrival one;
            one.steady_ns = time_.steady_ns();
            one.end_ns = one.steady_ns + 20 * ns_per_ms;
            // 28 of them are answered as recorded: with 429, whatever the client does.
            one.status = arrivals.size() % 7 == 6 && arrivals.size() < 196 ? status_ : std::uint16_t{200};
            one.trace = {1, 7};
            one.label = mock_label::hit;
            arrivals.push_back(one);
            co_await time_.wait_until(one.end_ns);
        }
        if (--busy == 0)
            over.cancel();
    }

    test::virtual_time& time_;
    std::uint16_t status_;
    std::size_t left_ = 0;
};

measurement measure_mailbox(std::size_t workers, std::uint16_t status)
{
    asio::io_context io;
    test::virtual_time time(io);
    mailbox box(time, status);
    asio::co_spawn(io, box.sync(io, workers), [](std::exception_ptr error) { EXPECT_FALSE(error); });
    time.run();

    drive_result driven;
    driven.planned = driven.sent = driven.answered = 1;
    send_record request;
    request.end = send_end::answered;
    request.status = 200;
    request.trace = {1, 7};
    driven.records = {request};
    drive_plan plan;
    const std::vector<model::exchange> exchanges(1);
    plan.exchanges = exchanges;
    const auto endpoint_of = [](const arrival& one) {
        return one.recording == 0 ? std::string_view("GET mail.test/messages") : "GET mail.test/messages/{id}";
    };
    measurement made = make_measurement(make_report(plan, {}, driven), driven, box.arrivals, endpoint_of);
    made.method = {{"traffic", "abc"}, {"timing", "recorded"}};
    made.hash = methodology_hash(made.method);
    made.target = workers == 0 ? "unpatched" : "patched";
    made.measured_at_ns = 1'700'000'000 * ns_per_s;
    return made;
}

TEST(measurement, tells_the_unpatched_mailbox_from_the_patched_exactly)
{
    const measurement unpatched = measure_mailbox(0, 200);
    const measurement patched = measure_mailbox(10, 200);

    EXPECT_EQ(unpatched.calls, 200U);
    EXPECT_EQ(unpatched.peak_in_flight, 100U);
    EXPECT_EQ(unpatched.max_arrivals_50ms, 200U);
    EXPECT_EQ(patched.calls, 200U);
    EXPECT_EQ(patched.peak_in_flight, 10U);
    EXPECT_EQ(patched.max_arrivals_50ms, 30U);
}

TEST(measurement, stands_on_arrivals_where_the_answers_are_the_recorded_429s)
{
    const measurement unpatched = measure_mailbox(0, 429);
    const measurement patched = measure_mailbox(10, 429);

    EXPECT_EQ(unpatched.call_answers.at("429"), 28U);
    EXPECT_EQ(patched.call_answers, unpatched.call_answers) << "the answers tell nothing";
    EXPECT_EQ(unpatched.max_arrivals_50ms, 200U);
    EXPECT_EQ(patched.max_arrivals_50ms, 30U);
}

TEST(measurement, calls_are_counted_for_the_request_whose_trace_they_carry)
{
    const measurement made = measure_mailbox(10, 200);

    EXPECT_EQ(made.calls_per_request, 200);
    EXPECT_EQ(made.calls_of_one_request_max, 200U);
    EXPECT_EQ(made.call_hits, 200U);
    EXPECT_EQ(made.call_misses, 0U);
}

// What starts at these milliseconds, 20 ms long each.
std::vector<arrival> arrivals_at(std::uint32_t recording, const std::vector<int>& times_ms)
{
    std::vector<arrival> made;
    for (const int at : times_ms) {
        arrival one;
        one.recording = recording;
        one.steady_ns = at * ns_per_ms;
        one.end_ns = one.steady_ns + 20 * ns_per_ms;
        made.push_back(one);
    }
    return made;
}

measurement measure_arrivals(const std::vector<arrival>& arrivals)
{
    std::string name;
    return make_measurement({}, {}, arrivals, [&name](const arrival& one) -> std::string_view {
        name = "GET a.test/" + std::to_string(one.recording);
        return one.recording == no_recording ? unrecorded_endpoint : std::string_view(name);
    });
}

TEST(measured_endpoints, stand_each_for_itself_the_busiest_first)
{
    auto arrivals = arrivals_at(1, {0, 10, 60});
    const auto dense = arrivals_at(2, {5, 5, 30});
    const auto missed = arrivals_at(no_recording, {100});
    arrivals.insert(arrivals.end(), dense.begin(), dense.end());
    arrivals.insert(arrivals.end(), missed.begin(), missed.end());

    const measurement made = measure_arrivals(arrivals);

    ASSERT_EQ(made.endpoints.size(), 3U);
    EXPECT_EQ(made.endpoints[0].name, "GET a.test/2");
    EXPECT_EQ(made.endpoints[0].calls, 3U);
    EXPECT_EQ(made.endpoints[0].peak_in_flight, 2U);
    EXPECT_EQ(made.endpoints[0].max_arrivals_50ms, 3U);
    EXPECT_EQ(made.endpoints[1].name, "GET a.test/1");
    EXPECT_EQ(made.endpoints[1].max_arrivals_50ms, 2U) << "0 and 10, or 60 alone";
    EXPECT_EQ(made.endpoints[2].name, unrecorded_endpoint);
    EXPECT_EQ(made.max_arrivals_50ms, 5U) << "all together";
    EXPECT_NE(to_json(made).find(R"("busiest_endpoint":"GET a.test/2")"), std::string::npos);
}

TEST(measured_endpoints, are_bounded_and_the_rare_ones_become_one)
{
    std::vector<arrival> arrivals = arrivals_at(7, {0, 1000});
    for (std::uint32_t i = 100; i < 100 + 2 * measured_endpoints_max; ++i) {
        const auto one = arrivals_at(i, {0});
        arrivals.insert(arrivals.end(), one.begin(), one.end());
    }

    const measurement made = measure_arrivals(arrivals);

    ASSERT_EQ(made.endpoints.size(), measured_endpoints_max + 1);
    EXPECT_EQ(made.endpoints.front().name, "GET a.test/7");
    EXPECT_EQ(made.endpoints.back().name, other_endpoints);
    EXPECT_EQ(made.endpoints.back().calls, measured_endpoints_max + 1) << "however busy they are together";
    EXPECT_TRUE(parse_measurement(to_json([&] {
        measurement whole = made;
        whole.hash = methodology_hash(whole.method);
        return whole;
    }())));
}

TEST(measured_endpoints, of_the_mailbox_have_the_figures_of_the_case)
{
    const measurement patched = measure_mailbox(10, 200);

    ASSERT_EQ(patched.endpoints.size(), 1U);
    EXPECT_EQ(patched.endpoints[0].name, "GET mail.test/messages/{id}");
    EXPECT_EQ(patched.endpoints[0].peak_in_flight, 10U);
    EXPECT_EQ(patched.endpoints[0].max_arrivals_50ms, 30U);
}

TEST(measurement_page, shows_the_endpoints_and_escapes_what_was_captured)
{
    measurement made = measure_mailbox(10, 200);
    made.endpoints[0].name = "GET a.test/<script>";

    const std::string page = to_html(made);

    EXPECT_NE(page.find("<td>GET a.test/&lt;script&gt;</td><td>200</td><td>10</td><td>30</td>"), std::string::npos);
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_NE(page.find(made.hash), std::string::npos);
}

TEST(measurement, of_an_earlier_version_has_no_endpoints)
{
    std::string text = to_json(measure_mailbox(10, 200));
    const auto at = text.find("\"endpoints\":");
    ASSERT_NE(at, std::string::npos);
    std::string renamed = text;
    renamed.replace(at, 11, "\"endpoint_z\"");
    std::string wrong = text;
    wrong.replace(text.find("\"peak_in_flight\":10", at), 16, "\"peak_in_fligth\"");

    ASSERT_TRUE(parse_measurement(renamed));
    EXPECT_TRUE(parse_measurement(renamed)->endpoints.empty());
    ASSERT_FALSE(parse_measurement(wrong));
    EXPECT_NE(parse_measurement(wrong).error().reason.find("\"endpoints\" must be a list"), std::string::npos);
}

TEST(measurement, is_read_back_as_it_was_written)
{
    const measurement made = measure_mailbox(0, 429);

    const auto read = parse_measurement(to_json(made));

    ASSERT_TRUE(read) << read.error().reason;
    EXPECT_EQ(to_json(*read), to_json(made));
}

TEST(measurement, what_was_changed_or_is_something_else_is_refused)
{
    std::string changed = to_json(measure_mailbox(0, 200));
    const auto at = changed.find("recorded");
    changed.replace(at, 8, "rate:100");

    for (const std::string& text : {std::string("{}"), std::string("[1"), std::string(2 * 1024 * 1024, ' '), changed}) {
        const auto read = parse_measurement(text);
        ASSERT_FALSE(read) << text.substr(0, 40);
        EXPECT_EQ(read.error().code, errc::bad_record);
    }
    EXPECT_NE(parse_measurement(changed).error().reason.find("one of them was changed"), std::string::npos);
}

TEST(measurement_comparison, says_what_became_better)
{
    const auto made = compare_measurements(measure_mailbox(0, 200), measure_mailbox(10, 200));

    ASSERT_TRUE(made) << made.error().reason;
    EXPECT_EQ(made->figures[0].name, "peak in flight");
    EXPECT_EQ(made->figures[0].before, 100);
    EXPECT_EQ(made->figures[0].after, 10);
    EXPECT_EQ(made->figures[0].change, 1);
    EXPECT_EQ(made->figures[1].before, 200);
    EXPECT_EQ(made->figures[1].after, 30);
    EXPECT_EQ(made->figures[2].change, 0) << "as many calls is neither";
    EXPECT_EQ(made->figures.back().name, "most arrivals in 50 ms, GET mail.test/messages/{id}");
    EXPECT_EQ(made->figures.back().before, 200);
    EXPECT_EQ(made->figures.back().after, 30);
    EXPECT_NE(to_json(*made).find(R"("change":"better")"), std::string::npos);
}

TEST(measurement_comparison, what_was_not_measured_alike_is_refused_by_name)
{
    const measurement before = measure_mailbox(0, 200);
    measurement after = measure_mailbox(10, 200);
    after.method["timing"] = "2x";
    after.method["mock latency"] = "recorded";
    after.hash = methodology_hash(after.method);

    const auto made = compare_measurements(before, after);

    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::not_comparable);
    EXPECT_NE(made.error().reason.find("(timing, mock latency)"), std::string::npos) << made.error().reason;
}

}  // namespace
}  // namespace reprise::replay
