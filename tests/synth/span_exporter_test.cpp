#include "live_parts.hpp"

#include <gtest/gtest.h>

namespace reprise::synth::test {
namespace {

using namespace std::chrono_literals;

// An exporter on a loop of its own; whatever it waits for before a retry is over at once and written down.
class noting_pace final : public pace {
public:
    asio::awaitable<void> rest(std::chrono::nanoseconds time) override
    {
        rests.push_back(time);
        co_return;
    }

    std::vector<std::chrono::nanoseconds> rests;
};

class exporting {
public:
    exporting(const net::url& endpoint, const batch_limits& limits)
        : one(loop_.executor(), sender(), endpoint, limits, rests, time_, numbers_)
    {
        one.start();
    }

    void take(int count, std::size_t payload_bytes = 0)
    {
        loop_.run(take_here(count, payload_bytes));
    }
    bool finish(std::chrono::milliseconds limit = 10s) { return loop_.run(one.finish(limit)); }
    bool counts(const std::string& line) const { return numbers_.render().find(line + "\n") != std::string::npos; }

    noting_pace rests;

private:
    static telemetry::span_sender sender()
    {
        telemetry::span_sender from;
        from.resource.emplace_back("service.name", std::string("agent"));
        from.scope = "app";
        return from;
    }
    asio::awaitable<int> take_here(int count, std::size_t payload_bytes)
    {
        for (int i = 0; i < count; ++i) {
            telemetry::sent_span span;
            span.trace = {1, 2};
            span.id = ++last_id_;
            span.name = "span " + std::to_string(last_id_);
            span.attributes.emplace_back("payload", std::string(payload_bytes, 'x'));
            one.take(span);
        }
        co_return 0;
    }

    loop_thread loop_;
    system_clock time_;
    metrics numbers_;
    std::uint64_t last_id_ = 0;

public:
    span_exporter one;
};

batch_limits patient()
{
    batch_limits limits;
    limits.delay = 1h;
    return limits;
}

const std::string exported = "reprise_synth_spans_exported_total ";
const std::string queue_full = "reprise_synth_spans_dropped_total{reason=\"queue_full\"} ";
const std::string undelivered = "reprise_synth_spans_dropped_total{reason=\"undelivered\"} ";

TEST(span_exporter, a_full_batch_goes_out_before_the_delay_is_over)
{
    loop_thread loop;
    otlp_receiver receiver(loop);
    batch_limits limits = patient();
    limits.batch_max = 3;
    exporting on(receiver.url(), limits);

    on.take(3);

    EXPECT_EQ(receiver.wait_spans(3).size(), 3U);
    EXPECT_TRUE(on.finish());
    EXPECT_TRUE(on.counts(exported + "3"));
}

TEST(span_exporter, a_single_span_goes_out_after_the_delay)
{
    loop_thread loop;
    otlp_receiver receiver(loop);
    batch_limits limits;
    limits.delay = 5ms;
    exporting on(receiver.url(), limits);

    on.take(1);

    const auto spans = receiver.wait_spans(1);
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_EQ(spans[0].name, "span 1");
    EXPECT_TRUE(on.finish());
}

TEST(span_exporter, finishing_sends_what_is_left_in_batches)
{
    loop_thread loop;
    otlp_receiver receiver(loop);
    batch_limits limits = patient();
    limits.batch_max = 4;
    exporting on(receiver.url(), limits);
    on.take(3);
    EXPECT_TRUE(receiver.taken().empty());

    EXPECT_TRUE(on.finish());

    EXPECT_EQ(receiver.wait_spans(3).size(), 3U);
    EXPECT_EQ(receiver.taken().front().resource.at("service.name"), "str agent");
    EXPECT_EQ(receiver.taken().front().scope, "app");
}

TEST(span_exporter, what_a_full_queue_cannot_take_is_dropped_and_counted)
{
    loop_thread loop;
    otlp_receiver receiver(loop);
    batch_limits limits = patient();
    limits.queue_max = 5;
    limits.batch_max = 2;
    exporting on(receiver.url(), limits);

    on.take(8);

    EXPECT_EQ(receiver.wait_spans(5).size(), 5U);
    on.finish();
    EXPECT_EQ(receiver.taken().size(), 3U) << "two, two and one";
    EXPECT_TRUE(on.counts(queue_full + "3"));
    EXPECT_TRUE(on.counts(exported + "5"));
}

TEST(span_exporter, large_spans_fill_a_batch_and_the_queue_by_their_bytes)
{
    loop_thread loop;
    otlp_receiver receiver(loop);
    exporting on(receiver.url(), patient());

    on.take(10, 7 * 1024 * 1024);

    on.finish();
    EXPECT_EQ(receiver.wait_spans(9).size(), 9U);
    EXPECT_EQ(receiver.taken().size(), 9U) << "two of them are more than a batch may weigh";
    EXPECT_TRUE(on.counts(queue_full + "1"));
}

TEST(span_exporter, a_passing_refusal_is_tried_again_when_the_receiver_says)
{
    loop_thread loop;
    otlp_receiver receiver(loop);
    net::response busy(503, "text/plain", std::string_view("busy"));
    busy.set_header("Retry-After", "3");
    receiver.answer_next(busy);
    receiver.answer_next(net::response(429, "text/plain", std::string_view("busy")));
    exporting on(receiver.url(), patient());
    on.take(2);

    EXPECT_TRUE(on.finish());

    EXPECT_EQ(receiver.wait_spans(2).size(), 2U);
    EXPECT_EQ(on.rests.rests, (std::vector<std::chrono::nanoseconds>{3s, 2s}));
    ASSERT_EQ(receiver.refused().size(), 2U);
    EXPECT_EQ(receiver.refused()[0].header("content-type"), "application/x-protobuf");
    EXPECT_TRUE(on.counts(exported + "2"));
    EXPECT_TRUE(on.counts(undelivered + "0"));
}

TEST(span_exporter, a_lasting_refusal_costs_the_batch_and_not_the_next)
{
    loop_thread loop;
    otlp_receiver receiver(loop);
    receiver.answer_next(net::response(400, "text/plain", std::string_view("no")));
    batch_limits limits = patient();
    limits.batch_max = 2;
    exporting on(receiver.url(), limits);

    on.take(4);

    EXPECT_EQ(receiver.wait_spans(2).size(), 2U);
    on.finish();
    EXPECT_TRUE(on.rests.rests.empty());
    EXPECT_TRUE(on.counts(exported + "2"));
    EXPECT_TRUE(on.counts(undelivered + "2"));
}

TEST(span_exporter, a_receiver_that_is_away_costs_the_spans_and_the_end_says_so)
{
    net::url nobody;
    {
        loop_thread loop;
        otlp_receiver receiver(loop);
        nobody = receiver.url();
    }
    batch_limits limits = patient();
    limits.timeout = 500ms;  // Less than the first wait.
    exporting on(nobody, limits);
    on.take(3);

    EXPECT_FALSE(on.finish());

    EXPECT_TRUE(on.counts(undelivered + "3"));
}

}  // namespace
}  // namespace reprise::synth::test
