#include "otlp_load.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/telemetry/otlp_json.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace reprise::bench {
namespace {

constexpr std::array<const char*, 8> nouns = {"orders", "items",   "users",  "carts",
                                              "prices", "returns", "stores", "offers"};
constexpr std::int64_t span_of_load_ns = 20 * ns_per_s;

// The same numbers in every run and on every machine.
class generator {
public:
    std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
    std::uint64_t next() { return engine_(); }
    // Milliseconds with the long tail latencies have.
    std::int64_t duration_ns() { return (2 + static_cast<std::int64_t>(below(20) * below(20))) * ns_per_ms; }

private:
    std::mt19937_64 engine_{20'261'121};
};

std::string route_of(std::size_t number)
{
    return std::string("/api/v") + std::to_string(number / nouns.size()) + "/" + nouns[number % nouns.size()];
}

int status_of(generator& random)
{
    return random.below(100) == 0 ? 500 : 200;
}

model::exchange make_pair(generator& random, std::size_t service, std::size_t route, std::int64_t start_ns)
{
    model::exchange made;
    made.operation.kind = model::operation_kind::server;
    made.operation.service = "service-" + std::to_string(service);
    made.operation.protocol = "http";
    made.operation.method = "GET";
    made.operation.route = route_of(route) + "/{id}";
    made.status = status_of(random);
    made.start_ns = start_ns;
    made.duration_ns = random.duration_ns();
    made.host = made.operation.service + ".internal:8080";
    made.method = made.operation.method;
    made.path = route_of(route) + "/" + std::to_string(random.below(1'000'000)) + "?expand=lines";
    made.request_headers = {{"Host", made.host},
                            {"Accept", "application/json"},
                            {"User-Agent", "shop-frontend/4.2"},
                            {"X-Tenant", std::to_string(random.below(5000))}};
    made.response_headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
    made.response_body =
        R"({"id":)" + std::to_string(random.next()) + R"(,"state":"paid","lines":[{"sku":"A-1","n":2}]})";
    made.trace = {random.next(), random.next()};
    made.span = random.next();
    return made;
}

std::string attribute(std::string_view key, std::string_view value, bool is_number = false)
{
    return std::string(R"({"key":")") + std::string(key) + R"(","value":{")" +
           (is_number ? "intValue" : "stringValue") + R"(":")" + std::string(value) + R"("}})";
}

std::string hex16(std::uint64_t value)
{
    return model::span_to_hex(value | 1);
}

std::string make_span(generator& random, std::size_t route, std::int64_t start_ns)
{
    std::string attributes;
    int kind = 2;
    const std::size_t shape = route % 4;  // One operation per route: half servers, the rest clients and databases.
    if (shape == 3) {
        kind = 3;
        attributes = attribute("db.system.name", "postgresql") + "," +
                     attribute("db.query.text", "SELECT id, name FROM " + route_of(route).substr(8) + " WHERE id = $1");
    } else {
        kind = shape == 2 ? 3 : 2;
        attributes = attribute("http.request.method", "GET") + "," +
                     attribute("http.route", route_of(route) + "/{id}") + "," +
                     attribute("http.response.status_code", std::to_string(status_of(random)), true) + "," +
                     attribute("server.address", "10.0.0.7");
    }
    return R"({"traceId":")" + hex16(random.next()) + hex16(random.next()) + R"(","spanId":")" + hex16(random.next()) +
           R"(","parentSpanId":")" + hex16(random.next()) + R"(","kind":)" + std::to_string(kind) + R"(,"name":"GET )" +
           route_of(route) + R"(","startTimeUnixNano":")" + std::to_string(start_ns) + R"(","endTimeUnixNano":")" +
           std::to_string(start_ns + random.duration_ns()) + R"(","attributes":[)" + attributes + "]}";
}

std::string make_span_request(generator& random, const load_shape& shape, std::size_t service)
{
    const std::size_t routes = std::max<std::size_t>(shape.operations / shape.services, 1);
    std::string spans;
    for (std::size_t i = 0; i < shape.records; ++i) {
        const auto offset = static_cast<std::int64_t>(random.below(span_of_load_ns));
        spans += (i == 0 ? "" : ",") + make_span(random, random.below(routes), shape.start_ns + offset);
    }
    const std::string json = R"({"resourceSpans":[{"resource":{"attributes":[)" +
                             attribute("service.name", "service-" + std::to_string(service)) +
                             R"(]},"scopeSpans":[{"spans":[)" + spans + "]}]}]}";
    return telemetry::encode_otlp_json(telemetry::otlp_request::traces, json).value();
}

std::string make_log_request(
    generator& random, const load_shape& shape, std::size_t service, std::size_t padding_bytes
)
{
    const std::size_t routes = std::max<std::size_t>(shape.operations / shape.services, 1);
    std::vector<model::exchange> pairs;
    for (std::size_t i = 0; i < shape.records; ++i) {
        const auto offset = static_cast<std::int64_t>(random.below(span_of_load_ns));
        const std::size_t route = random.below(routes);
        pairs.push_back(make_pair(random, service, route, shape.start_ns + offset));
        if (shape.one_route_fails && route == 0)
            pairs.back().status = 500;
        pairs.back().response_body += std::string(padding_bytes, ' ');
    }
    return telemetry::encode_logs_request(pairs);
}

otlp_load finish(std::vector<std::string> requests, std::size_t records)
{
    std::size_t bytes = 0;
    for (const auto& request : requests)
        bytes += request.size();
    otlp_load load;
    load.record_bytes = static_cast<double>(bytes) / static_cast<double>(requests.size() * records);
    load.records_per_request = records;
    load.requests = std::move(requests);
    return load;
}

}  // namespace

otlp_load make_log_load(const load_shape& shape)
{
    // What the frame of an RRPair takes is telemetry's business, so the body makes up for it.
    generator random;
    const std::size_t bare = make_log_request(random, shape, 0, 0).size() / shape.records;
    const std::size_t padding = bare < shape.log_bytes ? shape.log_bytes - bare : 0;
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < shape.batches; ++i)
        requests.push_back(make_log_request(random, shape, i % shape.services, padding));
    return finish(std::move(requests), shape.records);
}

otlp_load make_span_load(const load_shape& shape)
{
    generator random;
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < shape.batches; ++i)
        requests.push_back(make_span_request(random, shape, i % shape.services));
    return finish(std::move(requests), shape.records);
}

}  // namespace reprise::bench
