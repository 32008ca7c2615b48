#include "reprise/telemetry/otlp_decode.hpp"

#include "random_requests.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/telemetry/normalise.hpp"

#include <gtest/gtest.h>

#include <charconv>

// What the decoder says about random valid requests, compared with a plain reading of the generated
// types: the same rules, written a second time over objects instead of bytes.
namespace reprise::telemetry {
namespace {

using model::outcome;

constexpr int requests_count = 3000;

const any_value_message* find(const kvlist_message& list, std::string_view key)
{
    const any_value_message* found = nullptr;
    for (const auto& pair : list.values()) {
        if (pair.key() == key)
            found = &pair.value();
    }
    return found;
}

std::string text_at(const kvlist_message* list, std::string_view key)
{
    const any_value_message* value = list != nullptr ? find(*list, key) : nullptr;
    return value != nullptr ? value->string_value() : "";
}

const kvlist_message* list_at(const kvlist_message* list, std::string_view key)
{
    const any_value_message* value = list != nullptr ? find(*list, key) : nullptr;
    return value != nullptr && value->has_kvlist_value() ? &value->kvlist_value() : nullptr;
}

std::optional<double> number_of(const any_value_message* value)
{
    if (value == nullptr)
        return std::nullopt;
    if (value->has_int_value())
        return static_cast<double>(value->int_value());
    if (value->has_double_value())
        return value->double_value();
    double number = 0;
    const std::string& text = value->string_value();
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = value->has_string_value() && code == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(number) : std::nullopt;
}

struct expected {
    bool useful = false;
    std::string service;
    std::int64_t start_ns = 0;
    std::int64_t duration_ns = 0;
    model::trace_id trace;
    bool replayed = false;
    model::operation_kind kind = model::operation_kind::server;
    std::string protocol;
    std::string route;  // Only for HTTP and SQL.
};

std::optional<std::int64_t> start_of(const log_record& record, const kvlist_message& body)
{
    if (const std::string ts = text_at(&body, "ts"); !ts.empty()) {
        const auto time = parse_rfc3339(ts);
        return time ? std::optional(*time) : std::nullopt;
    }
    const std::uint64_t time =
        record.time_unix_nano() != 0 ? record.time_unix_nano() : record.observed_time_unix_nano();
    return time == 0 || time > INT64_MAX ? std::nullopt : std::optional(static_cast<std::int64_t>(time));
}

// Service, times, ids; nullopt when they are not usable.
std::optional<expected> expect_frame(const log_record& record, std::string_view resource_service)
{
    if (!record.body().has_kvlist_value())
        return std::nullopt;
    const kvlist_message& body = record.body().kvlist_value();
    const std::string type = text_at(&body, "msgType");
    const auto start = start_of(record, body);
    if ((!type.empty() && type != "rrpair") || !start)
        return std::nullopt;
    expected want;
    want.start_ns = *start;
    for (const auto& attribute : record.attributes()) {
        if (attribute.key() == "service")
            want.service = attribute.value().string_value();
    }
    const std::string in_body = text_at(&body, "service");
    for (const std::string_view next : {std::string_view(in_body), resource_service, unknown_service})
        want.service = want.service.empty() ? std::string(next) : want.service;
    const any_value_message* duration = find(body, "duration");
    if (duration != nullptr && duration->value_case() != any_value_message::VALUE_NOT_SET) {
        const auto ms = number_of(duration);
        if (!ms || !(*ms >= 0 && *ms < 3.2e12))
            return std::nullopt;
        want.duration_ns = static_cast<std::int64_t>(*ms * 1e6 + 0.5);
    }
    return want;
}

expected expect_log(const log_record& record, std::string_view resource_service)
{
    auto frame = expect_frame(record, resource_service);
    if (!frame || frame->service.size() > service_bytes_max)
        return {};
    expected want = *frame;
    const kvlist_message& body = record.body().kvlist_value();
    const any_value_message* http_value = find(body, "http");
    const kvlist_message* request = list_at(list_at(&body, "http"), "request");
    const kvlist_message* response = list_at(list_at(&body, "http"), "response");
    const std::string protocol = text_at(&body, "l7protocol");
    const std::string signature = text_at(list_at(&body, "mutableSignature"), "postgres:query");
    const std::string location = text_at(&body, "location");
    const std::string status = text_at(&body, "status");
    if (protocol.empty() && http_value == nullptr && signature.empty())
        return {};

    const kvlist_message* headers = list_at(request, "headers");
    want.replayed = headers != nullptr && find(*headers, "X-Replay") != nullptr;
    const std::string parent = text_at(headers, "traceparent");
    want.trace = parent.size() == 55 ? model::parse_trace_id(parent.substr(3, 32)) : model::trace_id{};
    if (!want.trace && !record.trace_id().empty())
        want.trace = {0, static_cast<unsigned char>(record.trace_id()[15])};
    if (!want.trace)
        want.trace = model::parse_trace_id(text_at(&body, "traceId"));
    want.kind = text_at(&body, "direction") == "OUT" ? model::operation_kind::client : model::operation_kind::server;

    const bool is_http = protocol == "http" || protocol == "https" || protocol == "json" ||
                         (protocol.empty() && http_value != nullptr);
    if (is_http) {
        const std::string method = text_at(request, "method");
        const std::string url = text_at(request, "url").empty() ? location : text_at(request, "url");
        const any_value_message* code = response != nullptr ? find(*response, "statusCode") : nullptr;
        want.useful = !(method.empty() && text_at(&body, "command").empty()) && !url.empty() &&
                      (number_of(code) || !status.empty());
        want.protocol = "http";
        want.route = normalise_route(url);
    } else if (!signature.empty() || protocol == "postgres" || protocol == "mysql") {
        const std::string statement = signature.empty() ? location : signature;
        want.useful = !statement.empty();
        want.kind = model::operation_kind::db;
        want.protocol = "sql";
        want.route = normalise_sql(statement);
    } else {
        const std::string target = location.empty() ? text_at(request, "url") : location;
        want.useful = !target.empty() || !text_at(&body, "command").empty();
        want.protocol = protocol;
        if (protocol == "redis") {
            const std::string command = text_at(&body, "command");
            want.useful = (command.empty() ? location : command).find_first_not_of(' ') != std::string::npos;
            want.kind = model::operation_kind::db;
        }
    }
    return want;
}

void compare(const expected& want, const model::observation& seen, const model::operation_view& operation)
{
    EXPECT_EQ(operation.service, want.service);
    EXPECT_EQ(operation.kind, want.kind);
    if (want.protocol.size() <= protocol_bytes_max) {
        EXPECT_EQ(operation.protocol, want.protocol);
    }
    if (want.protocol == "http" || want.protocol == "sql") {
        EXPECT_EQ(operation.route, want.route);
    }
    EXPECT_EQ(seen.start_ns, want.start_ns);
    EXPECT_EQ(seen.duration_ns, want.duration_ns);
    EXPECT_EQ(seen.trace, want.trace);
    EXPECT_EQ(seen.replayed, want.replayed);
    EXPECT_EQ(seen.operation, model::operation_id(operation));
}

TEST(otlp_oracle, random_log_requests_mean_what_the_generated_types_say)
{
    random_requests random(11);
    std::size_t useful = 0;
    std::size_t useless = 0;
    for (int i = 0; i < requests_count && !HasFailure(); ++i) {
        const logs_request request = random.make_logs();
        const auto batch = decode_logs(std::make_shared<const std::string>(request.SerializeAsString()));
        ASSERT_TRUE(batch) << to_text(batch.error());
        std::size_t next = 0;
        std::size_t rejected = 0;
        for (const auto& entry : request.resource_logs()) {
            std::string service;
            for (const auto& attribute : entry.resource().attributes())
                service = attribute.value().string_value();
            for (const log_record& record : entry.scope_logs(0).log_records()) {
                const expected want = expect_log(record, service);
                if (!want.useful) {
                    ++rejected;
                    continue;
                }
                ASSERT_LT(next, batch->observations.size()) << record.ShortDebugString();
                const model::observation& seen = batch->observations[next++];
                compare(want, seen, batch->operations[seen.operation_index]);
                ASSERT_FALSE(HasFailure()) << record.ShortDebugString();
            }
        }
        ASSERT_EQ(next, batch->observations.size()) << request.ShortDebugString();
        ASSERT_EQ(rejected, batch->rejected);
        useful += next;
        useless += rejected;
    }
    EXPECT_GT(useful, 3000U);
    EXPECT_GT(useless, 3000U);
}

bool is_useful(const span_record& span)
{
    const bool ids = span.trace_id().size() == 16 && span.trace_id() != std::string(16, '\0');
    return ids && span.start_time_unix_nano() != 0 && span.start_time_unix_nano() <= INT64_MAX;
}

std::string last_text(const span_record& span, std::initializer_list<std::string_view> keys)
{
    std::string text;
    for (const auto& pair : span.attributes()) {
        if (std::find(keys.begin(), keys.end(), pair.key()) != keys.end())
            text = pair.value().string_value();
    }
    return text;
}

TEST(otlp_oracle, random_trace_requests_mean_what_the_generated_types_say)
{
    random_requests random(12);
    std::size_t useful = 0;
    for (int i = 0; i < requests_count; ++i) {
        const traces_request request = random.make_traces();
        const auto batch = decode_spans(std::make_shared<const std::string>(request.SerializeAsString()));
        ASSERT_TRUE(batch) << to_text(batch.error());
        std::size_t next = 0;
        for (const auto& entry : request.resource_spans()) {
            const std::string service = entry.resource().attributes_size() == 0
                                            ? std::string()
                                            : entry.resource().attributes(0).value().string_value();
            for (const span_record& span : entry.scope_spans(0).spans()) {
                if (!is_useful(span) || service.size() > service_bytes_max)
                    continue;
                ASSERT_LT(next, batch->observations.size());
                const model::observation& seen = batch->observations[next++];
                const model::operation_view& operation = batch->operations[seen.operation_index];
                ASSERT_EQ(seen.start_ns, static_cast<std::int64_t>(span.start_time_unix_nano()));
                ASSERT_EQ(seen.parent_span, span.parent_span_id().empty() ? 0U : seen.parent_span);
                const std::string system = last_text(span, {"db.system", "db.system.name"});
                const std::string statement = last_text(span, {"db.statement", "db.query.text"});
                const bool is_db = !system.empty() && span.kind() != span_record::SPAN_KIND_SERVER;
                ASSERT_EQ(operation.kind == model::operation_kind::db, is_db) << span.ShortDebugString();
                const bool failed = span.status().code() == otlp::trace::v1::Status::STATUS_CODE_ERROR;
                if (is_db) {
                    ASSERT_EQ(seen.outcome == outcome::server_error, failed) << span.ShortDebugString();
                    ASSERT_EQ(seen.detail_hash, statement.empty() ? 0 : hash64(statement)) << span.ShortDebugString();
                }
            }
        }
        ASSERT_EQ(next, batch->observations.size());
        useful += next;
    }
    EXPECT_GT(useful, 10'000U);
}

}  // namespace
}  // namespace reprise::telemetry
