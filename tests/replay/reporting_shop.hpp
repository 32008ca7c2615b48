#pragma once

#include "net/running_server.hpp"

#include "reprise/base/task_group.hpp"
#include "reprise/net/client.hpp"
#include "reprise/telemetry/otlp_json.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace reprise::replay::test {

// A port that nobody listens on.
inline std::uint16_t free_port()
{
    boost::asio::io_context io;
    const boost::asio::ip::tcp::acceptor probe(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
    return probe.local_endpoint().port();
}

enum class reporting : std::uint8_t { nothing, protobuf, json };

// A shop whose answers say nothing about what it does for them; after each it sends the spans to an OTLP address.
//   GET /history?customer=21   24 statements, three of them at once, or two in turn once it is fixed
//   GET /history...            two statements in turn
class reporting_shop {
public:
    reporting_shop(std::uint16_t otlp_port, reporting how)
        : otlp_url_(net::parse_url("http://127.0.0.1:" + std::to_string(otlp_port) + "/v1/traces").value()), how_(how),
          server_({}, [this](net::router& routes) { add_routes(routes); }), exports_(server_.io().executor())
    {
    }
    ~reporting_shop()
    {
        exports_.stop();
        server_.io().run(exports_.drain(std::chrono::seconds(5)));
    }
    reporting_shop(const reporting_shop&) = delete;
    reporting_shop& operator=(const reporting_shop&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    void fix() { fixed_ = true; }

private:
    void add_routes(net::router& routes)
    {
        routes.add(net::method::get, "/history", [this](net::request& req) { return history(req); });
    }

    boost::asio::awaitable<net::response> history(net::request& req)
    {
        const bool many = req.target.find("customer=21") != std::string::npos && !fixed_;
        const std::string context(req.header("traceparent"));
        if (how_ != reporting::nothing && context.size() == 55)
            exports_.spawn("export", send_spans(spans_of(context.substr(3, 32), many)));
        co_return net::response(200, "application/json", std::string("{}"));
    }

    static std::string span(const std::string& trace, int number, int kind, std::int64_t start_ms, std::int64_t took_ms)
    {
        constexpr std::int64_t begin_ms = 1'790'000'000'000;
        const auto time = [&](std::int64_t ms) { return std::to_string(begin_ms + ms) + "000000"; };
        const std::string about = kind == 2 ? R"({"key":"http.request.method","value":{"stringValue":"GET"}})"
                                            : R"({"key":"db.system.name","value":{"stringValue":"sqlite"}})";
        return R"({"traceId":")" + trace + R"(","spanId":")" + std::to_string(1'000'000'000'000'000 + number) +
               R"(","kind":)" + std::to_string(kind) + R"(,"name":"one","startTimeUnixNano":")" + time(start_ms) +
               R"(","endTimeUnixNano":")" + time(start_ms + took_ms) + R"(","attributes":[)" + about + "]}";
    }

    static std::string spans_of(const std::string& trace, bool many)
    {
        std::string spans = span(trace, 0, 2, 0, 900);
        for (int i = 0; i < (many ? 24 : 2); ++i)
            spans += "," + span(trace, i + 1, 3, 10 * i, many ? 30 : 10);
        constexpr const char* about = R"({"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]})";
        return R"({"resourceSpans":[{"resource":)" + std::string(about) + R"(,"scopeSpans":[{"spans":[)" + spans +
               "]}]}]}";
    }

    boost::asio::awaitable<void> send_spans(std::string json)
    {
        net::client_request request("POST", otlp_url_);
        const bool as_json = how_ == reporting::json;
        request.headers = {{"Content-Type", as_json ? "application/json" : "application/x-protobuf"}};
        request.body = as_json ? json : telemetry::encode_otlp_json(telemetry::otlp_request::traces, json).value();
        co_await http_.send(std::move(request));
    }

    net::url otlp_url_;
    reporting how_;
    std::atomic<bool> fixed_{false};
    net::http_client http_{net::target_guard::allow_all(), {}};
    net::test::running_server server_;
    task_group exports_;
};

}  // namespace reprise::replay::test
