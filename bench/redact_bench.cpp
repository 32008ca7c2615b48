// Redacting captured bodies: ns per byte.
#include "reprise/telemetry/redact.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace reprise::telemetry {
namespace {

constexpr int items = 400;

std::string json_body()
{
    std::string body = "[";
    for (int i = 0; i < items; ++i) {
        const std::string number = std::to_string(i);
        body += i > 0 ? "," : "";
        body += R"({"id":)" + number + R"(,"name":"Blue garden chair, foldable","email":"user)" + number;
        body += R"(@example.com","price":129.00,"created":"2025-11-21T12:00:00Z",)";
        body += R"("trace":"0af7651916cd43dd8448eb211c80319c"})";
    }
    return body + "]";
}

std::string text_body()
{
    std::string body;
    for (int i = 0; i < items; ++i) {
        body += "TypeError: Cannot read properties of undefined (reading 'map') at /app/handlers.js:117:22 for user";
        body += std::to_string(i) + "@example.com from 10.1.2.3\n";
    }
    return body;
}

std::string form_body()
{
    std::string body = "a=1";
    for (int i = 0; i < items; ++i)
        body += "&field" + std::to_string(i) + "=some+value%20here&email" + std::to_string(i) + "=user%40example.com";
    return body;
}

void run(benchmark::State& state, const std::string& body, const char* content_type)
{
    for (auto _ : state) {
        model::exchange exchange;
        exchange.operation.protocol = "http";
        exchange.request_headers = {{"content-type", content_type}};
        exchange.request_body = body;
        redact(exchange, "bench key");
        benchmark::DoNotOptimize(exchange);
    }
    const double bytes = static_cast<double>(state.iterations()) * static_cast<double>(body.size());
    state.counters["ns_per_byte"] =
        benchmark::Counter(bytes * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void redact_json(benchmark::State& state)
{
    run(state, json_body(), "application/json");
}
BENCHMARK(redact_json);

void redact_lines(benchmark::State& state)
{
    run(state, text_body(), "text/plain");
}
BENCHMARK(redact_lines);

void redact_form(benchmark::State& state)
{
    run(state, form_body(), "application/x-www-form-urlencoded");
}
BENCHMARK(redact_form);

}  // namespace
}  // namespace reprise::telemetry

BENCHMARK_MAIN();
