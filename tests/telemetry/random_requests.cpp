#include "random_requests.hpp"

#include <cmath>

namespace reprise::telemetry {

std::string random_requests::any_text()
{
    switch (below(6)) {
    case 0: return "";
    case 1: return std::to_string(below(1'000'000));
    case 2: return "/orders/" + std::to_string(below(50)) + (chance(2) ? "?page=" + std::to_string(below(9)) : "");
    case 3: return "größe 図 " + std::string(below(300), 'x');
    case 4: return "select a from t where id = " + std::to_string(below(9)) + " and b in (1, 'two')";
    default: return std::string(1 + below(20), static_cast<char>('a' + below(26)));
    }
}

std::string random_requests::one_of(std::initializer_list<std::string_view> texts)
{
    return std::string(texts.begin()[below(texts.size())]);
}

any_value_message random_requests::any_value(int depth)
{
    any_value_message value;
    switch (below(depth > 0 ? 9 : 6)) {
    case 0: break;
    case 1: value.set_string_value(any_text()); break;
    case 2: value.set_bool_value(chance(2)); break;
    case 3: value.set_int_value(static_cast<std::int64_t>(chance(3) ? random_() : below(1000))); break;
    case 4: value.set_double_value(chance(9) ? NAN : static_cast<double>(below(100'000)) / 8); break;
    case 5: value.set_bytes_value(std::string(below(40), '\xf0')); break;
    case 6:
        value.mutable_array_value();
        for (std::size_t i = below(4); i > 0; --i)
            *value.mutable_array_value()->add_values() = any_value(depth - 1);
        break;
    default:
        value.mutable_kvlist_value();
        for (std::size_t i = below(4); i > 0; --i)
            set_key(*value.mutable_kvlist_value(), any_text(), any_value(depth - 1));
    }
    return value;
}

// A likely value most of the time.
any_value_message random_requests::pair_value(std::string_view key)
{
    if (chance(8))
        return any_value(2);
    if (key == "ts")
        return text_any(one_of({"2025-11-21T12:00:00.5Z", "2025-11-21T12:00:00+02:00", "never"}));
    if (key == "l7protocol")
        return text_any(one_of({"http", "https", "json", "postgres", "mysql", "grpc", "redis", ""}));
    if (key == "direction")
        return text_any(one_of({"IN", "OUT", ""}));
    if (key == "duration")
        return chance(2) ? real_any(static_cast<double>(below(1000)) / 8) : int_any(static_cast<int>(below(900)));
    if (key == "status")
        return text_any(one_of({"OK", "ERROR", "404 Not Found", "14", ""}));
    if (key == "traceId")
        return text_any(one_of({"0af7651916cd43dd8448eb211c80319c", "none", ""}));
    if (key == "http") {
        const std::string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        const auto headers = kvlist_any({{one_of({"traceparent", "Host", "X-Replay"}), text_any(parent)}});
        const auto request = kvlist_any(
            {{"method", text_any(one_of({"GET", "post", "", "BREW"}))},
             {"url", text_any(any_text())},
             {"headers", headers}}
        );
        const auto response = kvlist_any({{"statusCode", int_any(static_cast<int>(below(7)) * 100)}});
        return kvlist_any({{"request", request}, {"response", response}});
    }
    return text_any(any_text());
}

log_record random_requests::any_log()
{
    log_record record;
    if (chance(2))
        record.set_time_unix_nano(static_cast<std::uint64_t>(noon_ns) + below(1'000'000'000));
    if (chance(3))
        record.set_observed_time_unix_nano(chance(5) ? ~0ULL : below(1'000'000'000));
    if (chance(3))
        record.set_trace_id(id_bytes(16, static_cast<unsigned char>(below(9))));
    if (chance(3))
        record.set_span_id(id_bytes(8, static_cast<unsigned char>(below(9))));
    record.set_severity_text(any_text());
    for (std::size_t i = below(3); i > 0; --i) {
        auto* attribute = record.add_attributes();
        attribute->set_key(one_of({"service", "namespace", "tag.x"}));
        *attribute->mutable_value() = any_value(1);
    }
    if (chance(10)) {
        *record.mutable_body() = any_value(3);
        return record;
    }
    for (const std::string_view key : {"msgType", "ts", "l7protocol", "direction", "duration", "command", "location",
                                       "status", "service", "traceId", "spanId", "http", "mutableSignature", "tech"}) {
        if (chance(6))
            continue;
        set_key(body_of(record), key, key == "msgType" ? text_any(chance(9) ? "other" : "rrpair") : pair_value(key));
    }
    return record;
}

span_record random_requests::any_span()
{
    span_record span = plain_span(static_cast<span_record::SpanKind>(below(6)), any_text());
    if (chance(9))
        span.set_start_time_unix_nano(chance(2) ? 0 : ~0ULL);
    if (chance(9))
        span.set_trace_id(chance(2) ? "" : std::string(16, '\0'));
    if (chance(3))
        span.set_parent_span_id(id_bytes(8, static_cast<unsigned char>(below(9))));
    if (chance(3))
        span.mutable_status()->set_code(otlp::trace::v1::Status::STATUS_CODE_ERROR);
    for (std::size_t i = below(8); i > 0; --i) {
        const std::string key = one_of(
            {"http.request.method", "http.method", "http.response.status_code", "http.status_code", "url.path",
             "http.target", "http.url", "url.full", "http.route", "db.system", "db.system.name", "db.statement",
             "db.query.text", "rpc.system", "rpc.method", "messaging.system", "http.request.header.x-replay", "other"}
        );
        set_attribute(span, key, chance(4) ? any_value(2) : text_any(any_text()));
    }
    for (std::size_t i = below(2); i > 0; --i)
        span.add_events()->set_name(any_text());
    return span;
}

logs_request random_requests::make_logs()
{
    logs_request request;
    for (std::size_t r = below(3); r > 0; --r) {
        logs_request one = request_of(std::initializer_list<log_record>{}, any_text());
        auto* entry = request.add_resource_logs();
        *entry = one.resource_logs(0);
        for (std::size_t i = below(12); i > 0; --i)
            *entry->mutable_scope_logs(0)->add_log_records() = any_log();
        entry->set_schema_url(any_text());
    }
    return request;
}

traces_request random_requests::make_traces()
{
    traces_request request;
    for (std::size_t r = below(3); r > 0; --r) {
        traces_request one = request_of(std::initializer_list<span_record>{}, any_text());
        auto* entry = request.add_resource_spans();
        *entry = one.resource_spans(0);
        for (std::size_t i = below(12); i > 0; --i)
            *entry->mutable_scope_spans(0)->add_spans() = any_span();
    }
    return request;
}

}  // namespace reprise::telemetry
