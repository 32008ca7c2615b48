#include "json_text.hpp"
#include "render.hpp"

#include "reprise/telemetry/curl.hpp"

namespace json = boost::json;

namespace reprise::http {
namespace {

json::array render_headers(const model::header_list& headers)
{
    json::array out;
    for (const auto& [name, value] : headers)
        out.push_back(json::array{json::string(name), json::string(value)});
    return out;
}

}  // namespace

json::object render_evidence(const model::evidence& evidence)
{
    json::object out;
    out["id"] = evidence.id;
    out["signal_id"] = evidence.signal_id;
    out["service"] = evidence.service;
    out["fingerprint"] = evidence.fingerprint;
    out["window_start_at"] = time_value(evidence.window_start_ns);
    out["created_at"] = time_value(evidence.created_ns);
    out["bytes"] = evidence.bytes;
    out["sha256"] = evidence.sha256;
    out["failing"] = evidence.failing;
    out["control"] = evidence.control;
    out["cut"] = evidence.cut;
    if (evidence.expired_ns)
        out["expired_at"] = time_value(*evidence.expired_ns);
    return out;
}

json::object render_exchange(const model::evidence_item& item, std::size_t index, std::string_view base_url)
{
    const model::exchange& exchange = item.exchange;
    json::object out;
    out["index"] = index;
    out["role"] = model::to_text(item.role);
    out["reason"] = item.reason;
    out["direction"] = exchange.direction == model::direction::in ? "in" : "out";
    out["method"] = exchange.method;
    out["path"] = exchange.path;
    out["statement"] = exchange.statement;
    out["host"] = exchange.host;
    out["status"] = exchange.status;
    out["outcome"] = model::to_text(exchange.outcome);
    out["start_at"] = time_value(exchange.start_ns);
    out["duration_ms"] = to_ms(exchange.duration_ns);
    out["trace_id"] = model::to_hex(exchange.trace);
    out["request_headers"] = render_headers(exchange.request_headers);
    out["response_headers"] = render_headers(exchange.response_headers);
    out["request_body"] = exchange.request_body;
    out["response_body"] = exchange.response_body;
    out["message"] = exchange.message;
    out["redacted_fields"] = json::array(exchange.redacted_fields.begin(), exchange.redacted_fields.end());
    const bool can_be_sent = exchange.complete && !base_url.empty();
    out["curl"] = can_be_sent ? telemetry::to_curl(exchange, base_url) : std::string();
    return out;
}

}  // namespace reprise::http
