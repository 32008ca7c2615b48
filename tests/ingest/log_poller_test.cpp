#include "reprise/ingest/log_poller.hpp"

#include "loki_like.hpp"

#include "reprise/net/client.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/polling.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace reprise::ingest {
namespace {

constexpr std::int64_t t0 = 1'700'000'000'000'000'000;

std::int64_t s(std::int64_t seconds)
{
    return t0 + seconds * ns_per_s;
}

// A real database, a real client, and a server that answers like Loki.
class log_poller_test : public testing::Test {
protected:
    log_poller_test()
    {
        std::string name = (std::filesystem::temp_directory_path() / "reprise-poll-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        directory_ = name;
        store::database_options options;
        options.path = directory_ / "reprise.db";
        options.audit_key = "a key for the tests only, 32 byte";
        database = store::database::open(options).value();
        config.name = "x";
        config.base = net::parse_url(loki.url()).value();
        config.query = R"({app="shop", env="b"} |= "error")";
        policy.redaction_key = "test";
    }
    ~log_poller_test() override
    {
        database.reset();
        std::filesystem::remove_all(directory_);
    }

    std::unique_ptr<log_poller> make()
    {
        return std::make_unique<log_poller>(config, policy, *database, client, time, numbers, counters);
    }
    poll_report poll(log_poller& poller) { return io.run(poller.poll_once()); }
    poll_report poll()
    {
        const auto poller = make();
        return poll(*poller);
    }

    std::vector<model::incident> incidents()
    {
        return database->read_blocking([](store::reader& r) { return store::list_incidents(r, {}); }).value();
    }
    store::poll_source source()
    {
        return database->read_blocking([](store::reader& r) { return store::find_poll_source(r, "x"); })
            .value()
            .value();
    }
    void set(const store::service_polling& settings)
    {
        ASSERT_TRUE(database->write_blocking([&](store::transaction& tx) {
            return store::save_service_polling(tx, settings);
        }));
    }

    static std::string error(const std::string& text, int status = 500)
    {
        return R"({"status":)" + std::to_string(status) + R"(,"path":"/orders","message":")" + text + "\"}";
    }

    reprise::test::io_threads io;
    test::loki_like loki{io};
    net::http_client client{net::target_guard::parse({loki.url()}, {}).value(), {}};
    manual_clock time{t0};
    metrics numbers;
    pipeline::alarm_counters counters{numbers};
    poll_config config;
    pipeline::alarm_policy policy;
    std::unique_ptr<store::database> database;

private:
    std::filesystem::path directory_;
};

TEST_F(log_poller_test, errors_become_incidents)
{
    loki.add(s(-10), error("no discount"));
    loki.add(s(-9), R"({"level":"info","message":"fine"})");
    loki.add(s(-8), error("no stock"), "cart");
    config.token = "secret";
    config.tenant = "team";

    const auto report = poll();

    EXPECT_EQ(report.error, "");
    EXPECT_TRUE(report.complete);
    EXPECT_EQ(report.events, 3U);
    EXPECT_EQ(report.ignored, 1U);
    EXPECT_EQ(report.alarms, 2U);
    EXPECT_EQ(incidents().size(), 2U);
    ASSERT_EQ(loki.questions().size(), 1U);
    EXPECT_EQ(loki.questions()[0].query, config.query);
    EXPECT_EQ(loki.questions()[0].token, "Bearer secret");
    EXPECT_EQ(loki.questions()[0].tenant, "team");
    EXPECT_EQ(loki.questions()[0].start_ns, s(-60));
    EXPECT_EQ(loki.questions()[0].end_ns, s(0));
    EXPECT_EQ(source().position_ns, s(-8));
    EXPECT_EQ(source().events, 3U);
}

TEST_F(log_poller_test, overlapping_windows_count_an_event_once)
{
    loki.add(s(-10), error("no discount"));
    poll();
    time.advance_ns(30 * ns_per_s);
    loki.add(s(-12), error("no discount"));
    loki.add(s(20), error("no discount"));

    const auto report = poll();

    EXPECT_EQ(loki.questions()[1].start_ns, s(-25));
    EXPECT_EQ(report.repeated, 1U);
    EXPECT_EQ(report.events, 2U);
    ASSERT_EQ(incidents().size(), 1U);
    EXPECT_EQ(incidents()[0].occurrences, 3U);
    time.advance_ns(30 * ns_per_s);
    EXPECT_EQ(poll().events, 0U);
    EXPECT_EQ(incidents()[0].occurrences, 3U);
}

TEST_F(log_poller_test, an_outage_loses_nothing)
{
    loki.add(s(-10), error("no discount"));
    poll();
    loki.fail_with(503);
    time.advance_ns(30 * ns_per_s);
    EXPECT_NE(poll().error, "");
    for (int minute = 1; minute <= 10; ++minute)
        loki.add(s(minute * 60), error("no discount"));
    loki.fail_with(200);
    time.set_ns(s(660));

    const auto report = poll();

    EXPECT_EQ(report.events, 10U);
    EXPECT_EQ(incidents()[0].occurrences, 11U);
}

TEST_F(log_poller_test, pages_are_read_until_now_and_a_long_round_goes_on_later)
{
    config.page_events = 10;
    config.pages_max = 3;
    for (int i = 0; i < 50; ++i)
        loki.add(s(-50 + i), error("no discount"));
    const auto poller = make();

    const auto first = poll(*poller);
    EXPECT_FALSE(first.complete);
    EXPECT_EQ(first.pages, 3U);
    EXPECT_EQ(first.events, 28U);
    const auto second = poll(*poller);

    EXPECT_TRUE(second.complete);
    EXPECT_EQ(first.events + second.events, 50U);
    EXPECT_EQ(incidents()[0].occurrences, 50U);
}

TEST_F(log_poller_test, a_failure_is_kept_for_people_and_forgotten_when_it_is_over)
{
    loki.fail_with(502);
    const auto report = poll();

    EXPECT_NE(report.error.find("answered 502: no luck"), std::string::npos) << report.error;
    EXPECT_EQ(source().failures, 1U);
    EXPECT_EQ(source().error, report.error);
    EXPECT_FALSE(source().position_ns);
    poll();
    EXPECT_EQ(source().failures, 2U);
    loki.fail_with(200);
    poll();
    EXPECT_EQ(source().failures, 0U);
    EXPECT_EQ(source().error, "");
    EXPECT_EQ(source().succeeded_ns, t0);
}

TEST_F(log_poller_test, only_the_configured_server_is_asked)
{
    config.base = net::parse_url("http://127.0.0.1:1/").value();
    EXPECT_NE(poll().error.find("cannot be asked"), std::string::npos);
    EXPECT_TRUE(loki.questions().empty());
}

TEST_F(log_poller_test, a_service_says_what_of_its_log_is_wanted)
{
    store::service_polling off;
    off.service = "off";
    off.enabled = false;
    set(off);
    store::service_polling choosy;
    choosy.service = "choosy";
    choosy.error_classes = {"server_5xx"};
    set(choosy);
    loki.add(s(-9), error("no discount"), "off");
    loki.add(s(-8), error("no such order", 404), "choosy");
    loki.add(s(-7), error("no stock", 503), "choosy");

    const auto report = poll();

    EXPECT_EQ(report.events, 3U);
    EXPECT_EQ(report.ignored, 2U);
    ASSERT_EQ(incidents().size(), 1U);
    EXPECT_EQ(incidents()[0].service, "choosy");
}

TEST_F(log_poller_test, rare_errors_wait_for_their_number)
{
    config.min_occurrences = 3;
    loki.add(s(-9), error("no discount"));
    loki.add(s(-8), error("no discount"));
    poll();
    EXPECT_TRUE(incidents().empty());

    time.advance_ns(30 * ns_per_s);
    loki.add(s(10), error("no discount"));
    poll();
    ASSERT_EQ(incidents().size(), 1U);
    EXPECT_EQ(incidents()[0].occurrences, 3U);

    time.advance_ns(30 * ns_per_s);
    loki.add(s(40), error("no discount"));
    poll();
    EXPECT_EQ(incidents()[0].occurrences, 4U);
}

TEST_F(log_poller_test, events_that_are_too_old_are_kept_as_stale)
{
    loki.add(s(-10), error("no discount"));
    poll();
    loki.add(s(60), error("no stock"));
    time.set_ns(s(7'200));

    EXPECT_EQ(poll().events, 1U);

    store::alarm_filter filter;
    filter.fate = store::alarm_fate::stale;
    const auto stale =
        database->read_blocking([&](store::reader& r) { return store::list_alarms(r, filter); }).value();
    ASSERT_EQ(stale.size(), 1U);
    EXPECT_EQ(stale[0].alarm.description, "no stock");
}

TEST(poll_sources, are_read_from_a_list)
{
    std::string problem;
    const auto sources = parse_poll_sources(
        R"([{"name":"production","url":"http://loki.test:3100","query":"{app=\"a\", b=\"c\"}",
             "classes":["server_5xx"],"min_occurrences":3,"token_file":"/x","tenant":"t","networks":["10.0.0.0/8"]}])",
        problem
    );

    ASSERT_TRUE(sources) << problem;
    const auto& one = sources->front();
    EXPECT_EQ(one.config.name, "production");
    EXPECT_EQ(one.config.base.origin(), "http://loki.test:3100");
    EXPECT_EQ(one.config.query, "{app=\"a\", b=\"c\"}");
    EXPECT_EQ(one.config.min_occurrences, 3U);
    EXPECT_EQ(one.token_file, "/x");
    EXPECT_EQ(one.networks.size(), 1U);
}

TEST(poll_sources, say_what_is_wrong)
{
    const auto problem_of = [](const std::string& text) {
        std::string problem;
        EXPECT_FALSE(parse_poll_sources(text, problem)) << text;
        return problem;
    };
    const std::string good = R"("name":"a","url":"http://x:1","query":"{}")";
    EXPECT_EQ(problem_of("{}"), "it must hold a JSON list of at most 64 sources");
    EXPECT_EQ(problem_of("[1]"), "source 1 must be an object");
    EXPECT_EQ(problem_of("[{" + good + R"(,"nmae":1}])"), "source 1 has no member \"nmae\"");
    EXPECT_EQ(problem_of("[{" + good + R"(,"kind":"splunk"}])"), "source 1 kind must be loki");
    EXPECT_EQ(problem_of("[{" + good + "},{" + good + "}]"), "source 2 has the name of another: a");
    EXPECT_NE(problem_of(R"([{"name":"A B","url":"http://x","query":"{}"}])").find("needs a name"), std::string::npos);
    EXPECT_NE(problem_of(R"([{"name":"a","url":"x","query":"{}"}])").find("needs a url"), std::string::npos);
    EXPECT_NE(problem_of(R"([{"name":"a","url":"http://x"}])").find("needs a query"), std::string::npos);
    EXPECT_NE(problem_of("[{" + good + R"(,"classes":["all"]}])").find("classes may be"), std::string::npos);
    EXPECT_NE(problem_of("[{" + good + R"(,"min_occurrences":0}])").find("min_occurrences"), std::string::npos);
}

}  // namespace
}  // namespace reprise::ingest
