#include "replay/buggy_shop.hpp"
#include "replay/reporting_shop.hpp"

#include "../../server/app/commands.hpp"
#include "../../server/app/exit_code.hpp"
#include "../../server/app/interruption.hpp"
#include "../../server/app/minimise_command.hpp"
#include "../../server/app/mock_setup.hpp"

#include "reprise/archive/bundle.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/telemetry/har.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace reprise::app {
namespace {

namespace json = boost::json;
using replay::test::buggy_shop;
using replay::test::reporting;
using replay::test::reporting_shop;

model::exchange captured(std::string method, std::string path, int status, std::int64_t at_ms)
{
    model::exchange one;
    one.operation.protocol = "http";
    one.operation.service = "shop";
    one.operation.method = method;
    one.method = std::move(method);
    one.path = std::move(path);
    one.host = "shop.test";
    one.status = status;
    one.outcome = status >= 500 ? model::outcome::server_error : model::outcome::ok;
    one.start_ns = 1'700'000'000'000'000'000 + at_ms * ns_per_ms;
    one.duration_ns = 2 * ns_per_ms;
    one.complete = true;
    one.request_headers = {{"Accept", "*/*"}, {"Accept-Language", "en"}};
    return one;
}

// Thirty looks at the health, a login in between, and at the end an order with its token that fails.
std::vector<model::exchange> shop_session()
{
    std::vector<model::exchange> all;
    for (int i = 0; i < 30; ++i)
        all.push_back(captured("GET", "/health?n=" + std::to_string(i), 200, i * 10));
    all[17] = captured("POST", "/login", 201, 170);
    all[17].response_headers = {{"Content-Type", "application/json"}};
    all[17].response_body = R"({"session":{"user":7,"token":"f81d4fae7dec11d0a76500a0c91e6bf6"}})";
    auto order = captured("POST", "/orders?ref=mail&lang=en", 500, 400);
    order.request_headers.emplace_back("Authorization", "Bearer f81d4fae7dec11d0a76500a0c91e6bf6");
    order.request_headers.emplace_back("Content-Type", "application/json");
    order.request_body = R"({"customer":7,"items":[{"sku":"a","n":2},{"sku":"b","gift":true}],"note":"soon"})";
    all.push_back(order);
    return all;
}

class minimise_command : public testing::Test {
protected:
    minimise_command()
        : directory_(std::filesystem::temp_directory_path() / ("minimise-" + random_token(8)))
    {
        write_snapshot(shop_session());
        options.source = (directory_ / "snapshot").string();
        options.against = shop.url();
        options.still = "status==500";
        options.allow_unsafe = true;
        options.state = (directory_ / "state.json").string();
        style.json = true;
    }
    ~minimise_command() override { std::filesystem::remove_all(directory_); }

    int run()
    {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int code = run_minimise(options, style);
        output = testing::internal::GetCapturedStdout();
        errors = testing::internal::GetCapturedStderr();
        return code;
    }

    json::value told() const { return json::parse(output); }

    std::string read(const std::string& path) const
    {
        std::stringstream text;
        text << std::ifstream(path, std::ios::binary).rdbuf();
        return text.str();
    }

    void write_snapshot(const std::vector<model::exchange>& exchanges)
    {
        std::filesystem::remove_all(directory_ / "snapshot");
        std::filesystem::create_directories(directory_ / "snapshot");
        int number = 1000;
        for (const model::exchange& one : exchanges)
            std::ofstream(directory_ / "snapshot" / (std::to_string(number++) + ".json"))
                << telemetry::write_rrpair_json(one);
    }

    std::string in_directory(const std::string& name) const { return (directory_ / name).string(); }

    std::filesystem::path directory_;
    buggy_shop shop;
    minimise_options options;
    output_style style;
    std::string output;
    std::string errors;
};

TEST_F(minimise_command, finds_the_order_and_the_login_it_needs)
{
    ASSERT_EQ(run(), exit_ok) << errors;

    const json::value result = told();
    EXPECT_TRUE(result.at("minimal").as_bool());
    EXPECT_EQ(result.at("requests_before").to_number<int>(), 31);
    EXPECT_EQ(result.at("requests_after").to_number<int>(), 2);
    EXPECT_EQ(result.at("confirmed").to_number<int>(), 5);
    EXPECT_LE(result.at("trials").to_number<int>(), 60);
    const json::array& requests = result.at_pointer("/smallest/requests").as_array();
    EXPECT_EQ(requests[0].at("path").as_string(), "/login");
    EXPECT_EQ(requests[1].at("path").as_string(), "/orders");
    EXPECT_EQ(requests[1].at("body").as_string(), R"({"items":[{"gift":true}]})");
    ASSERT_EQ(requests[1].at("headers").as_array().size(), 1U);
    EXPECT_NE(output.find("without it the answer was 401"), std::string::npos) << output;
    EXPECT_FALSE(std::filesystem::exists(options.state));
}

TEST_F(minimise_command, writes_what_it_found_in_every_form)
{
    for (const auto& [form, name] : std::vector<std::pair<std::string, std::string>>{
             {"curl", "a.sh"}, {"pytest", "test_a.py"}, {"gtest", "a.cpp"}, {"har", "a.har"}, {"rrpair", "a"}}) {
        options.form = form;
        options.out = in_directory(name);
        ASSERT_EQ(run(), exit_ok) << errors;
        ASSERT_TRUE(std::filesystem::exists(options.out)) << form;
    }

    EXPECT_EQ(std::system(("bash " + in_directory("a.sh") + " >/dev/null").c_str()), 256);
    shop.fix();
    EXPECT_EQ(std::system(("bash " + in_directory("a.sh") + " >/dev/null").c_str()), 0);
    EXPECT_NE(read(in_directory("test_a.py")).find("# From snapshot, SHA-256 "), std::string::npos);
    std::vector<model::exchange> archived;
    telemetry::har_visitor visitor;
    visitor.take = [&](model::exchange one) { archived.push_back(std::move(one)); };
    visitor.complain = [](std::size_t, std::string reason) { FAIL() << reason; };
    visitor.skip = [](std::string_view) {};
    EXPECT_FALSE(telemetry::read_har(read(in_directory("a.har")), "", visitor));
    ASSERT_EQ(archived.size(), 2U);
    EXPECT_EQ(archived[1].status, 500);
    EXPECT_EQ(archived[1].path, "/orders");
    EXPECT_TRUE(std::filesystem::exists(in_directory("a/shop.test/000002.json")));
}

TEST_F(minimise_command, writes_a_bundle_that_every_command_takes_and_that_fails_the_same)
{
    auto session = shop_session();
    auto call = captured("GET", "/rates?currency=EUR", 200, 401);
    call.direction = model::direction::out;
    call.host = "rates.test";
    session.push_back(call);
    write_snapshot(session);
    options.form = "bundle";
    options.out = in_directory("small.tar.gz");
    ASSERT_EQ(run(), exit_ok) << errors;

    const auto bundle = archive::read_bundle(options.out);
    ASSERT_TRUE(bundle) << bundle.error().message();
    std::string roles;
    for (const model::evidence_item& item : bundle->items)
        roles += std::string(model::to_text(item.role)) + " " + item.exchange.path + "\n";
    EXPECT_EQ(roles, "failing /orders\nsetup /login\ncontext /rates?currency=EUR\n");
    EXPECT_EQ(bundle->evidence.service, "shop");
    EXPECT_EQ(bundle->evidence.fingerprint.size(), 64U);
    const json::value manifest = json::parse(bundle->manifest);
    EXPECT_EQ(manifest.at_pointer("/minimised/name").as_string(), "snapshot");
    EXPECT_EQ(manifest.at_pointer("/minimised/still").as_string(), "status==500");
    EXPECT_EQ(manifest.at_pointer("/minimised/requests").to_number<int>(), 2);
    EXPECT_EQ(manifest.at_pointer("/minimised/requests_before").to_number<int>(), 31);
    EXPECT_TRUE(manifest.at_pointer("/minimised/minimal").as_bool());

    mock_run_options mock;
    mock.sources = {options.out};
    std::vector<model::exchange> calls;
    EXPECT_FALSE(load_mock_calls(mock, style, calls));
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls[0].host, "rates.test");

    options.source = options.out;
    options.out = in_directory("smaller.tar.gz");
    ASSERT_EQ(run(), exit_ok) << errors;
    EXPECT_EQ(told().at("requests_before").to_number<int>(), 2);
    EXPECT_EQ(told().at("requests_after").to_number<int>(), 2);
    EXPECT_EQ(
        json::parse(archive::read_bundle(options.out)->manifest).at_pointer("/minimised/name").as_string(),
        "small.tar.gz"
    );
    EXPECT_EQ(archive::read_bundle(options.out)->evidence.fingerprint, bundle->evidence.fingerprint);
}

TEST_F(minimise_command, a_bundle_replayed_fails_until_the_bug_is_fixed)
{
    options.form = "bundle";
    options.out = in_directory("small.tar.gz");
    ASSERT_EQ(run(), exit_ok) << errors;
    replay_options again;
    again.source = options.out;
    again.against = shop.url();
    again.allow_unsafe = true;
    again.fail_if = {"failing>0%"};
    output_style quiet;
    quiet.quiet = true;

    EXPECT_EQ(run_replay(again, quiet), exit_gate);
    shop.fix();
    EXPECT_EQ(run_replay(again, quiet), exit_ok);
}

TEST_F(minimise_command, goes_on_from_a_state_without_repeating_trials)
{
    ASSERT_EQ(run(), exit_ok);
    const int whole = told().at("trials").to_number<int>();
    options.trials = 12;
    ASSERT_EQ(run(), exit_ok);
    EXPECT_FALSE(told().at("minimal").as_bool());
    EXPECT_EQ(told().at("end").as_string(), "out_of_trials");
    EXPECT_NE(errors.find("--resume " + options.state), std::string::npos) << errors;

    options.resume = options.state;
    options.trials = 200;
    ASSERT_EQ(run(), exit_ok);
    EXPECT_TRUE(told().at("minimal").as_bool());
    EXPECT_LE(told().at("trials").to_number<int>(), whole + 5);
    EXPECT_FALSE(std::filesystem::exists(options.state));
}

TEST_F(minimise_command, leaves_its_state_when_a_signal_comes)
{
    const interruption watch;
    std::raise(SIGINT);
    ASSERT_EQ(run(), exit_unavailable);
    EXPECT_EQ(told().at("end").as_string(), "interrupted");
    EXPECT_EQ(told().at("trials").to_number<int>(), 0);
}

TEST_F(minimise_command, says_when_it_does_not_fail)
{
    shop.fix();
    EXPECT_EQ(run(), exit_gate);
    EXPECT_NE(errors.find("does not fail"), std::string::npos) << errors;
    EXPECT_EQ(told().as_object().if_contains("smallest"), nullptr);
}

TEST_F(minimise_command, gives_no_result_without_a_target)
{
    shop.stop();
    options.form = "curl";
    options.out = in_directory("a.sh");
    EXPECT_EQ(run(), exit_unavailable);
    EXPECT_NE(errors.find("could not be reached"), std::string::npos) << errors;
    EXPECT_FALSE(std::filesystem::exists(options.out));
}

TEST_F(minimise_command, sends_unsafe_methods_only_when_it_may)
{
    options.allow_unsafe = false;
    options.still = "status==404";
    ASSERT_EQ(run(), exit_ok) << errors;
    EXPECT_EQ(told().at("requests_before").to_number<int>(), 29);
}

// Nothing in the answers tells the request that makes the service ask too often.
std::vector<model::exchange> histories()
{
    std::vector<model::exchange> all;
    for (int customer = 10; customer < 30; ++customer)
        all.push_back(captured("GET", "/history?lang=en&customer=" + std::to_string(customer), 200, customer * 10));
    return all;
}

TEST_F(minimise_command, finds_the_request_under_which_the_service_makes_too_many_calls)
{
    const std::uint16_t port = replay::test::free_port();
    reporting_shop reporter(port, reporting::protobuf);
    write_snapshot(histories());
    options.against = reporter.url();
    options.still = "calls>20";
    options.observe = "127.0.0.1:" + std::to_string(port);
    options.form = "pytest";
    options.out = in_directory("test_calls.py");

    ASSERT_EQ(run(), exit_ok) << errors;

    const json::value result = told();
    const json::array& requests = result.at_pointer("/smallest/requests").as_array();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].at("path").as_string(), "/history?customer=21");
    EXPECT_NE(output.find("2 calls under it"), std::string::npos) << output;
    const std::string alone = "python3 " + options.out + " >/dev/null";
    EXPECT_EQ(std::system(alone.c_str()), 256);
    reporter.fix();
    EXPECT_EQ(std::system(alone.c_str()), 0);
}

TEST_F(minimise_command, says_that_the_service_must_report_its_calls)
{
    const std::uint16_t port = replay::test::free_port();
    reporting_shop reporter(port, reporting::nothing);
    write_snapshot(histories());
    options.against = reporter.url();
    options.still = "calls>20";
    options.observe = "127.0.0.1:" + std::to_string(port);
    options.observe_timeout_ms = 20;

    EXPECT_EQ(run(), exit_unavailable);
    EXPECT_NE(errors.find("nothing about the requests came to " + options.observe), std::string::npos) << errors;
    EXPECT_NE(errors.find("OTEL_EXPORTER_OTLP_ENDPOINT=http://" + options.observe), std::string::npos) << errors;
}

TEST_F(minimise_command, cannot_observe_on_an_address_that_is_taken)
{
    options.still = "calls>20";
    options.observe = shop.url().substr(7);
    EXPECT_EQ(run(), exit_unavailable);
    EXPECT_NE(errors.find("--observe " + options.observe), std::string::npos) << errors;
}

TEST_F(minimise_command, refuses_what_it_cannot_use)
{
    const minimise_options good = options;
    const auto refused = [&](const char* expected, auto change) {
        options = good;
        change(options);
        const int code = run();
        EXPECT_NE(errors.find(expected), std::string::npos) << errors;
        return code;
    };
    EXPECT_EQ(refused("column 7", [](auto& o) { o.still = "status=500"; }), exit_usage);
    EXPECT_EQ(refused("--against", [](auto& o) { o.against = "ftp://a"; }), exit_usage);
    EXPECT_EQ(refused("--time", [](auto& o) { o.time = "5 minutes"; }), exit_usage);
    EXPECT_EQ(refused("belong together", [](auto& o) { o.form = "curl"; }), exit_usage);
    EXPECT_EQ(refused("must be curl", [](auto& o) { o.form = "perl", o.out = "x"; }), exit_usage);
    EXPECT_EQ(refused("must end in .tar.gz", [](auto& o) { o.form = "bundle", o.out = "x"; }), exit_usage);
    EXPECT_EQ(refused("give --observe", [](auto& o) { o.still = "calls>20"; }), exit_usage);
    EXPECT_EQ(refused("is none", [](auto& o) { o.observe = "127.0.0.1:0"; }), exit_usage);
    EXPECT_EQ(refused("must be like", [](auto& o) { o.still = "peak>9", o.observe = "nowhere"; }), exit_usage);
    const auto as_script = [](auto& o) {
        o.still = "peak>9", o.observe = "127.0.0.1:0", o.form = "curl", o.out = "x";
    };
    EXPECT_EQ(refused("export pytest", as_script), exit_usage);
    EXPECT_EQ(refused("there are 31", [](auto& o) { o.request = 32; }), exit_usage);
    EXPECT_EQ(refused("--resume", [](auto& o) { o.resume = "/nowhere/state.json"; }), exit_unavailable);
    EXPECT_NE(refused("/nowhere", [](auto& o) { o.source = "/nowhere"; }), exit_ok);
}

}  // namespace
}  // namespace reprise::app
