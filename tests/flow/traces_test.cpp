#include "flow_server.hpp"

#include "../pipeline/sent_traces.hpp"

#include "reprise/store/database.hpp"
#include "reprise/store/traces.hpp"

#include <algorithm>

namespace reprise::flow {
namespace {

using pipeline::test::fanout_trace;
using telemetry::sent_span;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t minute = 60 * second;

class traces : public flow_test {
protected:
    void SetUp() override
    {
        flow_test::SetUp();
        settings_.traces_complete_after = app::milliseconds(200);
        settings_.traces_idle_after = app::milliseconds(400);
    }

    int send_spans(std::span<const sent_span> spans, const std::string& service = "agents")
    {
        telemetry::span_sender sender;
        sender.resource.emplace_back("service.name", service);
        std::vector<std::string> encoded;
        for (const sent_span& one : spans)
            encoded.push_back(telemetry::encode_span(one));
        return http_.send("POST", otlp_http("/v1/traces"), telemetry::encode_traces_request(sender, encoded),
                          {{"Content-Type", "application/x-protobuf"}}).status;
    }

    // Until so many traces were analysed.
    void wait_until_analysed(double wanted)
    {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (metric("reprise_traces_analysed_total") < wanted) {
            if (std::chrono::steady_clock::now() > deadline)
                throw std::runtime_error("traces are not analysed");
        }
    }

    // Stops the server and lists what it left, newest first.
    std::vector<model::trace_summary> stop_and_list()
    {
        server_.reset();
        store::database_options options;
        options.path = data_dir_ / "reprise.db";
        options.audit_key = "for reading only, 32 bytes of it.";
        const auto database = store::database::open(std::move(options)).value();
        const auto look = [](const store::reader& from) { return store::list_traces(from, {}); };
        return database->read_blocking(look).value();
    }

    // Of the minute before this one, all within it.
    std::vector<sent_span> recent(std::uint64_t number, int slow)
    {
        auto spans = fanout_trace({5, number}, slow);
        const std::int64_t at_ns = base_ns_ + static_cast<std::int64_t>(number) * second;
        for (sent_span& one : spans) {
            one.start_ns += at_ns - pipeline::test::trace_start_ns;
            one.end_ns += at_ns - pipeline::test::trace_start_ns;
        }
        return spans;
    }

    const std::int64_t base_ns_ = (time_.now_ns() / minute - 1) * minute;
};

TEST_F(traces, a_straggler_in_three_traces_becomes_a_signal_and_an_incident)
{
    start({});
    for (std::uint64_t number = 1; number <= 3; ++number)
        ASSERT_EQ(send_spans(recent(number, 7)), 200);

    const auto page = admin().wait_for("/incidents", "an incident", [](const boost::json::value& list) {
        return !list.at("items").as_array().empty();
    });

    const auto& incident = page.at("items").as_array().front();
    EXPECT_EQ(incident.at("service").as_string(), "agents");
    const auto signals = admin().get("/signals").json();
    ASSERT_EQ(signals.at("items").as_array().size(), 1U);
    EXPECT_EQ(signals.at("items").at(0).at("kind").as_string(), "fanout_straggler");
    const auto rows = stop_and_list();
    ASSERT_EQ(rows.size(), 3U);
    for (const model::trace_summary& one : rows) {
        EXPECT_EQ(one.pattern, model::trace_pattern::fanout);
        EXPECT_EQ(one.span_count, 82U);
        EXPECT_TRUE(one.is_complete);
        EXPECT_TRUE(one.has_spans);
        EXPECT_NE(one.figures.straggler.find("worker:7"), std::string::npos) << one.figures.straggler;
    }
}

TEST_F(traces, spans_out_of_order_and_sent_twice_make_one_whole_trace)
{
    start({});
    auto spans = recent(1, -1);
    std::reverse(spans.begin(), spans.end());
    ASSERT_EQ(send_spans(std::span(spans).subspan(0, 20)), 200);
    ASSERT_EQ(send_spans(std::span(spans).subspan(10)), 200);
    wait_until_analysed(1);

    const auto rows = stop_and_list();

    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].span_count, 82U);
    EXPECT_TRUE(rows[0].is_complete);
}

TEST_F(traces, what_comes_too_late_is_counted_and_leaves_the_trace_incomplete)
{
    start({});
    const auto spans = recent(1, -1);
    ASSERT_EQ(send_spans(std::span(spans).subspan(2)), 200);  // Without the first worker and its tool.
    wait_until_analysed(1);
    ASSERT_EQ(send_spans(std::span(spans).subspan(0, 2)), 200);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (metric("reprise_traces_spans_dropped_total{reason=\"late\"}") < 2)
        ASSERT_LT(std::chrono::steady_clock::now(), deadline);

    const auto rows = stop_and_list();

    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].span_count, 80U);
    EXPECT_FALSE(rows[0].is_complete);
}

TEST_F(traces, a_trace_over_two_services_whose_clocks_differ_is_one)
{
    start({});
    const std::int64_t now_ns = base_ns_;
    const auto span = [now_ns](std::uint64_t id, std::uint64_t parent, std::int64_t from_ms, std::int64_t to_ms) {
        sent_span one;
        one.trace = {5, 9};
        one.id = id;
        one.parent = parent;
        one.name = "work";
        one.start_ns = now_ns + from_ms * 1'000'000;
        one.end_ns = now_ns + to_ms * 1'000'000;
        return one;
    };
    // The other machine's clock is two seconds ahead.
    const std::vector<sent_span> there = {span(2, 1, 2010, 2050)};
    const std::vector<sent_span> here = {span(1, 0, 0, 100)};
    ASSERT_EQ(send_spans(there, "stock"), 200);
    ASSERT_EQ(send_spans(here, "shop"), 200);
    wait_until_analysed(1);

    const auto rows = stop_and_list();

    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].service, "shop");
    EXPECT_EQ(rows[0].service_count, 2U);
    EXPECT_EQ(rows[0].wall_ns, 100'000'000);
}

TEST_F(traces, spans_of_replays_are_in_none)
{
    start({});
    auto spans = recent(1, -1);
    for (sent_span& one : spans)
        one.attributes.emplace_back("http.request.header.x-replay", std::string("01HQ"));
    ASSERT_EQ(send_spans(spans), 200);
    ASSERT_EQ(send_spans(recent(2, -1)), 200);
    wait_until_analysed(1);

    const auto rows = stop_and_list();

    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].id.low, 2U);
}

TEST_F(traces, what_is_open_when_the_server_stops_is_kept_and_completed_after_the_next_start)
{
    settings_.traces_idle_after = app::milliseconds(3'600'000);
    settings_.window_length = app::milliseconds(3'600'000);  // So that the journal still has the spans.
    start({});
    const auto spans = recent(1, -1);
    ASSERT_EQ(send_spans(std::span(spans).subspan(0, 20)), 200);

    restart();
    ASSERT_EQ(send_spans(std::span(spans).subspan(20)), 200);
    wait_until_analysed(1);

    const auto rows = stop_and_list();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].span_count, 82U);
    EXPECT_TRUE(rows[0].is_complete);
}

}  // namespace
}  // namespace reprise::flow
