// Decoding export requests of 512 records: ns per record and allocations per record.
#include "reprise/telemetry/otlp_decode.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

void* operator new(std::size_t bytes)
{
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(bytes))
        return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

namespace reprise::telemetry {
namespace {

constexpr int records = 512;

void append_bytes(std::string& out, int field, std::string_view bytes)
{
    out += static_cast<char>(field << 3 | 2);
    std::size_t size = bytes.size();
    for (; size >= 0x80; size >>= 7)
        out += static_cast<char>(size | 0x80);
    out += static_cast<char>(size);
    out += bytes;
}

void append_text_attribute(std::string& out, int field, std::string_view key, std::string_view text)
{
    std::string value;
    append_bytes(value, 1, text);
    std::string pair;
    append_bytes(pair, 1, key);
    append_bytes(pair, 2, value);
    append_bytes(out, field, pair);
}

void append_int_attribute(std::string& out, int field, std::string_view key, int number)
{
    std::string value = "\x18";
    for (; number >= 0x80; number >>= 7)
        value += static_cast<char>(number | 0x80);
    value += static_cast<char>(number);
    std::string pair;
    append_bytes(pair, 1, key);
    append_bytes(pair, 2, value);
    append_bytes(out, field, pair);
}

// About 1.2 KB on the wire: eight headers a side, small bodies. `paths` distinct raw paths.
std::string make_logs_request(int paths)
{
    std::vector<model::exchange> exchanges(records);
    for (int i = 0; i < records; ++i) {
        model::exchange& one = exchanges[static_cast<std::size_t>(i)];
        one.operation = model::operation_key(
            {model::source::rrpair, model::operation_kind::server, "checkout", "http", "POST", "/"}
        );
        one.method = "POST";
        one.path = "/api/v1/orders/" + std::to_string(1000 + i % paths) + "/items?expand=all";
        one.status = 200;
        one.start_ns = 1'763'726'400'000'000'000 + i * 1'000'003LL;
        one.duration_ns = 12'345'678 + i;
        one.trace = {0x0af7651916cd43dd, static_cast<std::uint64_t>(i) + 1};
        one.span = static_cast<std::uint64_t>(i) + 1;
        one.request_headers = {{"host", "shop.local"}, {"accept", "*/*"}, {"user-agent", "bench/1.0"},
                               {"content-type", "application/json"}, {"x-request-id", "req-000000000001"}};
        one.request_body = R"({"customer":"c-1001","items":[{"sku":"a-1","quantity":2},{"sku":"b-2","quantity":1}]})";
        one.response_headers = {{"content-type", "application/json"}, {"cache-control", "no-store"},
                                {"server", "shop/2.0"}, {"date", "Fri, 21 Nov 2025 12:00:00 GMT"}};
        one.response_body = R"({"order":"o-77","state":"accepted","total_cents":12900,"currency":"EUR","lines":2})";
    }
    return encode_logs_request(exchanges);
}

// About 217 B on the wire.
std::string make_traces_request()
{
    std::string scope;
    for (int i = 0; i < records; ++i) {
        std::string span;
        std::string trace(16, '\x01');
        trace[15] = static_cast<char>(i);
        append_bytes(span, 1, trace);
        append_bytes(span, 2, std::string(8, static_cast<char>(1 + i % 100)));
        append_bytes(span, 4, std::string(8, '\x05'));
        append_bytes(span, 5, "GET /api/items/{id}");
        span += "\x30\x02";
        span += "\x39\x01\x02\x03\x04\x05\x06\x07\x08";
        span += "\x41\x02\x02\x03\x04\x05\x06\x07\x08";
        append_text_attribute(span, 9, "http.request.method", "GET");
        append_text_attribute(span, 9, "url.path", "/api/items/" + std::to_string(i % 100));
        append_int_attribute(span, 9, "http.response.status_code", 200);
        append_text_attribute(span, 9, "http.route", "/api/items/{id}");
        append_bytes(scope, 2, span);
    }
    std::string resource;
    append_text_attribute(resource, 1, "service.name", "catalog");
    std::string entry;
    append_bytes(entry, 1, resource);
    append_bytes(entry, 2, scope);
    std::string request;
    append_bytes(request, 1, entry);
    return request;
}

template <class Decode>
void run(benchmark::State& state, std::string request, Decode decode)
{
    const auto bytes = std::make_shared<const std::string>(std::move(request));
    const std::uint64_t before = allocations.load();
    for (auto _ : state) {
        const auto batch = decode(bytes);
        if (!batch || batch->observations.size() != records)
            state.SkipWithError("the request was not decoded");
        benchmark::DoNotOptimize(batch);
    }
    const double done = static_cast<double>(state.iterations()) * records;
    state.counters["ns_per_record"] =
        benchmark::Counter(done * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["allocations_per_record"] = static_cast<double>(allocations.load() - before) / done;
    state.counters["bytes_per_record"] = static_cast<double>(bytes->size()) / records;
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes->size()));
}

void decode_log_requests(benchmark::State& state)
{
    const int paths = static_cast<int>(state.range(0));
    run(state, make_logs_request(paths), [](const auto& bytes) { return decode_logs(bytes); });
}
BENCHMARK(decode_log_requests)->ArgName("paths")->Arg(1)->Arg(64)->Arg(records);

void decode_span_requests(benchmark::State& state)
{
    run(state, make_traces_request(), [](const auto& bytes) { return decode_spans(bytes); });
}
BENCHMARK(decode_span_requests);

}  // namespace
}  // namespace reprise::telemetry

BENCHMARK_MAIN();
