#include "buggy_shop.hpp"
#include "reporting_shop.hpp"

#include "support/certificates.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/net/client.hpp"
#include "reprise/replay/export.hpp"
#include "reprise/replay/minimise.hpp"
#include "reprise/replay/scenario_run.hpp"
#include "reprise/replay/target_sender.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

// What was exported is run, with the bug and without it.
namespace reprise::replay {
namespace {

using test::buggy_shop;
using test::reporting;
using test::reporting_shop;

constexpr const char* any_bytes = "a'b\"c\\d$e`f%g?h\n\r\t\1\xff\xc3\xa9 ?\?=# @@HEAD@@ %s \\n '''";

scenario_request make(std::string method, std::string path, std::string body = {})
{
    scenario_request made;
    made.method = std::move(method);
    made.path = std::move(path);
    made.body = std::move(body);
    if (!made.body.empty())
        made.headers.emplace_back("Content-Type", "application/json");
    return made;
}

reproducer make_reproducer(std::vector<scenario_request> requests, std::string_view still, std::string target)
{
    reproducer made;
    std::uint32_t number = 0;
    for (scenario_request& one : requests)
        one.exchange = one.group = number++;
    made.what.requests = std::move(requests);
    made.still = parse_condition(still).value();
    made.target = std::move(target);
    made.title = "Orders with gifts answer 500 */ ''' @@DATA@@ \\";
    made.facts = {"Incident 01JABC\n; rm -rf /", "Shown in 5 of 5 trials."};
    return made;
}

// A login whose token the order carries.
reproducer gift_order(const std::string& target)
{
    auto made = make_reproducer(
        {make("POST", "/login", R"({"user":"a"})"), make("POST", "/orders", R"({"items":[{"gift":true}]})")},
        R"(status==500 and body contains "gift" and header content-type matches "^application/\w+$")"
        R"( and json /error/line > 11 and json /error/code == "gift" and json /error/fatal == true)"
        R"( and json /error/none == null and latency < 20s)",
        target
    );
    made.what.requests[0].watched = false;
    made.what.requests[1].headers.emplace_back("Authorization", "Bearer 900719925474099101");
    carried_value token;
    token.name = "/session/token";
    token.marker = "900719925474099101";
    token.captured = "tok-old";
    made.what.values.push_back(token);
    return made;
}

struct finished {
    int code = 0;
    std::string output;
};

// Every trial over real sockets.
scenario minimise_live(buggy_shop& shop, minimise_source source, const condition& still)
{
    boost::asio::io_context io(1);
    net::http_client http(net::target_guard::allow_all(), {});
    const system_clock wall;
    const target to = parse_target(shop.url()).value();
    target_sender sender(http, wall, to);
    const auto time = make_steady_time();
    const scenario_options options;
    minimiser run(std::move(source), {});
    while (const auto next = run.next()) {
        auto sending = boost::asio::co_spawn(
            io, run_scenario(next->what, options, sender, *time), boost::asio::use_future
        );
        io.restart();
        io.run();
        const auto answers = sending.get();
        trial_outcome outcome;
        outcome.verdict = judge(still, answers);
        outcome.seen = describe(answers);
        run.take(outcome);
    }
    EXPECT_EQ(run.end(), minimise_end::minimal);
    return run.result().smallest.value();
}

class exported : public testing::Test {
protected:
    exported() : directory_(std::filesystem::temp_directory_path() / ("reproducer-" + random_token(8)))
    {
        std::filesystem::create_directory(directory_);
    }
    ~exported() override { std::filesystem::remove_all(directory_); }

    std::string write(const std::string& name, const checked<std::string>& text)
    {
        const std::string path = (directory_ / name).string();
        std::ofstream(path, std::ios::binary) << text.value();
        return path;
    }

    static finished run(const std::string& command)
    {
        finished made;
        std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
        std::array<char, 4096> part{};
        while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe))
            made.output.append(part.data(), size);
        const int status = ::pclose(pipe);
        made.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return made;
    }

    // Fails with the bug, passes without it.
    template <class Shop>
    void expect_cured(Shop& shop, const std::string& command)
    {
        const finished with_bug = run(command);
        EXPECT_EQ(with_bug.code, 1) << command << "\n" << with_bug.output;
        shop.fix();
        const finished without = run(command);
        EXPECT_EQ(without.code, 0) << command << "\n" << without.output;
        for (const finished& each : {with_bug, without})
            EXPECT_EQ(each.output.find("syntax"), std::string::npos) << each.output;
    }

    void expect_script_cured(buggy_shop& shop, const reproducer& from)
    {
        const std::string path = write("reproducer.sh", to_curl_script(from));
        expect_cured(shop, "bash " + path);
    }

    void expect_python_cured(buggy_shop& shop, const reproducer& from)
    {
        const std::string path = write("test_reproducer.py", to_pytest(from));
        expect_cured(shop, "python3 " + path);
    }

    std::filesystem::path directory_;
};

std::vector<scenario_request> stock_burst()
{
    auto one = make("GET", "/stock");
    one.copies = buggy_shop::burst_limit;
    return {one};
}

reproducer exact_bytes(buggy_shop& shop)
{
    const std::string body = std::string(any_bytes) + std::string("\0end", 4);
    const std::string header = "a'b\"c\\d$e`f%g \xe9;#";
    auto one = make("POST", "/bytes?q=%27%22'$(id)`&[]{}!*;", body);
    one.headers = {{"X-Bytes", header}, {"X-Empty", ""}, {"Accept", "text/plain"}};
    shop.expect_bytes(one.path, header, body);
    return make_reproducer({one}, "status == 500", shop.url());
}

reproducer slow_answers(const std::string& target)
{
    auto one = make("GET", "/slow");
    one.copies = 3;
    return make_reproducer({one}, "p95>700ms and failing<50%", target);
}

reproducer recorded_burst(const std::string& target)
{
    auto made = make_reproducer(std::vector<scenario_request>(6, make("GET", "/stock")), "failing >= 10%", target);
    made.what.pacing = pacing::recorded;
    for (scenario_request& one : made.what.requests)
        one.at_ns = one.exchange * 10 * ns_per_ms;
    return made;
}

TEST_F(exported, curl_script_carries_a_token_and_fails_while_the_bug_is_there)
{
    buggy_shop shop;
    expect_script_cured(shop, gift_order(shop.url()));
}

TEST_F(exported, curl_script_sends_a_burst_at_once)
{
    buggy_shop shop;
    expect_script_cured(shop, make_reproducer(stock_burst(), "status==503", shop.url()));
}

TEST_F(exported, curl_script_sends_any_bytes_as_they_are)
{
    buggy_shop shop;
    expect_script_cured(shop, exact_bytes(shop));
}

TEST_F(exported, curl_script_measures_latency)
{
    buggy_shop shop;
    expect_script_cured(shop, slow_answers(shop.url()));
}

TEST_F(exported, curl_script_keeps_recorded_times)
{
    buggy_shop shop;
    expect_script_cured(shop, recorded_burst(shop.url()));
}

TEST_F(exported, python_file_carries_a_token_and_fails_while_the_bug_is_there)
{
    buggy_shop shop;
    expect_python_cured(shop, gift_order(shop.url()));
}

TEST_F(exported, python_file_sends_a_burst_at_once)
{
    buggy_shop shop;
    expect_python_cured(shop, make_reproducer(stock_burst(), "status==503", shop.url()));
}

TEST_F(exported, python_file_sends_any_bytes_as_they_are)
{
    buggy_shop shop;
    expect_python_cured(shop, exact_bytes(shop));
}

TEST_F(exported, python_file_measures_latency)
{
    buggy_shop shop;
    expect_python_cured(shop, slow_answers(shop.url()));
}

TEST_F(exported, python_file_keeps_recorded_times)
{
    buggy_shop shop;
    expect_python_cured(shop, recorded_burst(shop.url()));
}

TEST_F(exported, python_file_runs_under_pytest)
{
    buggy_shop shop;
    const std::string path = write("test_reproducer.py", to_pytest(gift_order(shop.url())));
    expect_cured(shop, std::string(REPRISE_TEST_PYTHON) + " -m pytest -q -p no:cacheprovider " + path);
}

// The service reports to the file itself, which listens while it runs.
reproducer long_history(const std::string& target, std::uint16_t otlp_port)
{
    auto made = make_reproducer(
        {make("GET", "/history?customer=21"), make("GET", "/history")}, "calls>20 and peak==3 and arrivals>=5", target
    );
    made.observe = "127.0.0.1:" + std::to_string(otlp_port);
    return made;
}

TEST_F(exported, python_file_receives_the_spans_of_the_service)
{
    for (const reporting how : {reporting::protobuf, reporting::json}) {
        const std::uint16_t port = test::free_port();
        reporting_shop shop(port, how);
        const std::string path = write("test_reproducer.py", to_pytest(long_history(shop.url(), port)));
        EXPECT_NE(run("python3 " + path).output.find("200 in "), std::string::npos);
        EXPECT_NE(run("python3 " + path).output.find("with 24 calls, 3 in flight, 5 in 50 ms"), std::string::npos);
        expect_cured(shop, "python3 " + path);
    }
}

TEST_F(exported, python_file_listens_for_spans_where_it_is_told)
{
    const std::uint16_t port = test::free_port();
    reporting_shop shop(port, reporting::protobuf);
    const std::string path = write("test_reproducer.py", to_pytest(long_history(shop.url(), 1)));
    const std::string address = "127.0.0.1:" + std::to_string(port);
    expect_cured(
        shop, "REPRISE_OTLP=" + address + " " + REPRISE_TEST_PYTHON + " -m pytest -q -p no:cacheprovider " + path
    );
}

TEST_F(exported, python_file_says_nothing_about_calls_that_are_not_reported)
{
    const std::uint16_t port = test::free_port();
    reporting_shop shop(port, reporting::nothing);
    const std::string path = write("test_reproducer.py", to_pytest(long_history(shop.url(), port)));
    const finished silent = run("REPRISE_TIMEOUT=1 python3 " + path);
    EXPECT_EQ(silent.code, 69) << silent.output;
    EXPECT_NE(silent.output.find("the service must send its spans there"), std::string::npos) << silent.output;
}

TEST(unobservable, is_refused_by_what_cannot_receive_spans)
{
    const reproducer from = long_history("http://127.0.0.1:1", 1);
    EXPECT_TRUE(to_pytest(from));
    for (const auto& made : {to_curl_script(from), to_gtest(from)}) {
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, errc::not_exportable);
        EXPECT_NE(made.error().reason.find("export pytest"), std::string::npos) << made.error().reason;
    }
}

// One program does for all: it takes what to send from the tables at its top.
TEST_F(exported, googletest_file_builds_and_fails_while_the_bug_is_there)
{
    buggy_shop shop;
    const std::string source = write("reproducer_test.cpp", to_gtest(gift_order(shop.url())));
    const std::string program = (directory_ / "reproducer").string();
    const finished built = run(
        std::string(REPRISE_TEST_CXX) + " -std=c++17 -Wall -Wextra -Werror " + source + " -o " + program +
        " -lgtest -lgtest_main -pthread"
    );
    ASSERT_EQ(built.code, 0) << built.output;

    expect_cured(shop, program);
}

TEST_F(exported, googletest_file_sends_any_bytes_and_bursts)
{
    buggy_shop shop;
    auto both = exact_bytes(shop);
    both.still = parse_condition("status==500 and unanswered<1%").value();
    auto burst = make("GET", "/stock");
    burst.copies = 2;
    burst.group = 1;
    burst.exchange = 1;
    both.what.requests.push_back(burst);
    const std::string source = write("reproducer_test.cpp", to_gtest(both));
    const std::string program = (directory_ / "reproducer").string();
    const finished built = run(
        std::string(REPRISE_TEST_CXX) + " -std=c++17 " + source + " -o " + program + " -lgtest -lgtest_main -pthread"
    );
    ASSERT_EQ(built.code, 0) << built.output;

    expect_cured(shop, program);
}

// With a certificate of its own, which nobody else believes.
TEST_F(exported, files_speak_https)
{
    const reprise::test::certificates files;
    net::server_config config;
    config.tls = net::load_tls({files.server_cert(), files.server_key(), ""}).value();
    buggy_shop shop(config);
    const reproducer from = gift_order(shop.url());
    const std::string script = "bash " + write("reproducer.sh", to_curl_script(from));
    const std::string python = "python3 " + write("test_reproducer.py", to_pytest(from));
    const std::string source = write("reproducer_test.cpp", to_gtest(from));
    const std::string program = (directory_ / "reproducer").string();
    const finished built = run(
        std::string(REPRISE_TEST_CXX) + " -std=c++17 " + source + " -o " + program + " -lgtest -lgtest_main -pthread"
    );
    ASSERT_EQ(built.code, 0) << built.output;

    EXPECT_EQ(run(script).code, 69);
    EXPECT_EQ(run(python).code, 69);
    for (const std::string& command : {script, python, program}) {
        const finished with_bug = run("REPRISE_INSECURE=1 " + command);
        EXPECT_EQ(with_bug.code, 1) << command << with_bug.output;
        EXPECT_NE(with_bug.output.find("the problem shows"), std::string::npos) << with_bug.output;
    }
    shop.fix();
    for (const std::string& command : {script, python, program})
        EXPECT_EQ(run("REPRISE_INSECURE=1 " + command).code, 0) << command;
}

// What was found live by trials is what the exported files show.
TEST_F(exported, smallest_of_a_minimisation_runs)
{
    buggy_shop shop;
    std::vector<scenario_request> requests;
    for (int i = 0; i < 20; ++i)
        requests.push_back(make(i % 3 == 0 ? "POST" : "GET", i % 3 == 0 ? "/login" : "/none"));
    auto from = make_reproducer(std::move(requests), "status==500", shop.url());
    const auto gift = gift_order(shop.url());
    from.what.requests[9] = gift.what.requests[0];
    from.what.requests[18] = gift.what.requests[1];
    from.what.requests[19] = make("GET", "/none?a=1&b=2");
    for (std::uint32_t i = 0; i < 20; ++i) {
        from.what.requests[i].exchange = from.what.requests[i].group = i;
        from.what.requests[i].watched = true;
        if (i > 9 && i % 3 == 0 && i != 18)
            from.what.requests[i] = make("GET", "/none?x=1");
        from.what.requests[i].exchange = from.what.requests[i].group = i;
    }
    from.what.values = gift.what.values;
    from.what.values[0].from = 9;
    minimise_source source;
    source.all = from.what;
    source.still = from.still.text;

    from.what = minimise_live(shop, source, from.still);

    ASSERT_EQ(from.what.requests.size(), 2U);
    EXPECT_EQ(from.what.requests[0].exchange, 9U);
    EXPECT_EQ(from.what.requests[1].body, R"({"items":[{"gift":true}]})");
    expect_script_cured(shop, from);
}

TEST_F(exported, nothing_can_be_said_without_a_target)
{
    std::string url;
    {
        buggy_shop shop;
        url = shop.url();
    }
    const reproducer from = gift_order(url);
    const finished script = run("bash " + write("reproducer.sh", to_curl_script(from)));
    EXPECT_EQ(script.code, 69) << script.output;
    const finished python = run("python3 " + write("test_reproducer.py", to_pytest(from)));
    EXPECT_EQ(python.code, 69) << python.output;
}

TEST_F(exported, another_target_can_be_named)
{
    buggy_shop shop;
    const reproducer from = gift_order("http://127.0.0.1:1");
    const std::string script = write("reproducer.sh", to_curl_script(from));
    EXPECT_EQ(run("REPRISE_TARGET=" + shop.url() + "/ bash " + script).code, 1);
    const std::string python = write("test_reproducer.py", to_pytest(from));
    EXPECT_EQ(run("REPRISE_TARGET=" + shop.url() + "/ python3 " + python).code, 1);
}

TEST_F(exported, says_at_its_top_what_it_is)
{
    const std::string text = to_pytest(gift_order("http://127.0.0.1:1")).value();

    EXPECT_NE(text.find("# Orders with gifts answer 500 */ ''' @ DATA@"), std::string::npos);
    EXPECT_NE(text.find("# Incident 01JABC?; rm -rf /\n"), std::string::npos);
    EXPECT_NE(text.find("# Made by reprise minimize. Fails while this holds: status==500"), std::string::npos);
    EXPECT_NE(text.find("REPRISE_TARGET"), std::string::npos);
}

struct unsendable_case {
    const char* name;
    void (*spoil)(reproducer&);
    const char* reason;
};

class unsendable : public testing::TestWithParam<unsendable_case> {};

TEST_P(unsendable, is_refused_in_every_language)
{
    auto from = gift_order("http://127.0.0.1:1");
    GetParam().spoil(from);

    for (const auto& made : {to_curl_script(from), to_pytest(from), to_gtest(from)}) {
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, errc::not_exportable);
        EXPECT_NE(made.error().reason.find(GetParam().reason), std::string::npos) << made.error().reason;
    }
}

INSTANTIATE_TEST_SUITE_P(
    cases, unsendable,
    testing::Values(
        unsendable_case{
            "line_break", [](reproducer& from) { from.what.requests[1].headers[0].second = "a\r\nX-Evil: 1"; },
            "header Content-Type holds a line break"},
        unsendable_case{
            "header_name", [](reproducer& from) { from.what.requests[1].headers[0].first = "A b"; },
            "name of a header"},
        unsendable_case{"path", [](reproducer& from) { from.what.requests[1].path = "/a b"; }, "its path"},
        unsendable_case{"method", [](reproducer& from) { from.what.requests[1].method = "G;ET"; }, "its method"},
        unsendable_case{"nobody", [](reproducer& from) { from.what.requests[1].watched = false; }, "nothing to export"},
        unsendable_case{"target", [](reproducer& from) { from.target = "127.0.0.1"; }, "no URL"}
    ),
    [](const auto& each) { return std::string(each.param.name); }
);

}  // namespace
}  // namespace reprise::replay
