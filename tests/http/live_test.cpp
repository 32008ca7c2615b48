#include "seeds.hpp"
#include "support/raw_websocket.hpp"

#include "reprise/store/events.hpp"
#include "reprise/store/traces.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace reprise::http {
namespace {

using reprise::test::raw_frame;
using reprise::test::raw_websocket;
using test::actor;
using test::running_api;
using test::seed;
using test::seeded;

constexpr int text_frame = 1;
constexpr int close_frame = 8;

class live_client {
public:
    live_client(running_api& on, const actor& who, const std::string& headers = {})
        : socket_(on.port(), "/api/v1/live", on.cookie_of(who) + headers)
    {
    }

    raw_websocket& socket() { return socket_; }
    void subscribe(const std::string& topics, const std::string& more = {})
    {
        socket_.send_text(R"({"subscribe":[)" + topics + "]" + more + "}");
    }
    // The next message; pings are skipped.
    boost::json::object next()
    {
        for (;;) {
            const raw_frame frame = socket_.receive();
            if (frame.opcode == text_frame)
                return boost::json::parse(frame.text).as_object();
            if (frame.opcode == close_frame || frame.opcode == raw_frame::lost)
                return {{"type", "closed"}, {"code", frame.close_code}};
        }
    }
    std::string next_type() { return std::string(next().at("type").as_string()); }
    // Everything up to the close frame; its code.
    int read_to_close()
    {
        for (;;) {
            const boost::json::object message = next();
            if (message.at("type").as_string() == "closed")
                return message.at("code").to_number<int>();
        }
    }

private:
    raw_websocket socket_;
};

void add_signal(running_api& on, const std::string& text)
{
    auto write = [&](store::transaction& tx) {
        model::signal signal = test::make_signal(on.time().now_ns());
        signal.explanation = text;
        return store::insert_signal(tx, signal, on.time().now_ns());
    };
    on.write(std::move(write)).value();
}

TEST(live, readers_of_the_services_hear_of_suppressions)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    live_client client(on, who);
    client.subscribe(R"("services")");
    EXPECT_EQ(client.next_type(), "hello");

    const auto made = on.call(who, "POST", "/api/v1/suppressions", R"({"service":"checkout","reason":"known"})");
    ASSERT_EQ(made.status, 201) << made.body;

    const boost::json::object message = client.next();
    EXPECT_EQ(message.at("topic").as_string(), "services");
    EXPECT_EQ(message.at("type").as_string(), "suppression");
    EXPECT_EQ(message.at("data"), test::json_of(made).at("item"));
}

TEST(live, new_traces_are_told_by_service)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    live_client client(on, who);
    client.subscribe(R"("traces")");
    EXPECT_EQ(client.next_type(), "hello");
    on.write([&](store::transaction& tx) { return store::announce_traces(tx, "agents", on.time().now_ns()); }).value();
    const auto message = client.next();
    EXPECT_EQ(message.at("topic").as_string(), "traces");
    EXPECT_EQ(message.at("data").at("service").as_string(), "agents");
    EXPECT_EQ(message.at("data").at("at").as_string(), "2023-11-14T22:13:20.000Z");
}

TEST(live, greets_and_passes_on_what_is_committed)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    live_client client(on, who);
    ASSERT_EQ(client.socket().status(), 101);

    client.subscribe(R"("signals")");
    const auto hello = client.next();
    EXPECT_EQ(hello.at("type").as_string(), "hello");
    EXPECT_EQ(hello.at("epoch").as_string(), on.store().epoch());
    EXPECT_EQ(hello.at("heartbeat_ms").as_int64(), 15'000);
    add_signal(on, "one");

    const auto event = client.next();
    EXPECT_EQ(event.at("type").as_string(), "signal");
    EXPECT_EQ(event.at("topic").as_string(), "signals");
    EXPECT_EQ(event.at("epoch").as_string(), on.store().epoch());
    EXPECT_GT(event.at("seq").as_int64(), hello.at("seq").as_int64());
    EXPECT_EQ(event.at("id"), event.at("data").at("id"));
    EXPECT_EQ(event.at("data").at("explanation").as_string(), "one");
}

TEST(live, events_come_in_order_on_their_topics_only)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    live_client client(on, who);
    client.subscribe(R"("incidents","approvals","runs","overview","services")");
    EXPECT_EQ(client.next_type(), "hello");

    seed(on);

    std::map<std::string, int> types;
    std::int64_t last = 0;
    while (types["publication"] == 0) {
        const auto event = client.next();
        EXPECT_GT(event.at("seq").as_int64(), last);
        last = event.at("seq").as_int64();
        ++types[std::string(event.at("type").as_string())];
    }
    EXPECT_EQ(types["signal"], 0);
    EXPECT_EQ(types["incident"], 1);
    EXPECT_EQ(types["approval"], 1);
    EXPECT_EQ(types["run"], 1);
    EXPECT_EQ(types["traffic"], 1);
    EXPECT_EQ(types["service"], 1);
}

TEST(live, a_client_goes_on_after_the_last_event_it_has)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    std::int64_t after = 0;
    {
        live_client client(on, who);
        client.subscribe(R"("signals")");
        EXPECT_EQ(client.next_type(), "hello");
        add_signal(on, "seen");
        after = client.next().at("seq").as_int64();
    }
    add_signal(on, "missed one");
    add_signal(on, "missed two");

    live_client client(on, who);
    const std::string place = R"(,"epoch":")" + on.store().epoch() + R"(","after":)" + std::to_string(after);
    client.subscribe(R"("signals")", place);

    EXPECT_EQ(client.next_type(), "hello");
    EXPECT_EQ(client.next().at("data").at("explanation").as_string(), "missed one");
    EXPECT_EQ(client.next().at("data").at("explanation").as_string(), "missed two");
    add_signal(on, "new");
    EXPECT_EQ(client.next().at("data").at("explanation").as_string(), "new");
}

TEST(live, nothing_is_lost_or_doubled_while_clients_reconnect)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    std::vector<std::string> seen;
    std::int64_t after = 0;
    int added = 0;
    for (int round = 0; round < 30; ++round) {
        live_client client(on, who);
        client.subscribe(
            R"("signals")", R"(,"epoch":")" + on.store().epoch() + R"(","after":)" + std::to_string(after)
        );
        EXPECT_EQ(client.next_type(), "hello");
        // Some before, some after what this connection reads.
        for (int i = 0; i < 3; ++i)
            add_signal(on, std::to_string(added++));
        while (static_cast<int>(seen.size()) < added - round % 3) {
            const auto event = client.next();
            after = event.at("seq").as_int64();
            seen.emplace_back(event.at("data").at("explanation").as_string());
        }
    }

    for (std::size_t i = 0; i < seen.size(); ++i)
        ASSERT_EQ(seen[i], std::to_string(i));
}

TEST(live, another_history_or_a_gap_is_a_resync)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    add_signal(on, "one");
    add_signal(on, "two");
    on.write([](store::transaction& tx) { return store::prune_events(tx, 1); }).value();
    const std::string mine = R"(,"epoch":")" + on.store().epoch() + R"(",)";
    for (const std::string& place :
         {std::string(R"(,"epoch":"01HF7YAT00OTHEROTHEROTHER0","after":1)"), mine + R"("after":0)",
          mine + R"("after":99999)"}) {
        live_client client(on, who);
        client.subscribe(R"("signals")", place);
        EXPECT_EQ(client.next_type(), "hello") << place;
        const auto resync = client.next();
        EXPECT_EQ(resync.at("type").as_string(), "resync") << place;
        EXPECT_EQ(resync.at("as_of").as_int64(), on.store().last_seq()) << place;
    }
}

TEST(live, of_many_changes_of_one_entity_a_client_behind_gets_the_last)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);
    const std::int64_t after = on.store().last_seq();
    for (int i = 0; i < 10; ++i) {
        auto touch = [&](store::transaction& tx) -> result<void> {
            auto incident = store::find_incident(tx, all.incident.id).value().value();
            ++incident.occurrences;
            return store::save_incident(tx, incident, incident.version);
        };
        on.write(std::move(touch)).value();
    }

    live_client client(on, who);
    client.subscribe(
        R"("incidents")", R"(,"epoch":")" + on.store().epoch() + R"(","after":)" + std::to_string(after)
    );

    EXPECT_EQ(client.next_type(), "hello");
    const auto event = client.next();
    EXPECT_EQ(event.at("seq").as_int64(), on.store().last_seq());
    EXPECT_EQ(event.at("data").at("occurrences").as_int64(), 11);
}

TEST(live, the_log_of_a_run_comes_line_by_line)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);
    live_client client(on, who);
    client.subscribe("\"runs/" + all.run.id + "\"");
    EXPECT_EQ(client.next_type(), "hello");

    auto write = [&](store::transaction& tx) -> result<void> {
        for (int i = 0; i < 3; ++i) {
            model::run_event event;
            event.run_id = all.run.id;
            event.at_ns = on.time().now_ns();
            event.type = "log";
            event.data = R"({"text":"line"})";
            const auto appended = store::append_run_event(tx, event);
            if (!appended)
                return appended.error();
        }
        return {};
    };
    on.write(std::move(write)).value();

    for (std::int64_t sequence = 2; sequence <= 4; ++sequence) {
        const auto event = client.next();
        EXPECT_EQ(event.at("type").as_string(), "run_event");
        EXPECT_EQ(event.at("data").at("sequence").as_int64(), sequence);
    }
}

TEST(live, topics_can_be_changed_on_the_way)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    live_client client(on, who);
    client.subscribe(R"("incidents")");
    EXPECT_EQ(client.next_type(), "hello");
    client.subscribe(R"("signals")");
    EXPECT_EQ(client.next_type(), "hello");

    seed(on);

    EXPECT_EQ(client.next().at("topic").as_string(), "signals");
}

TEST(live, a_slow_client_is_told_to_come_back)
{
    test::api_options options;
    options.queue = {.messages_max = 5, .bytes_max = 1024 * 1024};
    running_api on(options);
    const actor who = on.sign_in("ada", "viewer");
    live_client client(on, who);
    client.subscribe(R"("signals")");
    EXPECT_EQ(client.next_type(), "hello");

    // More than the queue holds, and far more than the sockets buffer while nobody reads.
    const std::string big(200'000, 'x');
    for (int i = 0; i < 200; ++i) {
        live::message message;
        message.seq = 1'000'000 + i;
        message.topic = "signals";
        message.text = std::make_shared<const std::string>("{\"type\":\"x\",\"x\":\"" + big + "\"}");
        on.hub().publish(message);
    }

    EXPECT_EQ(client.read_to_close(), net::close_code::slow_consumer);
    EXPECT_EQ(on.hub().overflow_count(), 1U);
}

TEST(live, needs_a_session_a_role_and_the_own_origin)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const actor nobody;

    EXPECT_EQ(live_client(on, nobody).socket().status(), 401);
    EXPECT_EQ(live_client(on, who, "Origin: https://evil.test\r\n").socket().status(), 403);
    EXPECT_EQ(live_client(on, who, "Origin: " + on.origin() + "\r\n").socket().status(), 101);
    EXPECT_EQ(on.call(who, "GET", "/api/v1/live").status, 426);
}

TEST(live, ends_when_the_person_signs_out)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    live_client client(on, who);
    client.subscribe(R"("signals")");
    EXPECT_EQ(client.next_type(), "hello");

    EXPECT_EQ(on.call(who, "POST", "/api/v1/auth/logout", "{}").status, 204);

    EXPECT_EQ(client.read_to_close(), net::close_code::unauthenticated);
}

TEST(live, ends_when_the_account_is_disabled)
{
    running_api on;
    const actor admin = on.sign_in("root", "admin");
    const actor who = on.sign_in("ada", "viewer");
    live_client client(on, who);
    client.subscribe(R"("signals")");
    EXPECT_EQ(client.next_type(), "hello");

    const std::string off = R"({"roles":["viewer"],"disabled":true})";
    EXPECT_EQ(on.call(admin, "PUT", "/api/v1/users/" + who.person.id, off).status, 200);

    EXPECT_EQ(client.read_to_close(), net::close_code::unauthenticated);
}

TEST(live, ends_when_the_session_is_too_old)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    live_client client(on, who);
    client.subscribe(R"("signals")");
    EXPECT_EQ(client.next_type(), "hello");

    on.time().advance_ns(25LL * 3600 * ns_per_s);

    EXPECT_EQ(client.read_to_close(), net::close_code::unauthenticated);
}

struct bad_message {
    std::string name;
    std::string text;
    int code;
};

class live_refuses : public testing::TestWithParam<bad_message> {};

TEST_P(live_refuses, with_a_close_code)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    live_client client(on, who);

    client.socket().send_text(GetParam().text);

    EXPECT_EQ(client.read_to_close(), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    cases, live_refuses,
    testing::Values(
        bad_message{"no_json", "hello", 1008}, bad_message{"no_object", "[]", 1008},
        bad_message{"no_topics", "{}", 1008}, bad_message{"topics_are_no_list", R"({"subscribe":"signals"})", 1008},
        bad_message{"after_is_negative", R"({"subscribe":[],"epoch":"x","after":-1})", 1008},
        bad_message{"unknown_topic", R"({"subscribe":["secrets"]})", 4003},
        bad_message{"run_without_id", R"({"subscribe":["runs/"]})", 4003},
        bad_message{"too_large", std::string(70'000, ' '), 1009}
    ),
    [](const auto& param) { return param.param.name; }
);

}  // namespace
}  // namespace reprise::http
