// What a webhook costs but for its transport and the store: signature, keys and identity of a request; sealing; and
// reading it as alarms.

#include "../server/ingest/hook_content.hpp"
#include "../server/ingest/hook_json.hpp"
#include "../server/ingest/hook_verify.hpp"

#include "reprise/base/seal.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace reprise;

const std::string secret(32, 's');

// An Alertmanager group of so many alerts, about 700 bytes each.
std::string group_of(std::int64_t alerts)
{
    std::string body = R"({"version":"4","groupKey":"{}","truncatedAlerts":0,"status":"firing","alerts":[)";
    for (std::int64_t i = 0; i < alerts; ++i) {
        body += i == 0 ? "" : ",";
        body += R"({"status":"firing","labels":{"alertname":"HighErrorRate","service":"checkout",)"
                R"("severity":"critical","instance":"10.0.0.)" +
                std::to_string(i) +
                R"(:8080","namespace":"production","pod":"checkout-6f9d7c5b8-x2x7k"},"annotations":{"summary":)"
                R"("checkout answers 500","description":"14 % of the requests to POST /orders fail since "},)"
                R"("startsAt":"2026-11-21T03:59:35.120Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":)"
                R"("https://prometheus.example.org/graph?g0.expr=sum%28rate%28http_requests_total%29%29&g0.tab=1",)"
                R"("fingerprint":"0c8b2a1f5d7e9c)" +
                std::to_string(10 + i) + "\"}";
    }
    return body + "]}";
}

void verify(benchmark::State& state)
{
    ingest::hook_settings settings;
    settings.secrets["github"] = {secret};
    net::request req;
    req.body = group_of(state.range(0));
    req.headers = {{"X-Hub-Signature-256", "sha256=" + net::hex_signature(secret, req.body)},
                   {"X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"}};
    for (auto _ : state) {
        const auto refused = ingest::verify_hook(settings, ingest::hook_source::github, {}, req, 0);
        const auto fault = ingest::find_json_fault(req.body);
        auto identity = ingest::identify_hook(ingest::hook_source::github, req);
        if (refused || fault || !identity)
            state.SkipWithError("refused");
        benchmark::DoNotOptimize(identity);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(req.body.size()));
}

void seal(benchmark::State& state)
{
    const std::string body = group_of(state.range(0));
    std::string sealed(body.size() + seal_tag_bytes, '\0');
    for (auto _ : state) {
        sealer(secret).seal(0, "github", body, sealed.data());
        benchmark::DoNotOptimize(sealed);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void read(benchmark::State& state)
{
    const std::string body = group_of(state.range(0));
    for (auto _ : state) {
        auto content = ingest::read_content({"alertmanager", "", "delivery", body, 1});
        if (!content || content->alarms.size() != static_cast<std::size_t>(state.range(0)))
            state.SkipWithError("not read");
        benchmark::DoNotOptimize(content);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(verify)->Arg(1)->Arg(20)->Arg(400)->Unit(benchmark::kMicrosecond);
BENCHMARK(seal)->Arg(1)->Arg(20)->Arg(400)->Unit(benchmark::kMicrosecond);
BENCHMARK(read)->Arg(1)->Arg(20)->Arg(400)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
