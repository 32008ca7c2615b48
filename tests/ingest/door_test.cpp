#include "reprise/ingest/door.hpp"

#include "ingest/peak_memory.hpp"
#include "ingest/requests.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace reprise::ingest {
namespace {

using test::gzip;
using test::logs_request;
using test::spans_request;

constexpr std::size_t mib = 1024 * 1024;

// Of an intake that decides at once.
answer accept_now(door& entrance, export_request request)
{
    std::optional<answer> given;
    entrance.accept(std::move(request), [&given](answer one) { given = std::move(one); });
    return given.value();
}

class door_test : public testing::Test {
protected:
    test::remembering_intake stream;
    metrics counts;
    door_config config;

    answer accept(otlp_signal signal, std::string body, otlp_encoding encoding = otlp_encoding::protobuf)
    {
        return accept_as(signal, std::move(body), encoding, content_encoding::identity);
    }

    answer accept_as(otlp_signal signal, std::string body, otlp_encoding encoding, content_encoding content)
    {
        if (!entrance_)
            entrance_ = std::make_unique<door>(config, stream, counts);
        export_request request;
        request.signal = signal;
        request.encoding = encoding;
        request.content = content;
        request.body = std::move(body);
        return accept_now(*entrance_, std::move(request));
    }

    std::uint64_t refused(std::string_view signal, std::string_view reason)
    {
        const std::string labels = "signal=\"" + std::string(signal) + "\",reason=\"" + std::string(reason) + "\"";
        return counts.add_counter("reprise_intake_refused_total", "", labels).value();
    }

    std::uint64_t counted(std::string_view name, std::string_view signal)
    {
        return counts.add_counter(name, "", "signal=\"" + std::string(signal) + "\"").value();
    }

private:
    std::unique_ptr<door> entrance_;
};

TEST_F(door_test, takes_log_records_and_says_nothing_more)
{
    const std::string body = logs_request(3);

    const answer given = accept(otlp_signal::logs, body);

    EXPECT_TRUE(given.ok());
    EXPECT_EQ(given.http_status, 200);
    EXPECT_TRUE(given.body.empty());  // partial_success is unset.
    EXPECT_EQ(stream.records(), 3U);
    EXPECT_EQ(stream.batches.at(0)->operations.at(0).service, "shop");
    EXPECT_EQ(counted("reprise_intake_records_total", "logs"), 3U);
    EXPECT_EQ(counted("reprise_intake_bytes_total", "logs"), body.size());
}

TEST_F(door_test, records_of_unknown_protocols_are_kept_and_counted)
{
    std::vector<model::exchange> exchanges = {test::make_exchange(0), test::make_exchange(1), test::make_exchange(2)};
    for (std::size_t i = 0; i < 2; ++i) {
        exchanges[i].operation.protocol = "tarantool";
        exchanges[i].operation.route = "get_user";
        exchanges[i].path = "get_user";
    }

    EXPECT_TRUE(accept(otlp_signal::logs, telemetry::encode_logs_request(exchanges)).ok());

    EXPECT_EQ(stream.records(), 3U);
    EXPECT_EQ(counted("reprise_intake_records_total", "logs"), 3U);
    EXPECT_EQ(counted("reprise_intake_unknown_protocol_records_total", "logs"), 2U);
}

TEST_F(door_test, takes_spans)
{
    const answer given = accept(otlp_signal::traces, spans_request({"00f067aa0ba902b7", "00f067aa0ba902b8"}));

    EXPECT_TRUE(given.ok()) << given.message;
    EXPECT_EQ(stream.records(), 2U);
    EXPECT_EQ(counted("reprise_intake_records_total", "traces"), 2U);
}

TEST_F(door_test, an_empty_request_is_a_success_and_bothers_nobody)
{
    EXPECT_TRUE(accept(otlp_signal::logs, "").ok());
    EXPECT_TRUE(accept(otlp_signal::traces, "").ok());
    EXPECT_TRUE(stream.batches.empty());
}

TEST_F(door_test, records_that_say_nothing_are_counted_in_a_partial_success)
{
    const std::string json = R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":9},{}]}]}]})";

    const answer given = accept(otlp_signal::logs, json, otlp_encoding::json);

    EXPECT_TRUE(given.ok());
    EXPECT_EQ(given.http_status, 200);
    EXPECT_NE(given.body.find("rejectedLogRecords"), std::string::npos) << given.body;
    EXPECT_NE(given.body.find('2'), std::string::npos);
    EXPECT_FALSE(given.message.empty());
    EXPECT_EQ(counted("reprise_intake_rejected_records_total", "logs"), 2U);
    EXPECT_TRUE(stream.batches.empty());
}

TEST_F(door_test, takes_json_and_answers_json)
{
    const answer good = accept(otlp_signal::traces, test::spans_json({"00f067aa0ba902b7"}), otlp_encoding::json);
    const answer bad = accept(otlp_signal::traces, "{\"resourceSpans\":[", otlp_encoding::json);

    EXPECT_TRUE(good.ok()) << good.message;
    EXPECT_EQ(good.body, "{}");
    EXPECT_EQ(stream.records(), 1U);
    EXPECT_EQ(bad.http_status, 400);
    EXPECT_EQ(bad.body.front(), '{');
    EXPECT_NE(bad.body.find("\"code\":3"), std::string::npos) << bad.body;
}

TEST_F(door_test, gzip_is_taken_as_declared_or_by_its_magic)
{
    const std::string zipped = gzip(logs_request(4));

    EXPECT_TRUE(accept_as(otlp_signal::logs, zipped, otlp_encoding::protobuf, content_encoding::gzip).ok());
    EXPECT_TRUE(accept(otlp_signal::logs, zipped).ok());
    EXPECT_EQ(stream.records(), 8U);
    EXPECT_EQ(counted("reprise_intake_bytes_total", "logs"), 2 * zipped.size());
}

TEST_F(door_test, gzip_of_several_members_is_one_body)
{
    const std::string zipped = gzip(logs_request(2)) + gzip(logs_request(3));

    EXPECT_TRUE(accept(otlp_signal::logs, zipped).ok());
    EXPECT_EQ(stream.records(), 5U);  // Two messages one after the other are one message.
}

struct bad_body {
    std::string name;
    std::string body;
    content_encoding content = content_encoding::identity;
    std::string reason;
};

class door_refuses : public door_test, public testing::WithParamInterface<bad_body> {};

TEST_P(door_refuses, for_good_with_a_reason)
{
    const bad_body& c = GetParam();

    const answer given = accept_as(otlp_signal::logs, c.body, otlp_encoding::protobuf, c.content);

    EXPECT_EQ(given.http_status, 400);
    EXPECT_EQ(given.grpc_code, 3);
    EXPECT_FALSE(given.retry_after);
    EXPECT_FALSE(given.message.empty());
    EXPECT_NE(given.body.find(given.message), std::string::npos);  // google.rpc.Status.message.
    EXPECT_EQ(refused("logs", c.reason), 1U);
    EXPECT_TRUE(stream.batches.empty());
}

INSTANTIATE_TEST_SUITE_P(
    cases, door_refuses,
    testing::Values(
        bad_body{"text", "this is not protobuf", content_encoding::identity, "malformed"},
        bad_body{"a_cut_off_message", logs_request(2).substr(0, 100), content_encoding::identity, "malformed"},
        bad_body{"a_length_past_the_end", std::string("\x0a\xff\xff\x03", 4), content_encoding::identity, "malformed"},
        bad_body{"plain_bytes_declared_gzip", logs_request(1), content_encoding::gzip, "bad_gzip"},
        bad_body{"nothing_declared_gzip", "", content_encoding::gzip, "bad_gzip"},
        bad_body{"cut_off_gzip", gzip(logs_request(9)).substr(0, 60), content_encoding::gzip, "bad_gzip"},
        bad_body{"gzip_with_a_tail", gzip(logs_request(1)) + "tail", content_encoding::gzip, "bad_gzip"},
        bad_body{"gzip_in_gzip", gzip(gzip(logs_request(1))), content_encoding::gzip, "malformed"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST_F(door_test, a_body_over_the_limit_is_refused_without_retry)
{
    config.body_bytes_max = 1000;

    const answer given = accept(otlp_signal::logs, std::string(1001, 'x'));

    EXPECT_EQ(given.http_status, 413);
    EXPECT_EQ(given.grpc_code, 8);
    EXPECT_FALSE(given.retry_after);
    EXPECT_EQ(given.body.find("RetryInfo"), std::string::npos);
    EXPECT_NE(given.message.find("1000 bytes"), std::string::npos) << given.message;
    EXPECT_EQ(refused("logs", "too_large"), 1U);
}

TEST_F(door_test, a_body_of_exactly_the_limit_passes_the_size_check)
{
    config.body_bytes_max = logs_request(5).size();
    EXPECT_TRUE(accept(otlp_signal::logs, logs_request(5)).ok());
    EXPECT_TRUE(accept(otlp_signal::logs, gzip(logs_request(5))).ok());
}

TEST_F(door_test, a_bomb_is_refused_while_memory_stays_small)
{
    const std::string zeros(mib, '\0');
    const std::string bomb = gzip(zeros, 1024);
    ASSERT_LT(bomb.size(), 1100 * 1024U);  // 1 GiB in about 1 MiB.
    const test::peak_memory peak;

    const answer given = accept(otlp_signal::logs, bomb);

    EXPECT_EQ(given.http_status, 413);
    EXPECT_LT(peak.grown_bytes(), 2 * config.body_bytes_max * test::keeps_freed_factor);
    EXPECT_EQ(refused("logs", "too_large"), 1U);
}

TEST_F(door_test, when_the_stream_is_full_the_sender_shall_come_back)
{
    stream.full = true;
    config.retry_after = std::chrono::seconds(7);

    const answer given = accept(otlp_signal::traces, spans_request({"00f067aa0ba902b7"}));

    EXPECT_EQ(given.http_status, 429);
    EXPECT_EQ(given.grpc_code, 8);
    EXPECT_EQ(given.retry_after, std::chrono::seconds(7));
    EXPECT_NE(given.body.find("google.rpc.RetryInfo"), std::string::npos);
    EXPECT_EQ(refused("traces", "overload"), 1U);
    EXPECT_EQ(counted("reprise_intake_records_total", "traces"), 0U);
}

// Has room up to a size and wants to hear of nothing larger.
class narrow_intake final : public pipeline::intake {
public:
    std::size_t room_bytes = 0;
    std::size_t offered = 0;

    bool has_room(std::size_t bytes) override { return bytes <= room_bytes; }
    void offer(pipeline::arrival, pipeline::taken_handler done) override
    {
        ++offered;
        done(errc::unavailable);
    }
};

TEST_F(door_test, what_a_full_stream_will_not_take_is_turned_away_before_the_work)
{
    narrow_intake narrow;
    door entrance(config, narrow, counts);
    const auto answer_to = [&entrance](std::string body) {
        export_request request;
        request.signal = otlp_signal::logs;
        request.body = std::move(body);
        return accept_now(entrance, std::move(request));
    };
    const std::string body = logs_request(3);
    std::string damaged = gzip(body);
    damaged.resize(damaged.size() / 2);

    // Neither decoded nor inflated: else it would be known that they are no good.
    for (const std::string& unread : {std::string("\xff\xff\xff"), damaged}) {
        const answer given = answer_to(unread);
        EXPECT_EQ(given.http_status, 429);
        EXPECT_TRUE(given.retry_after);
    }
    // What it is when inflated counts, too.
    narrow.room_bytes = body.size() - 1;
    EXPECT_EQ(answer_to(gzip(body)).http_status, 429);
    EXPECT_EQ(narrow.offered, 0U);
    EXPECT_EQ(refused("logs", "overload"), 3U);

    narrow.room_bytes = body.size();
    EXPECT_EQ(answer_to(gzip(body)).http_status, 429);
    EXPECT_EQ(narrow.offered, 1U);
    EXPECT_EQ(answer_to(damaged).http_status, 400);
}

// Comes back through the door once while the first request is still inside.
class reentrant_intake final : public pipeline::intake {
public:
    door* entrance = nullptr;
    std::string body;
    answer inner;

    void offer(pipeline::arrival, pipeline::taken_handler done) override
    {
        if (door* const again = std::exchange(entrance, nullptr)) {
            export_request request;
            request.body = body;
            inner = accept_now(*again, std::move(request));
        }
        done({});
    }
};

TEST_F(door_test, bytes_in_work_are_limited_and_given_back)
{
    reentrant_intake busy;
    export_request outer;
    outer.body = logs_request(10);
    config.body_bytes_max = outer.body.size();
    config.bytes_in_work_max = 0;
    door entrance(config, busy, counts);
    EXPECT_EQ(entrance.config().bytes_in_work_max, 2 * config.body_bytes_max);  // Less would be useless.

    // Compressed it counts with what it may become: one full request and its own bytes, too much
    // beside the first.
    busy.body = gzip(logs_request(1));
    busy.entrance = &entrance;
    const answer first = accept_now(entrance, outer);

    EXPECT_TRUE(first.ok());
    EXPECT_EQ(busy.inner.http_status, 429);
    EXPECT_TRUE(busy.inner.retry_after);

    export_request later;
    later.body = busy.body;
    EXPECT_TRUE(accept_now(entrance, later).ok());
}

// Says what it is told to.
class answering_intake final : public pipeline::intake {
public:
    result<pipeline::taken_as> says = pipeline::taken_as::counted;

    void offer(pipeline::arrival, pipeline::taken_handler done) override { done(says); }
};

TEST_F(door_test, what_cannot_be_kept_is_unavailable_and_may_be_sent_again)
{
    answering_intake broken;
    broken.says = errc::io;
    door entrance(config, broken, counts);
    export_request request;
    request.body = logs_request(3);

    const answer given = accept_now(entrance, std::move(request));

    EXPECT_EQ(given.http_status, 503);
    EXPECT_EQ(given.grpc_code, 14);
    EXPECT_TRUE(given.retry_after);
    EXPECT_EQ(refused("logs", "unkept"), 1U);
}

TEST_F(door_test, a_repeated_request_is_acknowledged_and_not_counted_again)
{
    answering_intake known;
    known.says = pipeline::taken_as::repeated;
    door entrance(config, known, counts);
    export_request request;
    request.body = logs_request(3);

    EXPECT_TRUE(accept_now(entrance, std::move(request)).ok());
    EXPECT_EQ(counted("reprise_intake_records_total", "logs"), 0U);
    EXPECT_EQ(counted("reprise_intake_repeated_records_total", "logs"), 3U);
}

// Decides when it is told to.
class waiting_intake final : public pipeline::intake {
public:
    std::vector<pipeline::arrival> arrivals;
    std::vector<pipeline::taken_handler> waiting;

    void offer(pipeline::arrival what, pipeline::taken_handler done) override
    {
        arrivals.push_back(std::move(what));
        waiting.push_back(std::move(done));
    }
};

TEST_F(door_test, the_answer_waits_for_the_intake_and_may_come_from_another_thread)
{
    waiting_intake slow;
    door entrance(config, slow, counts);
    std::optional<answer> given;
    export_request request;
    request.body = logs_request(2);
    entrance.accept(std::move(request), [&given](answer one) { given = std::move(one); });
    EXPECT_FALSE(given);
    EXPECT_EQ(counted("reprise_intake_records_total", "logs"), 0U);

    std::thread([&slow] { slow.waiting.at(0)({}); }).join();

    EXPECT_TRUE(given.value().ok());
    EXPECT_EQ(counted("reprise_intake_records_total", "logs"), 2U);
    EXPECT_EQ(slow.arrivals.at(0).signal, otlp_signal::logs);
}

TEST_F(door_test, bytes_count_until_the_windows_let_go_of_them)
{
    waiting_intake slow;
    export_request request;
    request.body = logs_request(10);
    config.body_bytes_max = request.body.size();
    config.bytes_in_work_max = 0;  // Raised to two full requests.
    door entrance(config, slow, counts);
    int refused_ones = 0;
    const auto send = [&] {
        entrance.accept(request, [&refused_ones](answer given) { refused_ones += given.ok() ? 0 : 1; });
    };
    send();
    send();

    send();
    EXPECT_EQ(refused_ones, 1);
    for (const auto& done : slow.waiting)
        done({});
    send();
    EXPECT_EQ(refused_ones, 2);
    slow.arrivals.clear();
    send();
    EXPECT_EQ(refused_ones, 2);
    EXPECT_EQ(slow.arrivals.size(), 1U);
}

TEST_F(door_test, a_greedy_source_leaves_room_for_others)
{
    waiting_intake slow;
    export_request greedy;
    greedy.body = logs_request(10);
    greedy.source = "10.0.0.1";
    config.body_bytes_max = greedy.body.size();
    config.bytes_in_work_max = 4 * greedy.body.size();
    door entrance(config, slow, counts);
    export_request modest = greedy;
    modest.source = "10.0.0.2";
    const auto send = [&entrance](const export_request& request) {
        int status = 200;
        entrance.accept(request, [&status](const answer& given) { status = given.http_status; });
        return status;
    };
    send(greedy);
    send(modest);
    send(greedy);

    EXPECT_EQ(send(greedy), 429);
    EXPECT_EQ(refused("logs", "share"), 1U);
    send(modest);
    EXPECT_EQ(slow.arrivals.size(), 4U);
}

}  // namespace
}  // namespace reprise::ingest
