#include "reprise/telemetry/metrics_decode.hpp"

#include "random_metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace reprise::telemetry {
namespace {

using model::operation_kind;
using model::outcome;

constexpr std::uint64_t time_ns = 1'790'000'000'000'000'000;

// One request of one service with one metric.
class one_metric {
public:
    explicit one_metric(std::string_view name, std::string_view unit = "s")
    {
        auto& entry = *request_.add_resource_metrics();
        auto& service = *entry.mutable_resource()->add_attributes();
        service.set_key("service.name");
        service.mutable_value()->set_string_value("shop");
        metric_ = entry.add_scope_metrics()->add_metrics();
        metric_->set_name(std::string(name));
        metric_->set_unit(std::string(unit));
    }

    metric_message& metric() { return *metric_; }

    // A good point with two buckets in use: 3 calls up to 10 ms, 5 calls up to 100 ms.
    histogram_point& add_histogram(std::initializer_list<std::pair<const char*, const char*>> attributes = {})
    {
        metric_->mutable_histogram()->set_aggregation_temporality(delta);
        histogram_point& point = *metric_->mutable_histogram()->add_data_points();
        point.set_start_time_unix_nano(time_ns - 60'000'000'000);
        point.set_time_unix_nano(time_ns);
        for (const double bound : {0.01, 0.1, 1.0})
            point.add_explicit_bounds(bound);
        for (const std::uint64_t count : {3U, 5U, 0U, 0U})
            point.add_bucket_counts(count);
        point.set_count(8);
        for (const auto& [key, value] : attributes) {
            auto& pair = *point.add_attributes();
            pair.set_key(key);
            pair.mutable_value()->set_string_value(value);
        }
        return point;
    }

    exponential_point& add_exponential()
    {
        metric_->mutable_exponential_histogram()->set_aggregation_temporality(delta);
        exponential_point& point = *metric_->mutable_exponential_histogram()->add_data_points();
        point.set_time_unix_nano(time_ns);
        return point;
    }

    decode_result<model::observation_batch> decode(const decode_limits& limits = {}) const
    {
        return decode_metrics(std::make_shared<const std::string>(request_.SerializeAsString()), limits);
    }

private:
    metrics_request request_;
    metric_message* metric_ = nullptr;
};

struct convention_case {
    std::string name;
    std::string metric;
    std::vector<std::pair<const char*, const char*>> attributes;
    operation_kind kind;
    std::string protocol;
    std::string method;
    std::string route;
    model::outcome outcome = outcome::ok;
    std::uint16_t status = 0;
};

class metric_conventions : public testing::TestWithParam<convention_case> {};

TEST_P(metric_conventions, name_the_operation)
{
    const convention_case& want = GetParam();
    one_metric request(want.metric, "");
    histogram_point& point = request.add_histogram();
    for (const auto& [key, value] : want.attributes) {
        auto& pair = *point.add_attributes();
        pair.set_key(key);
        pair.mutable_value()->set_string_value(value);
    }

    const auto batch = request.decode();

    ASSERT_TRUE(batch) << to_text(batch.error());
    ASSERT_EQ(batch->measured.size(), 1U) << batch->rejected_reason;
    const model::operation_view& seen = batch->operations.at(0);
    EXPECT_EQ(seen.source, model::source::metric);
    EXPECT_EQ(seen.service, "shop");
    EXPECT_EQ(seen.kind, want.kind);
    EXPECT_EQ(seen.protocol, want.protocol);
    EXPECT_EQ(seen.method, want.method);
    EXPECT_EQ(seen.route, want.route);
    EXPECT_EQ(batch->measured[0].outcome, want.outcome);
    EXPECT_EQ(batch->measured[0].status, want.status);
    EXPECT_EQ(batch->measured[0].calls, 8U);
    EXPECT_EQ(batch->measured[0].operation, model::operation_id(seen));
}

const convention_case convention_cases[] = {
    {"http_server", "http.server.request.duration",
     {{"http.request.method", "GET"}, {"http.route", "/orders/:id"}, {"http.response.status_code", "503"}},
     operation_kind::server, "http", "GET", "/orders/{id}", outcome::server_error, 503},
    {"http_server_older", "http.server.duration",
     {{"http.method", "post"}, {"http.route", "/orders"}, {"http.status_code", "201"}},
     operation_kind::server, "http", "POST", "/orders", outcome::ok, 201},
    {"http_server_without_route", "http.server.request.duration",
     {{"http.request.method", "GET"}, {"http.response.status_code", "404"}},
     operation_kind::server, "http", "GET", "(no route)", outcome::client_error, 404},
    {"http_server_that_gave_no_answer", "http.server.request.duration",
     {{"http.request.method", "GET"}, {"http.route", "/"}, {"error.type", "timeout"}},
     operation_kind::server, "http", "GET", "/", outcome::server_error, 0},
    {"http_client_by_template", "http.client.request.duration",
     {{"http.request.method", "GET"}, {"url.template", "/items/{id}"}, {"http.response.status_code", "429"}},
     operation_kind::client, "http", "GET", "/items/{id}", outcome::throttled, 429},
    {"http_client_by_host", "http.client.duration",
     {{"http.method", "GET"}, {"net.peer.name", "payments.internal"}, {"http.status_code", "200"}},
     operation_kind::client, "http", "GET", "payments.internal", outcome::ok, 200},
    {"db_by_collection", "db.client.operation.duration",
     {{"db.system.name", "postgresql"}, {"db.operation.name", "SELECT"}, {"db.collection.name", "orders"}},
     operation_kind::db, "sql", "SELECT", "SELECT orders"},
    {"db_by_statement", "db.client.operation.duration",
     {{"db.system", "mysql"}, {"db.query.text", "select a from t where id = 4"}, {"error.type", "1213"}},
     operation_kind::db, "sql", "SELECT", "SELECT a FROM t WHERE id = ?", outcome::server_error},
    {"db_by_summary", "db.client.operation.duration",
     {{"db.system.name", "redis"}, {"db.query.summary", "HGET cart"}, {"db.operation.name", "HGET"}},
     operation_kind::db, "redis", "HGET", "HGET cart"},
    {"rpc_server", "rpc.server.duration",
     {{"rpc.system", "grpc"}, {"rpc.service", "shop.Orders"}, {"rpc.method", "Get"}, {"rpc.grpc.status_code", "14"}},
     operation_kind::server, "grpc", "Get", "shop.Orders/Get", outcome::server_error, 14},
    {"rpc_client_by_full_method", "rpc.client.call.duration",
     {{"rpc.system.name", "grpc"}, {"rpc.method", "shop.Orders/Get"}, {"rpc.response.status_code", "OK"}},
     operation_kind::client, "grpc", "Get", "shop.Orders/Get", outcome::ok, 0},
    {"messaging", "messaging.process.duration",
     {{"messaging.system", "kafka"}, {"messaging.destination.name", "orders"}},
     operation_kind::messaging, "kafka", "process", "orders"},
};

INSTANTIATE_TEST_SUITE_P(metrics_decode, metric_conventions, testing::ValuesIn(convention_cases), [](const auto& one) {
    return one.param.name;
});

TEST(metrics_decode, buckets_are_durations_in_nanoseconds)
{
    one_metric seconds("http.server.request.duration", "s");
    seconds.add_histogram();

    const auto batch = seconds.decode();

    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->buckets.size(), 2U);
    EXPECT_EQ(batch->buckets[0].low_ns, 0);
    EXPECT_EQ(batch->buckets[0].high_ns, 10'000'000);
    EXPECT_EQ(batch->buckets[0].calls, 3U);
    EXPECT_EQ(batch->buckets[1].low_ns, 10'000'000);
    EXPECT_EQ(batch->buckets[1].high_ns, 100'000'000);
    EXPECT_EQ(batch->buckets[1].index, 1);
    EXPECT_EQ(batch->measured[0].time_ns, static_cast<std::int64_t>(time_ns));
    EXPECT_FALSE(batch->measured[0].cumulative);

    one_metric milliseconds("http.server.request.duration", "ms");
    milliseconds.add_histogram();
    EXPECT_EQ(milliseconds.decode()->buckets.at(1).high_ns, 100'000);
}

TEST(metrics_decode, the_open_bucket_ends_at_the_greatest_value_of_a_delta)
{
    one_metric request("http.server.request.duration");
    histogram_point& point = request.add_histogram();
    point.set_bucket_counts(3, 2);
    point.set_count(10);
    point.set_min(0.004);
    point.set_max(2.5);

    auto batch = request.decode();
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->buckets.at(0).low_ns, 4'000'000);
    EXPECT_EQ(batch->buckets.at(2).low_ns, 1'000'000'000);
    EXPECT_EQ(batch->buckets.at(2).high_ns, 2'500'000'000);

    // Since when the range holds, a cumulative point does not say.
    request.metric().mutable_histogram()->set_aggregation_temporality(cumulative);
    batch = request.decode();
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->measured[0].cumulative);
    EXPECT_EQ(batch->buckets.at(0).low_ns, 0);
    EXPECT_EQ(batch->buckets.at(2).high_ns, 1'000'000'000);
}

TEST(metrics_decode, exponential_buckets_follow_the_scale)
{
    one_metric request("http.server.request.duration");
    exponential_point& point = request.add_exponential();
    point.set_scale(1);  // Base 2^(1/2).
    point.set_zero_count(2);
    point.mutable_positive()->set_offset(-4);
    point.mutable_positive()->add_bucket_counts(7);
    point.mutable_positive()->add_bucket_counts(0);
    point.mutable_positive()->add_bucket_counts(1);
    point.set_count(10);

    const auto batch = request.decode();

    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->buckets.size(), 3U) << batch->rejected_reason;
    EXPECT_EQ(batch->buckets[0].high_ns, 0);
    EXPECT_EQ(batch->buckets[0].calls, 2U);
    EXPECT_EQ(batch->buckets[1].index, -4);
    EXPECT_EQ(batch->buckets[1].low_ns, 250'000'000);
    EXPECT_NEAR(static_cast<double>(batch->buckets[1].high_ns), 353'553'391, 1);
    EXPECT_EQ(batch->buckets[2].index, -2);
    EXPECT_EQ(batch->measured[0].scale, 1);
}

// Its index is the one that zeros have.
TEST(metrics_decode, calls_in_the_least_bucket_of_all_are_zeros)
{
    one_metric request("http.server.request.duration");
    exponential_point& point = request.add_exponential();
    point.set_scale(20);
    point.set_zero_count(2);
    point.mutable_positive()->set_offset(std::numeric_limits<std::int32_t>::min());
    point.mutable_positive()->add_bucket_counts(7);
    point.mutable_positive()->add_bucket_counts(1);
    point.set_count(10);

    const auto batch = request.decode();

    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->buckets.size(), 2U) << batch->rejected_reason;
    EXPECT_EQ(batch->buckets[0].calls, 9U);
    EXPECT_EQ(batch->buckets[0].high_ns, 0);
    EXPECT_LT(batch->buckets[0].index, batch->buckets[1].index);
}

TEST(metrics_decode, a_histogram_without_buckets_still_counts)
{
    one_metric request("http.server.request.duration");
    histogram_point& point = request.add_histogram();
    point.clear_bucket_counts();
    point.clear_explicit_bounds();

    const auto batch = request.decode();

    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->measured.at(0).calls, 8U);
    EXPECT_EQ(batch->measured[0].bucket_count, 0U);
}

TEST(metrics_decode, other_metrics_are_counted_and_have_no_effect)
{
    one_metric gauge("jvm.memory.used", "By");
    auto& number = *gauge.metric().mutable_gauge()->add_data_points();
    number.set_time_unix_nano(time_ns);
    number.set_as_int(17);
    one_metric odd_unit("http.server.request.duration", "By");
    odd_unit.add_histogram();
    one_metric nothing("http.server.request.duration");
    nothing.add_histogram().set_flags(1);

    for (const one_metric* request : {&gauge, &odd_unit, &nothing}) {
        const auto batch = request->decode();
        ASSERT_TRUE(batch);
        EXPECT_EQ(batch->unused, 1U);
        EXPECT_EQ(batch->rejected, 0U);
        EXPECT_TRUE(batch->measured.empty());
        EXPECT_TRUE(batch->operations.empty());
    }
}

TEST(metrics_decode, series_are_told_apart_by_attributes_in_any_order)
{
    one_metric request("http.server.request.duration");
    request.add_histogram({{"http.request.method", "GET"}, {"http.route", "/a"}});
    request.add_histogram({{"http.route", "/a"}, {"http.request.method", "GET"}});
    request.add_histogram({{"http.request.method", "GET"}, {"http.route", "/a"}, {"server.port", "81"}});

    const auto batch = request.decode();

    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->measured.size(), 3U);
    EXPECT_EQ(batch->operations.size(), 1U);
    EXPECT_EQ(batch->measured[0].series, batch->measured[1].series);
    EXPECT_NE(batch->measured[0].series, batch->measured[2].series);
    EXPECT_EQ(batch->measured[0].stream, batch->measured[2].stream);
}

TEST(metrics_decode, the_resource_tells_instances_apart)
{
    one_metric one("http.server.request.duration");
    one.add_histogram();
    one_metric other("http.server.request.duration");
    other.add_histogram();
    metrics_request with_instance;
    const auto first = one.decode();
    const auto second = other.decode();
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->measured[0].series, second->measured[0].series);

    auto& entry = *with_instance.add_resource_metrics();
    for (const auto& [key, value] : {std::pair("service.name", "shop"), std::pair("service.instance.id", "b")}) {
        auto& pair = *entry.mutable_resource()->add_attributes();
        pair.set_key(key);
        pair.mutable_value()->set_string_value(value);
    }
    *entry.add_scope_metrics()->add_metrics() = one.metric();
    const auto third = decode_metrics(std::make_shared<const std::string>(with_instance.SerializeAsString()));
    ASSERT_TRUE(third);
    EXPECT_NE(first->measured[0].series, third->measured[0].series);
    EXPECT_EQ(first->measured[0].operation, third->measured[0].operation);
}

struct bad_point {
    std::string_view name;
    std::function<void(one_metric&, histogram_point&)> spoil;
    errc reason;
};

TEST(metrics_decode, points_that_contradict_themselves_are_counted_with_the_reason)
{
    const std::vector<bad_point> cases = {
        {"no name", [](auto& all, auto&) { all.metric().clear_name(); }, errc::no_metric_name},
        {"no temporality",
         [](auto& all, auto&) { all.metric().mutable_histogram()->clear_aggregation_temporality(); },
         errc::no_temporality},
        {"no time", [](auto&, auto& point) { point.clear_time_unix_nano(); }, errc::no_point_time},
        {"a time after 2262", [](auto&, auto& point) { point.set_time_unix_nano(1ULL << 63); }, errc::no_point_time},
        {"start after time", [](auto&, auto& point) { point.set_start_time_unix_nano(time_ns + 1); },
         errc::start_after_time},
        {"equal bounds", [](auto&, auto& point) { point.set_explicit_bounds(1, 0.01); }, errc::bounds_not_rising},
        {"a bound that is none", [](auto&, auto& point) { point.set_explicit_bounds(1, std::nan("")); },
         errc::not_a_number},
        {"a bucket too many", [](auto&, auto& point) { point.add_bucket_counts(0); }, errc::bounds_mismatch},
        {"bounds without buckets", [](auto&, auto& point) { point.clear_bucket_counts(); }, errc::bounds_mismatch},
        {"a wrong count", [](auto&, auto& point) { point.set_count(9); }, errc::count_mismatch},
        {"counts beyond 64 bits",
         [](auto&, auto& point) { point.set_bucket_counts(2, std::numeric_limits<std::uint64_t>::max()); },
         errc::count_mismatch},
        {"a negative sum", [](auto&, auto& point) { point.set_sum(-0.5); }, errc::negative_duration},
        {"a sum that is none", [](auto&, auto& point) { point.set_sum(std::nan("")); }, errc::not_a_number},
        {"calls below zero", [](auto&, auto& point) { point.set_explicit_bounds(0, -0.01); }, errc::negative_duration},
        {"min over max", [](auto&, auto& point) { point.set_min(2); point.set_max(1); }, errc::min_over_max},
        {"five thousand buckets",
         [](auto&, auto& point) {
             for (int i = 0; i < 5000; ++i)
                 point.add_bucket_counts(0);
         },
         errc::too_many_buckets},
    };
    for (const bad_point& one : cases) {
        one_metric request("http.server.request.duration");
        histogram_point& point = request.add_histogram();
        one.spoil(request, point);
        const auto batch = request.decode();
        ASSERT_TRUE(batch) << one.name;
        EXPECT_EQ(batch->rejected, 1U) << one.name;
        EXPECT_EQ(batch->rejected_reason, to_text(one.reason)) << one.name;
        EXPECT_TRUE(batch->measured.empty()) << one.name;
        EXPECT_TRUE(batch->buckets.empty()) << one.name;
    }
}

TEST(metrics_decode, good_points_beside_bad_ones_are_taken)
{
    one_metric request("http.server.request.duration");
    request.add_histogram();
    request.add_histogram().set_count(99);
    request.add_histogram().clear_time_unix_nano();

    const auto batch = request.decode();

    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->measured.size(), 1U);
    EXPECT_EQ(batch->rejected, 2U);
    EXPECT_EQ(batch->rejected_reason, to_text(errc::count_mismatch));
}

TEST(metrics_decode, lists_may_come_unpacked)
{
    // bucket_counts and explicit_bounds as repeated fields: tags 0x31 and 0x39, little endian words.
    const auto word = [](std::uint64_t number) {
        return std::string(reinterpret_cast<const char*>(&number), sizeof number);
    };
    double bound = 0.5;
    std::uint64_t bits = 0;
    std::memcpy(&bits, &bound, sizeof bits);
    const std::string point = "\x19" + word(time_ns) + "\x21" + word(3) + "\x31" + word(1) + "\x31" + word(2) + "\x39" +
                              word(bits);
    const auto wrap = [](char tag, const std::string& bytes) {
        return std::string(1, tag) + static_cast<char>(bytes.size()) + bytes;
    };
    const std::string metric =
        wrap(0x0a, "http.server.request.duration") + wrap(0x4a, wrap(0x0a, point) + std::string("\x10\x01"));
    const std::string request = wrap(0x0a, wrap(0x12, wrap(0x12, metric)));

    const auto batch = decode_metrics(std::make_shared<const std::string>(request));

    ASSERT_TRUE(batch) << to_text(batch.error());
    ASSERT_EQ(batch->measured.size(), 1U) << batch->rejected_reason;
    EXPECT_EQ(batch->measured[0].calls, 3U);
    EXPECT_EQ(batch->buckets.at(1).low_ns, 500'000'000);
    EXPECT_EQ(batch->operations.at(0).service, unknown_service);
}

TEST(metrics_decode, limits_are_kept)
{
    one_metric request("http.server.request.duration");
    for (int i = 0; i < 11; ++i)
        request.add_histogram();
    decode_limits limits;
    limits.records_max = 11;
    EXPECT_TRUE(request.decode(limits));
    limits.records_max = 10;
    EXPECT_FALSE(request.decode(limits));
    limits = {};
    limits.request_bytes_max = 10;
    EXPECT_FALSE(request.decode(limits));
}

// A bucket is a byte on the wire and 32 in memory.
TEST(metrics_decode, buckets_of_all_points_together_are_limited)
{
    one_metric request("http.server.request.duration");
    for (int i = 0; i < 11; ++i)
        request.add_histogram();
    const std::size_t buckets = request.decode()->buckets.size();
    ASSERT_GT(buckets, 1U);
    decode_limits limits;
    limits.buckets_max = buckets;
    EXPECT_TRUE(request.decode(limits));
    limits.buckets_max = buckets - 1;
    const auto refused = request.decode(limits);
    ASSERT_FALSE(refused);
    EXPECT_EQ(
        refused.error().reason,
        "more than " + std::to_string(buckets - 1) + " histogram buckets; send smaller batches"
    );
}

TEST(metrics_decode, a_service_name_that_is_not_utf8_refuses_the_request)
{
    one_metric request("http.server.request.duration");
    request.add_histogram({{"http.route", "/\xff"}});
    const auto batch = request.decode();
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().reason, "the path, statement or name is not UTF-8");
}

TEST(metrics_decode, an_empty_request_is_an_empty_batch)
{
    const auto batch = decode_metrics(std::make_shared<const std::string>());
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->measured.empty());
    EXPECT_EQ(batch->rejected, 0U);
}

}  // namespace
}  // namespace reprise::telemetry
