#include "../rpc/generic_client.hpp"
#include "flow_server.hpp"

#include "../../server/app/exit_code.hpp"
#include "../../server/app/limits_of.hpp"
#include "../../server/app/snapshot.hpp"
#include "../../server/app/snapshot_convert.hpp"

#include "reprise/pipeline/shard.hpp"
#include "reprise/rpc/grpc_server.hpp"
#include "reprise/telemetry/rrpair.hpp"
#include "support/traffic.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <fstream>
#include <set>

namespace reprise::flow {
namespace {

namespace json = boost::json;

constexpr std::int64_t second = 1'000'000'000;

// Orders fail, and customers' orders are loaded one by one: two problems, both found without history.
std::vector<support::call> snapshot()
{
    std::uint64_t trace = 0;
    const std::int64_t from = system_clock().now_ns() / second * second - 600 * second;
    auto calls = support::make_calls(from, 5, 20, trace, [](support::call& one, int i) {
        one.status = i % 4 == 0 ? 200 : 500;
    });
    for (int customer = 0; customer < 10; ++customer) {
        support::call inbound;
        inbound.method = "GET";
        inbound.path = "/customers/" + std::to_string(1000 + customer) + "/orders";
        inbound.start_ns = from + customer * 400'000'000LL;
        inbound.duration_ns = 300'000'000;
        inbound.trace = ++trace;
        inbound.span = trace * 1000;
        calls.push_back(inbound);
        for (int line = 0; line < 25; ++line) {
            support::call query;
            query.statement = "SELECT id, sku FROM lines WHERE order_id = " + std::to_string(customer * 100 + line);
            query.start_ns = inbound.start_ns + 1'000'000 + line * 10'000'000LL;
            query.duration_ns = 8'000'000;
            query.trace = trace;
            query.span = trace * 1000 + static_cast<std::uint64_t>(line) + 1;
            query.parent = inbound.span;
            calls.push_back(query);
        }
    }
    std::stable_sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
    return calls;
}

using found = std::set<std::pair<std::string, std::string>>;  // Kind and fingerprint.

// Both forms, as recorders write them.
void write_pairs(const std::vector<model::exchange>& exchanges, const std::filesystem::path& dir)
{
    std::filesystem::create_directories(dir / "shop.test");
    int number = 0;
    for (const model::exchange& one : exchanges) {
        const std::string name = std::to_string(100'000 + number++);
        const bool markdown = number % 3 == 0 && one.statement.empty();
        std::ofstream file(dir / "shop.test" / (name + (markdown ? ".md" : ".json")));
        file << (markdown ? telemetry::write_rrpair_markdown(one) : telemetry::write_rrpair_json(one));
    }
}

app::output_style quiet()
{
    app::output_style style;
    style.quiet = true;
    return style;
}

// What `reprise analyze` sees in files.
found analyze(const std::filesystem::path& path, std::size_t records, const app::config& settings)
{
    pipeline::shard stream(app::stream_limits_of(settings));
    found signals;
    const auto keep = [&signals](const std::vector<pipeline::closed_window>& closed) {
        for (const auto& window : closed) {
            for (const auto& one : window.found)
                signals.emplace(model::to_text(one.signal.kind), one.signal.fingerprint);
        }
    };
    const auto take = [&](std::shared_ptr<const model::observation_batch> batch) {
        stream.add(*batch, {}, system_clock().now_ns(), [](std::string_view) { return true; });
        keep(stream.close_due(system_clock().now_ns()));
    };
    const auto reading = app::read_snapshots({path.string()}, quiet(), take);
    EXPECT_TRUE(reading.problems.empty()) << reading.problems.front().where << " " << reading.problems.front().what;
    EXPECT_EQ(reading.records, records);
    keep(stream.close_all());
    return signals;
}

void convert(const std::filesystem::path& in, const std::filesystem::path& out, std::string to)
{
    app::snapshot_conversion conversion;
    conversion.paths = {in.string()};
    conversion.out = out.string();
    conversion.to = std::move(to);
    ASSERT_EQ(app::run_snapshot_conversion(conversion, quiet()), app::exit_ok);
}

std::set<std::string> kinds_of(const found& signals)
{
    std::set<std::string> kinds;
    for (const auto& [kind, fingerprint] : signals)
        kinds.insert(kind);
    return kinds;
}

class same_snapshot : public flow_test {
protected:
    found read_signals(std::size_t expected)
    {
        found signals;
        admin().wait_for("/signals?limit=200", "as many signals as analyze found", [&](const json::value& page) {
            signals.clear();
            for (const json::value& one : page.at("items").as_array()) {
                signals.emplace(
                    std::string(one.at("kind").as_string()), std::string(one.at("fingerprint").as_string())
                );
            }
            return signals.size() >= expected;
        });
        return signals;
    }

    std::vector<std::string> batches(const std::vector<model::exchange>& exchanges)
    {
        std::vector<std::string> made;
        const std::span<const model::exchange> all(exchanges);
        for (std::size_t at = 0; at < all.size(); at += 100) {
            const auto part = all.subspan(at, std::min<std::size_t>(100, all.size() - at));
            made.push_back(telemetry::encode_logs_request(part));
        }
        return made;
    }
};

TEST_F(same_snapshot, gives_the_same_signals_by_file_by_grpc_and_by_http)
{
    const auto calls = snapshot();
    const auto exchanges = support::to_exchanges(calls);
    write_pairs(exchanges, data_dir_ / "snapshot");
    const found by_file = analyze(data_dir_ / "snapshot", exchanges.size(), settings_);
    EXPECT_EQ(kinds_of(by_file), (std::set<std::string>{"error_rate", "n_plus_one"}));

    settings_.data_dir = (data_dir_ / "http").string();
    start({});
    for (const std::string& bytes : batches(exchanges))
        ASSERT_EQ(send_logs(bytes), 200);
    EXPECT_EQ(read_signals(by_file.size()), by_file);

    server_.reset();
    settings_.data_dir = (data_dir_ / "grpc").string();
    start({});
    test::generic_client client(server_->addresses().otlp_grpc_port);
    for (const std::string& bytes : batches(exchanges)) {
        const auto end = client.call(rpc::logs_export_path, bytes);
        ASSERT_TRUE(end.status.ok()) << end.status.error_message();
    }
    EXPECT_EQ(read_signals(by_file.size()), by_file);
}

TEST_F(same_snapshot, gives_the_same_signals_in_every_format)
{
    const auto exchanges = support::to_exchanges(snapshot());
    const auto dir = data_dir_ / "formats";
    write_pairs(exchanges, dir / "pairs");
    const found by_pairs = analyze(dir / "pairs", exchanges.size(), settings_);
    EXPECT_EQ(kinds_of(by_pairs), (std::set<std::string>{"error_rate", "n_plus_one"}));

    convert(dir / "pairs", dir / "a.jsonl", "otlp-json");
    EXPECT_EQ(analyze(dir / "a.jsonl", exchanges.size(), settings_), by_pairs);
    convert(dir / "a.jsonl", dir / "markdown", "rrpair-md");
    EXPECT_EQ(analyze(dir / "markdown", exchanges.size(), settings_), by_pairs);

    // HAR carries the requests, not the statements.
    convert(dir / "markdown", dir / "b.har", "har");
    const auto requests = std::count_if(exchanges.begin(), exchanges.end(), [](const auto& one) {
        return one.statement.empty();
    });
    const found by_har = analyze(dir / "b.har", static_cast<std::size_t>(requests), settings_);
    EXPECT_EQ(kinds_of(by_har), (std::set<std::string>{"error_rate"}));
    EXPECT_TRUE(std::includes(by_pairs.begin(), by_pairs.end(), by_har.begin(), by_har.end()));
}

}  // namespace
}  // namespace reprise::flow
