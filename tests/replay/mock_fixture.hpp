#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/replay/mock.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Recordings and requests made by hand, for tests of the mock.
namespace reprise::replay::test {

constexpr std::int64_t captured_ns = 1'763'723'704'000'000'000;  // 2025-11-21T11:15:04Z

inline model::exchange recorded(
    std::string method, std::string path, std::string answer = "{}", std::string body = {}, int status = 200
)
{
    static std::int64_t next = 0;
    model::exchange one;
    one.operation.protocol = "http";
    one.operation.kind = model::operation_kind::client;
    one.direction = model::direction::out;
    one.host = "api.test";
    one.method = std::move(method);
    one.path = std::move(path);
    one.status = status;
    one.start_ns = captured_ns + ++next * ns_per_ms;
    one.duration_ns = 20 * ns_per_ms;
    one.request_body = std::move(body);
    if (!one.request_body.empty())
        one.request_headers.emplace_back("Content-Type", "application/json");
    one.response_headers.emplace_back("Content-Type", "application/json");
    one.response_body = std::move(answer);
    one.complete = true;
    return one;
}

struct asked {
    std::string method = "GET";
    std::string target = "/";
    std::string body = {};
    std::string authority = "api.test";
    bool proxied = true;
    std::vector<std::pair<std::string, std::string>> headers = {{"content-type", "application/json"}};
};

struct answered {
    mock_decision decided;
    int status = 0;
    std::string head;
    std::string body;
    net::raw_fault fault = net::raw_fault::none;
    std::int64_t delay_ns = 0;
    std::size_t body_bytes_max = 0;
};

inline answered ask(mock& of, const asked& what)
{
    std::vector<net::raw_header> headers;
    for (const auto& [name, value] : what.headers)
        headers.push_back({name, value});
    net::raw_request request;
    request.method = what.method;
    request.target = what.target;
    request.authority = what.authority;
    request.body = what.body;
    request.proxied = what.proxied;
    request.headers = headers;
    net::raw_answer answer;
    answered made;
    made.decided = of.answer(request, answer);
    made.status = answer.status;
    made.head = answer.wire.substr(0, answer.head_bytes);
    made.body = answer.wire.substr(answer.head_bytes);
    made.fault = answer.fault;
    made.delay_ns = answer.delay.count();
    made.body_bytes_max = answer.body_bytes_max;
    return made;
}

inline answered get(mock& of, std::string target)
{
    asked what;
    what.target = std::move(target);
    return ask(of, what);
}

inline answered post(mock& of, std::string target, std::string body)
{
    asked what;
    what.method = "POST";
    what.target = std::move(target);
    what.body = std::move(body);
    return ask(of, what);
}

inline std::shared_ptr<mock> make(std::vector<model::exchange> all, mock_options options = {})
{
    options.redaction_key = "test";
    return mock::make(std::move(all), std::move(options)).value();
}

}  // namespace reprise::replay::test
