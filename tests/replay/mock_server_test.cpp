#include "reprise/replay/mock_server.hpp"

#include "mock_fixture.hpp"
#include "support/connect_count.hpp"
#include "support/io_threads.hpp"
#include "support/raw_http.hpp"

#include "reprise/base/hash.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace reprise::replay {
namespace {

namespace fs = std::filesystem;
using namespace test;
using namespace std::chrono_literals;
using reprise::test::connects_of_other_threads;
using reprise::test::raw_client;
using testing::HasSubstr;
using testing::Not;

// A mock on a free port with an I/O pool of its own.
class running_mock {
public:
    explicit running_mock(
        std::vector<model::exchange> calls, mock_options options = {}, mock_server_config config = {}
    )
        : server_(std::make_unique<mock_server>(
              io_.executor(), std::move(config), make(std::move(calls), std::move(options)), time_, numbers_
          ))
    {
        server_->start().value();
    }
    ~running_mock() { stop(); }
    running_mock(const running_mock&) = delete;
    running_mock& operator=(const running_mock&) = delete;

    void stop()
    {
        if (stopped_)
            return;
        stopped_ = true;
        server_->stop();
        EXPECT_TRUE(io_.run(server_->drain(5s)));
        io_.join();
    }

    mock_server& server() { return *server_; }
    std::uint16_t port() const { return server_->port(); }
    std::string origin() const { return "http://127.0.0.1:" + std::to_string(port()); }

private:
    metrics numbers_;
    system_clock time_;
    reprise::test::io_threads io_;
    std::unique_ptr<mock_server> server_;
    bool stopped_ = false;
};

std::string get_text(const std::string& target)
{
    return "GET " + target + " HTTP/1.1\r\nHost: api.test\r\n\r\n";
}

class mock_server_test : public testing::Test {
protected:
    mock_server_test() : directory(fs::temp_directory_path() / ("reprise-mock-" + random_token(8)))
    {
        fs::create_directories(directory);
    }
    ~mock_server_test() override
    {
        std::error_code ignored;
        fs::remove_all(directory, ignored);
    }

    mock_server_config keeping() const
    {
        mock_server_config config;
        config.spool_directory = directory;
        return config;
    }

    std::vector<boost::json::object> lines_of(const fs::path& made) const
    {
        std::vector<boost::json::object> lines;
        std::ifstream file(made / "arrivals.jsonl");
        for (std::string line; std::getline(file, line);)
            lines.push_back(boost::json::parse(line).as_object());
        return lines;
    }

    static std::string text_of(const fs::path& file)
    {
        std::ifstream stream(file);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    // What a program prints on both its outputs.
    static std::string run(const std::string& command)
    {
        std::string out;
        std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
        std::array<char, 4096> part{};
        while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe))
            out.append(part.data(), size);
        ::pclose(pipe);
        return out;
    }

    fs::path directory;
};

TEST_F(mock_server_test, curl_gets_recorded_answers_as_through_a_proxy)
{
    running_mock on({recorded("GET", "/a?x=1", "recorded answer")});

    EXPECT_EQ(run("curl -sS --noproxy '' --proxy " + on.origin() + " 'http://api.test/a?x=1'"), "recorded answer");
    EXPECT_THAT(run("curl -sS --noproxy '' --proxy " + on.origin() + " 'http://api.test/a?x=1'"),
                HasSubstr("mock_exhausted"));
    EXPECT_THAT(run("curl -sS --noproxy '*' '" + on.origin() + "/b'"), HasSubstr("mock_miss"));
}

TEST_F(mock_server_test, curl_gets_them_over_https_when_it_trusts_the_authority)
{
    mock_server_config config;
    config.listener.authority = net::open_certificate_authority(directory / "ca", system_clock().now_ns()).value();
    mock_options options;
    options.repeat = mock_repeat::last;
    running_mock on({recorded("GET", "/a", "recorded answer")}, options, std::move(config));
    const std::string proxy = "curl -sS --noproxy '' --proxy " + on.origin() + " https://api.test/a ";

    EXPECT_EQ(run(proxy + "--cacert " + (directory / "ca/ca.pem").string()), "recorded answer");
    EXPECT_THAT(run(proxy), HasSubstr("SSL certificate problem"));
    const std::string straight = "curl -sS --noproxy '*' --cacert " + (directory / "ca/ca.pem").string() +
                                 " --connect-to api.test:443:127.0.0.1:" + std::to_string(on.port());
    EXPECT_EQ(run(straight + " https://api.test/a"), "recorded answer");
}

TEST_F(mock_server_test, never_connects_to_anything)
{
    const std::uint64_t before = connects_of_other_threads();
    mock_server_config config = keeping();
    config.listener.authority = net::open_certificate_authority(directory / "ca", system_clock().now_ns()).value();
    mock_options options;
    options.faults.push_back(parse_fault("/reset:reset").value());
    running_mock on({recorded("GET", "/a"), recorded("GET", "/refused", "", "", 0)}, options, std::move(config));
    const std::string curl = "curl -sS --noproxy '' --max-time 5 --proxy " + on.origin() + " ";

    for (const std::string url :
         {"http://api.test/a", "http://api.test/a", "http://127.0.0.1:1/miss", "http://api.test/reset",
          "http://api.test/refused", "https://api.test/a", "http://169.254.169.254/latest"})
        run(curl + url);
    raw_client client(on.port());
    client.send("CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n");
    EXPECT_EQ(client.receive().status, 200);
    client.send("OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n");
    EXPECT_EQ(client.receive().status, 404);
    client.socket().close();
    on.stop();

    EXPECT_GE(on.server().log().size(), 7U);
    EXPECT_EQ(connects_of_other_threads(), before);
}

TEST_F(mock_server_test, ten_thousand_requests_are_ten_thousand_arrivals_each_once)
{
    constexpr int clients = 4;
    constexpr int requests = 2500;
    mock_options options;
    options.repeat = mock_repeat::cycle;
    options.ignore = {"query.n"};
    running_mock on({recorded("GET", "/a?n=0", "{}")}, options, keeping());

    for (int c = 0; c < clients; ++c) {
        raw_client client(on.port());
        for (int i = 0; i < requests; i += 50) {
            std::string all;
            for (int k = 0; k < 50; ++k)
                all += get_text("/a?n=" + std::to_string(c * requests + i + k));
            client.send(all);
            for (int k = 0; k < 50; ++k)
                ASSERT_EQ(client.receive().status, 200);
        }
    }
    on.stop();
    const auto made = on.server().log().export_to(directory / "arrivals", on.server().answers(), "key").value();

    EXPECT_EQ(made.lines, 10'000U);
    EXPECT_EQ(made.files, 10'000U);
    std::set<std::string> paths;
    std::set<std::string> files;
    std::int64_t first = INT64_MAX;
    for (const auto& line : lines_of(directory / "arrivals")) {
        paths.insert(std::string(line.at("path").as_string()));
        files.insert(std::string(line.at("file").as_string()));
        first = std::min(first, line.at("wall_ns").as_int64());
        EXPECT_GE(line.at("end_steady_ns").as_int64(), line.at("steady_ns").as_int64());
    }
    EXPECT_EQ(paths.size(), 10'000U);
    EXPECT_EQ(files.size(), 10'000U);
    for (const std::string& file : files)
        ASSERT_TRUE(fs::exists(directory / "arrivals" / file)) << file;
    EXPECT_NEAR(static_cast<double>(system_clock().now_ns() - first), 0, 120e9);
    EXPECT_EQ(on.server().log().losses().requests, 0U);
}

TEST_F(mock_server_test, an_arrival_is_an_rrpair_without_secrets)
{
    running_mock on({recorded("POST", "/login", R"({"ok":true})", R"({"user":"u7","password":"x"})")}, {}, keeping());
    raw_client client(on.port());
    const std::string body = R"({"user":"u7","password":"hunter2"})";
    client.send(
        "POST /login HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer sesame\r\nContent-Type: application/json\r\n"
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body
    );
    EXPECT_EQ(client.receive().body, R"({"ok":true})");
    client.socket().close();
    on.stop();

    ASSERT_TRUE(on.server().log().export_to(directory / "arrivals", on.server().answers(), "key"));

    const auto lines = lines_of(directory / "arrivals");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].at("label").as_string(), "hit");
    EXPECT_EQ(lines[0].at("trace_id").as_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    const std::string pair = text_of(directory / "arrivals" / std::string(lines[0].at("file").as_string()));
    EXPECT_THAT(pair, HasSubstr("\"u7"));
    EXPECT_THAT(pair, HasSubstr("ok"));
    EXPECT_THAT(pair, Not(HasSubstr("hunter2")));
    EXPECT_THAT(pair, Not(HasSubstr("sesame")));
    std::size_t others = 0;
    for (const auto& entry : fs::directory_iterator(directory))
        others += entry.path().filename() != "arrivals" ? 1U : 0U;
    EXPECT_EQ(others, 0U);
}

TEST_F(mock_server_test, arrivals_replace_nothing)
{
    running_mock on({recorded("GET", "/a")}, {}, keeping());
    on.stop();
    fs::create_directories(directory / "there");

    const auto made = on.server().log().export_to(directory / "there", on.server().answers(), "key");

    ASSERT_FALSE(made);
    EXPECT_EQ(made.error(), reprise::errc::conflict);
}

TEST_F(mock_server_test, what_cannot_be_kept_is_counted)
{
    mock_server_config config = keeping();
    config.spool_directory = directory / "missing";
    running_mock on({recorded("GET", "/a")}, {}, std::move(config));
    raw_client client(on.port());
    client.send(get_text("/a"));
    EXPECT_EQ(client.receive().status, 200);
    client.socket().close();
    on.stop();

    const auto made = on.server().log().export_to(directory / "arrivals", on.server().answers(), "key").value();

    EXPECT_EQ(made.lines, 1U);
    EXPECT_EQ(made.files, 0U);
    EXPECT_EQ(on.server().log().losses().requests, 1U);
    EXPECT_THAT(on.server().log().losses().reason, HasSubstr("missing"));
}

TEST_F(mock_server_test, refused_requests_arrive_too)
{
    running_mock on({recorded("GET", "/a")}, {}, keeping());
    raw_client client(on.port());
    client.send("GET /a\x01 HTTP/1.1\r\n\r\n");
    EXPECT_EQ(client.receive().status, 400);
    client.socket().close();
    on.stop();

    ASSERT_EQ(on.server().log().size(), 1U);
    EXPECT_EQ(on.server().log().list().front().label, mock_label::refused);
    EXPECT_EQ(on.server().log().list().front().status, 400);
}

// The load of a client that fetches `all` messages, `pool` at a time: what the mock saw of it.
detect::burst_summary fetch(running_mock& on, int all, int pool)
{
    std::vector<std::unique_ptr<raw_client>> clients;
    for (int i = 0; i < pool; ++i)
        clients.push_back(std::make_unique<raw_client>(on.port()));
    for (int done = 0; done < all; done += pool) {
        for (auto& client : clients)
            client->send(get_text("/messages/1"));
        for (auto& client : clients)
            EXPECT_EQ(client->receive().status, 429);
    }
    clients.clear();
    on.stop();
    return summarise(on.server().log().list());
}

TEST_F(mock_server_test, recorded_429s_hide_no_arrival)
{
    std::vector<model::exchange> calls;
    for (int i = 0; i < 28; ++i)
        calls.push_back(recorded("GET", "/messages/1", "slow down", "", 429));
    mock_options options;
    options.repeat = mock_repeat::last;
    options.faults.push_back(parse_fault("/messages/*:delay=200ms").value());
    running_mock unpatched(calls, options);
    running_mock patched(calls, options);

    const auto before = fetch(unpatched, 100, 100);
    const auto after = fetch(patched, 40, 10);

    EXPECT_EQ(before.calls, 100U);
    EXPECT_EQ(before.peak_in_flight, 100U);
    EXPECT_GE(before.max_arrivals_50ms, 90U);
    EXPECT_EQ(after.calls, 40U);
    EXPECT_EQ(after.peak_in_flight, 10U);
    EXPECT_EQ(after.max_arrivals_50ms, 10U);
}

}  // namespace
}  // namespace reprise::replay
