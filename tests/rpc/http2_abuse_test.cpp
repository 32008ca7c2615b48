#include "rpc/http2_abuse_fixture.hpp"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

// Peers that speak HTTP/2 to harm: each is stopped by a limit of its own, and others are served meanwhile.
namespace reprise::rpc {
namespace {

constexpr int flow_control_error = 3;
constexpr int compression_error = 9;
constexpr int calm_down = 11;

TEST_F(http2_abuse_test, calls_that_are_reset_at_once_end_the_connection)
{
    serve();
    warm_up();
    std::string calls;
    for (int i = 0; i < 20'000; ++i)
        calls += frame(kind::headers, end_headers, stream_of(i), call_head(logs_export_path)) +
                 frame(kind::reset, 0, stream_of(i), number(8, 4));
    const test::peak_memory peak;
    peer hostile(port());

    hostile.send(calls);

    EXPECT_TRUE(hostile.at_end());
    EXPECT_EQ(cut("protocol"), 1U);
    EXPECT_EQ(handled, 1);
    EXPECT_LT(peak.grown_bytes(), growth_bytes_max);
    expect_unharmed();
}

// Holds every answer back, and knows how many are owed.
class slow_handler {
public:
    void take(call_done done)
    {
        const std::lock_guard lock(mutex_);
        owed_.push_back(std::move(done));
        most_ = std::max(most_, owed_.size());
        changed_.notify_all();
    }

    void wait_for(std::size_t count)
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return owed_.size() >= count; });
    }

    std::size_t answer_all()
    {
        const std::lock_guard lock(mutex_);
        for (const call_done& done : owed_)
            done({});
        owed_.clear();
        return most_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<call_done> owed_;
    std::size_t most_ = 0;
};

TEST_F(http2_abuse_test, whole_calls_that_are_reset_keep_their_place_until_the_handler_is_done)
{
    config.calls_max = 8;
    slow_handler slow;
    std::atomic<bool> holding{true};
    serve([&](call_message, call_done done) {
        ++handled;
        if (holding)
            slow.take(std::move(done));
        else
            done({});
    });
    peer hostile(port());

    std::string calls;
    for (int i = 0; i < 500; ++i)
        calls += frame(kind::headers, end_headers, stream_of(i), call_head(logs_export_path)) +
                 frame(kind::data, end_stream, stream_of(i), message("x")) +
                 frame(kind::reset, 0, stream_of(i), number(8, 4));
    hostile.send(calls + frame(kind::ping, 0, 0, "12345678"));
    received answer;
    EXPECT_TRUE(hostile.find(kind::ping, answer));  // All of it was read.
    slow.wait_for(8);

    EXPECT_EQ(handled, 8);
    EXPECT_EQ(gauge_of("reprise_rpc_calls"), 8);
    holding = false;
    EXPECT_EQ(slow.answer_all(), 8U);
    server->stop(10s);
    EXPECT_EQ(gauge_of("reprise_rpc_calls"), 0);
}

TEST_F(http2_abuse_test, calls_beyond_those_a_connection_may_have_are_refused)
{
    config.streams_per_connection_max = 16;
    serve();
    peer hostile(port());

    std::string calls;
    for (int i = 0; i < 500; ++i)
        calls += frame(kind::headers, end_headers, stream_of(i), call_head(logs_export_path));
    hostile.send(calls + frame(kind::ping, 0, 0, "12345678"));

    received answer;
    EXPECT_TRUE(hostile.find(kind::reset, answer));
    EXPECT_EQ(answer.stream, stream_of(16));
    EXPECT_TRUE(hostile.find(kind::ping, answer));
    EXPECT_EQ(gauge_of("reprise_rpc_calls"), 16);
    expect_unharmed();
}

// A header block that does not end, as it goes on.
struct endless_case {
    std::string name;
    std::string begin;  // The first frame's block after a good head.
    std::string more;   // Each further frame's.
    int frames = 0;
};

class endless_header : public http2_abuse_test, public testing::WithParamInterface<endless_case> {};

TEST_P(endless_header, ends_the_connection_within_little_memory)
{
    serve();
    warm_up();
    const std::string begin = frame(kind::headers, 0, 1, call_head(logs_export_path) + GetParam().begin);
    const std::string more = repeat(frame(kind::continuation, 0, 1, GetParam().more), GetParam().frames);
    const test::peak_memory peak;
    peer hostile(port());

    hostile.send(begin);
    hostile.send(more);

    EXPECT_TRUE(hostile.at_end());
    EXPECT_EQ(handled, 1);
    EXPECT_LT(peak.grown_bytes(), growth_bytes_max);
    expect_unharmed();
}

const std::string announced_512_mib = std::string(1, '\0') + "\x03x-a" + hpack_number(512U << 20, 7);

INSTANTIATE_TEST_SUITE_P(
    cases, endless_header,
    testing::Values(
        endless_case{"many_fields", "", literal("x", std::string(900, 'v')), 10'000},
        endless_case{"empty_continuations", "", "", 300'000},
        endless_case{"one_value_of_512_mib", announced_512_mib, std::string(16'384, 'v'), 1'000},
        endless_case{"a_length_of_zeros", std::string(1, '\0') + "\x7f", std::string(16'384, '\x80'), 200},
        endless_case{"one_large_value_again_and_again", literal("x", std::string(3'900, 'v'), true),
                     std::string(16'000, '\xbe'), 500}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST_F(http2_abuse_test, metadata_over_the_limit_is_refused_and_the_connection_goes_on)
{
    serve();
    peer sender(port());

    const std::string block = call_head(logs_export_path) + literal("x", std::string(16'000, 'v')) + literal("y", "v");
    sender.send(frame(kind::headers, 0, 1, block.substr(0, 16'000)));
    sender.send(frame(kind::continuation, end_headers, 1, block.substr(16'000)));
    EXPECT_EQ(sender.last_field(1, "grpc-status"), "8");

    sender.send(frame(kind::headers, end_headers, 3, call_head(logs_export_path)));
    sender.send(frame(kind::data, end_stream, 3, message("good")));
    EXPECT_EQ(sender.last_field(3, "grpc-status"), "0");
    expect_unharmed();
}

TEST_F(http2_abuse_test, a_value_referred_to_thousands_of_times_ends_its_call_at_once)
{
    serve();
    warm_up();
    const std::string head = call_head(logs_export_path);
    // 16 KB on the wire, 60 MB of fields, each.
    std::string calls;
    for (int i = 1; i <= 100; ++i)
        calls += frame(kind::headers, end_headers, stream_of(i), head + std::string(15'000, '\xbe'));
    const test::peak_memory peak;
    peer hostile(port());

    hostile.send(frame(kind::headers, end_headers, 1, head + literal("x", std::string(3'900, 'v'), true)));
    hostile.send(calls + frame(kind::ping, 0, 0, "12345678"));

    received answer;
    for (int i = 1; i <= 100; ++i)
        EXPECT_TRUE(hostile.find(kind::reset, answer));
    EXPECT_EQ(answer.stream, stream_of(100));
    EXPECT_LT(peak.grown_bytes(), growth_bytes_max);
    expect_unharmed();
}

struct flood_case {
    std::string name;
    std::string once;
    bool in_call = false;
};

class flood : public http2_abuse_test, public testing::WithParamInterface<flood_case> {};

TEST_P(flood, of_frames_that_mean_nothing_ends_the_connection)
{
    serve();
    warm_up();
    const std::string frames = repeat(GetParam().once, 100'000);
    const test::peak_memory peak;
    peer hostile(port());

    if (GetParam().in_call)
        hostile.send(frame(kind::headers, end_headers, 1, call_head(logs_export_path)));
    hostile.send(frames);

    EXPECT_TRUE(hostile.at_end());
    EXPECT_EQ(cut("flood"), 1U);
    EXPECT_LT(peak.grown_bytes(), growth_bytes_max);
    expect_unharmed();
}

INSTANTIATE_TEST_SUITE_P(
    cases, flood,
    testing::Values(
        flood_case{"settings", frame(kind::settings, 0, 0)}, flood_case{"ping", frame(kind::ping, 0, 0, "12345678")},
        flood_case{"window", frame(kind::window, 0, 0, number(1, 4))},
        flood_case{"priority", frame(kind::priority, 0, 1, std::string("\0\0\0\3\1", 5))},
        flood_case{"empty_data", frame(kind::data, 0, 1), true}
    ),
    [](const auto& row) { return row.param.name; }
);

// A client of the gRPC library opens windows and pings as it goes: with thousands of calls per second it sends more
// of these frames than a flood may.
TEST_F(http2_abuse_test, a_busy_sender_is_no_flood)
{
    serve();
    peer busy(port());
    const std::string windows = repeat(frame(kind::window, 0, 0, number(1, 4)), 12);
    std::uint32_t stream = 1;
    for (int group = 0; group < 60; ++group) {
        std::string calls;
        for (int i = 0; i < 50; ++i, stream += 2)
            calls += frame(kind::headers, end_headers, stream, call_head(logs_export_path)) + windows +
                     frame(kind::data, end_stream, stream, message("good"));
        ASSERT_TRUE(busy.send(calls));
        ASSERT_EQ(busy.last_field(stream - 2, "grpc-status"), "0") << "after " << stream / 2 << " calls";
    }
    EXPECT_EQ(cut("flood"), 0U);
}

TEST_F(http2_abuse_test, frames_against_the_protocol_end_the_connection)
{
    serve();
    for (const auto& [bytes, code] : std::vector<std::pair<std::string, int>>{
             {frame(kind::window, 0, 0, number(0, 4)), 1},
             {frame(kind::window, 0, 0, number(0x7fffffff, 4)), flow_control_error},
             {frame(kind::headers, end_headers, 1, std::string(1, '\xbe')), compression_error},
             {frame(kind::headers, end_headers, 2, call_head(logs_export_path)), 1},
             {frame(kind::settings, 0, 0, repeat(number(0, 6), 2'000)), calm_down},
             {number(0xffffff, 3) + frame(kind::go_away, 0, 0).substr(3), 6}}) {
        peer hostile(port());
        hostile.send(bytes);
        EXPECT_EQ(hostile.farewell(), code);
        EXPECT_TRUE(hostile.at_end());
    }
    expect_unharmed();
}

TEST_F(http2_abuse_test, who_does_not_speak_http_2_is_sent_away)
{
    config.greeting_timeout = 100ms;
    config.receive_timeout = 100ms;
    serve();
    for (const std::string_view greeting :
         {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n", "PRI * HT"}) {
        peer stranger(port(), "");
        stranger.send(greeting);
        EXPECT_TRUE(stranger.at_end());
    }
    peer silent(port(), "");
    EXPECT_TRUE(silent.at_end());
    EXPECT_GE(cut("stalled"), 2U);
    expect_unharmed();
}

TEST_F(http2_abuse_test, connections_beyond_the_limit_are_closed_at_once)
{
    config.connections_max = 3;
    serve();
    {
        std::vector<std::unique_ptr<peer>> peers;
        received settings;
        for (int i = 0; i < 3; ++i) {
            peers.push_back(std::make_unique<peer>(port()));
            EXPECT_TRUE(peers.back()->find(kind::settings, settings));
        }
        peer one_more(port());
        EXPECT_FALSE(one_more.find(kind::settings, settings));
        EXPECT_EQ(counts.add_counter("reprise_rpc_connections_refused_total", "").value(), 1U);
        peers[0]->send(frame(kind::headers, end_headers, 1, call_head(logs_export_path)) +
                       frame(kind::data, end_stream, 1, message("good")));
        EXPECT_EQ(peers[0]->last_field(1, "grpc-status"), "0");
    }
    server->stop(10s);
    EXPECT_EQ(gauge_of("reprise_rpc_connections"), 0);
}

TEST_F(http2_abuse_test, a_message_that_stops_halfway_ends_its_call_and_took_no_memory_it_did_not_send)
{
    config.receive_timeout = 100ms;
    serve();
    warm_up();
    const test::peak_memory peak;
    peer hostile(port());

    std::string calls;
    for (int i = 0; i < 100; ++i)
        calls += frame(kind::headers, end_headers, stream_of(i), call_head(logs_export_path)) +
                 frame(kind::data, 0, stream_of(i), number(0, 1) + number(20U << 20, 4) + "and then nothing");
    hostile.send(calls);

    EXPECT_EQ(hostile.last_field(1, "grpc-status"), "1");
    EXPECT_EQ(handled, 1);
    EXPECT_LT(peak.grown_bytes(), growth_bytes_max);
    expect_unharmed();
}

TEST_F(http2_abuse_test, a_header_block_that_stops_halfway_ends_the_connection)
{
    config.receive_timeout = 100ms;
    serve();
    peer hostile(port());

    hostile.send(frame(kind::headers, 0, 1, call_head(logs_export_path)));

    EXPECT_TRUE(hostile.at_end());
    EXPECT_EQ(cut("stalled"), 1U);
    expect_unharmed();
}

struct bad_message_case {
    std::string name;
    std::string encoding;
    std::string data;
    std::string status;
};

class bad_message : public http2_abuse_test, public testing::WithParamInterface<bad_message_case> {};

TEST_P(bad_message, is_refused_and_never_handed_over)
{
    serve();
    peer sender(port());

    std::string head = call_head(logs_export_path);
    if (!GetParam().encoding.empty())
        head += literal("grpc-encoding", GetParam().encoding);
    sender.send(frame(kind::headers, end_headers, 1, head));
    sender.send(frame(kind::data, GetParam().data.size() > 9 ? 0 : end_stream, 1, GetParam().data));

    EXPECT_EQ(sender.last_field(1, "grpc-status"), GetParam().status);
    EXPECT_EQ(handled, 0);
    EXPECT_EQ(counts.add_counter("reprise_rpc_refused_total", "", "reason=\"unread\"").value(), 1U);
    expect_unharmed();
}

INSTANTIATE_TEST_SUITE_P(
    cases, bad_message,
    testing::Values(
        bad_message_case{"too_long_by_its_prefix", "", number(0, 1) + number(0xffffffff, 4) + "much", "8"},
        bad_message_case{"of_an_unknown_encoding", "zstd", message("abc", 1), "12"},
        bad_message_case{"compressed_nobody_knows_how", "", message("abc", 1), "13"},
        bad_message_case{"compressed_as_identity", "identity", message("abc", 1), "13"},
        bad_message_case{"with_another_flag", "", message("abc", 2), "13"},
        bad_message_case{"cut_off", "", message("abc").substr(0, 7), "3"},
        bad_message_case{"with_half_a_prefix", "", "\x01", "3"},
        bad_message_case{"followed_by_another", "", message("abc") + message("abc"), "3"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST_F(http2_abuse_test, messages_beyond_what_all_may_have_under_way_are_asked_to_come_back)
{
    config.transport_bytes_max = 64 * 1024;
    serve();
    peer hostile(port());

    std::string calls;
    for (int i = 0; i < 5; ++i)
        calls += frame(kind::headers, end_headers, stream_of(i), call_head(logs_export_path)) +
                 frame(kind::data, 0, stream_of(i), number(0, 1) + number(20'000, 4) + std::string(15'000, 'x'));
    hostile.send(calls);

    EXPECT_EQ(hostile.last_field(stream_of(4), "grpc-status"), "8");
    EXPECT_LE(gauge_of("reprise_rpc_message_bytes"), 64 * 1024);
    expect_unharmed();
}

TEST_F(http2_abuse_test, an_answer_that_is_not_taken_is_dropped)
{
    config.receive_timeout = 100ms;
    serve([this](call_message, call_done done) {
        ++handled;
        done({0, {}, std::string(1000, 'x')});
    });
    peer hostile(port(), "");
    const std::string no_window = number(4, 2) + number(0, 4);  // SETTINGS_INITIAL_WINDOW_SIZE.
    hostile.send(std::string(preface) + frame(kind::settings, 0, 0, no_window));

    hostile.send(frame(kind::headers, end_headers, 1, call_head(logs_export_path)));
    hostile.send(frame(kind::data, end_stream, 1, message("x")));

    received answer;
    EXPECT_TRUE(hostile.find(kind::reset, answer));
    EXPECT_EQ(answer.stream, 1U);
    expect_unharmed();
}

TEST_F(http2_abuse_test, a_peer_that_never_reads_is_not_read_either_and_cut_off)
{
    config.receive_timeout = 100ms;
    serve([this](call_message, call_done done) {
        ++handled;
        done({0, {}, std::string(20'000, 'x')});
    });
    warm_up();
    const test::peak_memory peak;
    peer hostile(port());
    hostile.send(frame(kind::window, 0, 0, number(0x7fff0000 - 65'535, 4)));

    bool connected = true;
    for (int i = 0; connected; ++i)
        connected = hostile.send(frame(kind::headers, end_headers, stream_of(i), call_head(logs_export_path)) +
                                 frame(kind::data, end_stream, stream_of(i), message("x")));

    EXPECT_EQ(cut("stalled"), 1U);
    // The kernel takes some megabytes of answers before it takes no more, and each was in memory four times over.
    EXPECT_LT(peak.grown_bytes(), 4 * growth_bytes_max);
    expect_unharmed();
}

TEST_F(http2_abuse_test, stop_waits_for_no_peer_that_says_half_a_thing_or_listens_to_nothing)
{
    serve();
    peer halfway(port());
    halfway.send(frame(kind::headers, 0, 1, call_head(logs_export_path)));
    peer silent(port(), "");
    received settings;
    EXPECT_TRUE(halfway.find(kind::settings, settings));
    EXPECT_TRUE(silent.find(kind::settings, settings));
    const auto began = std::chrono::steady_clock::now();

    server->stop(50ms);

    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    EXPECT_EQ(gauge_of("reprise_rpc_connections"), 0);
    EXPECT_TRUE(halfway.at_end());
    EXPECT_TRUE(silent.at_end());
}

}  // namespace
}  // namespace reprise::rpc
