#include "reprise/telemetry/trace_spans.hpp"

#include "call.hpp"
#include "json_value.hpp"
#include "redactor.hpp"
#include "secret_names.hpp"
#include "text_class.hpp"
#include "utf8.hpp"
#include "wire_value.hpp"

#include "reprise/base/hash.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace reprise::telemetry {
namespace {

constexpr std::size_t digest_digits = 16;
constexpr std::string_view request_headers = "http.request.header.";
constexpr std::string_view response_headers = "http.response.header.";

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> names) noexcept
{
    return std::find(names.begin(), names.end(), key) != names.end();
}

bool is_url(std::string_view key) noexcept
{
    return is_one_of(key, {"url.full", "http.url", "http.target", "url.path", "url.query", "http.route"});
}

bool is_statement(std::string_view key) noexcept
{
    return is_one_of(key, {"db.statement", "db.query.text"});
}

// Redacts and cuts the attributes of one span.
class attribute_writer {
public:
    attribute_writer(const span_writing& how, const model::operation_key& of)
        : how_(how), redactor_(how.key, how.rules, of, nullptr)
    {
    }

    std::string name(std::string_view text)
    {
        return cut(redactor_.text(repair_utf8(text), "span"));
    }

    std::string message(std::string_view text)
    {
        return redactor_.text(repair_utf8(text), "message");
    }

    boost::json::object attribute(const key_value& pair, wire_fault& fault)
    {
        const any_value value = read_any_value(pair.value, fault);
        const bool is_text = value.kind == value_kind::text;
        const std::string said = is_text ? std::string() : text_of(value, fault);
        const std::string_view whole = is_text ? value.bytes : std::string_view(said);
        boost::json::object json;
        json["key"] = name(pair.key);
        const bool is_secret = !secret_type(pair.key).empty();
        const std::string looked_at = repair_utf8(cut_utf8(whole, how_.limits.redacted_bytes_max));
        json["value"] = cut(redacted(pair.key, looked_at, value.kind));
        json["bytes"] = whole.size();
        if (whole.size() > how_.limits.value_bytes_max && !is_secret)
            json["sha256"] = sha256_hex(whole).substr(0, digest_digits);
        return json;
    }

private:
    static std::string_view last_part(std::string_view key) noexcept
    {
        const auto dot = key.rfind('.');
        return dot == std::string_view::npos ? key : key.substr(dot + 1);
    }

    // What the attribute's name says that it holds. Those of agents count tokens, which are no secrets.
    std::string_view secret_type(std::string_view key) const
    {
        const std::string_view type = redactor_.secret_name(last_part(key));
        const bool is_agents = key.starts_with("ati.") || key.starts_with("gen_ai.");
        return !type.empty() || is_agents ? type : redactor_.secret_name(key);
    }

    static std::string text_of(const any_value& value, wire_fault& fault)
    {
        if (value.kind == value_kind::none)
            return {};
        if (value.kind == value_kind::bytes)
            return "(" + std::to_string(value.bytes.size()) + " bytes)";
        return boost::json::serialize(decode_any_value(value, fault));
    }

    std::string cut(std::string text) const
    {
        if (text.size() > how_.limits.value_bytes_max)
            text.resize(cut_utf8(text, how_.limits.value_bytes_max).size());
        return text;
    }

    std::string header(std::string_view name, std::string_view value)
    {
        return redactor_.header(name, value, "request.header." + std::string(name));
    }

    std::string redacted(std::string_view key, std::string_view value, value_kind kind)
    {
        if (key.starts_with(request_headers))
            return header(key.substr(request_headers.size()), value);
        if (key.starts_with(response_headers))
            return header(key.substr(response_headers.size()), value);
        const std::string_view type = secret_type(key);
        const bool is_number = kind == value_kind::integer || kind == value_kind::real;
        if (is_number)
            return !type.empty() || is_secret_number(value) ? redactor_.number(value) : std::string(value);
        if (!type.empty() && kind != value_kind::boolean)
            return redactor_.token(type, value);
        if (is_statement(key))
            return redactor_.text(redactor_.sql(value, "statement"), "statement");
        if (is_url(key))
            return url(key, value);
        return body(value);
    }

    std::string url(std::string_view key, std::string_view value)
    {
        if (key == "url.query")
            return redactor_.form(value.starts_with('?') ? value.substr(1) : value, "request.query");
        const auto authority = value.find("://");
        const auto path =
            authority == std::string_view::npos ? 0 : std::min(value.find('/', authority + 3), value.size());
        return redactor_.text(value.substr(0, path), "host") + redactor_.path(value.substr(path));
    }

    // A text that looks like JSON or a form is one, as in bodies; cut short, it is read as far as it goes.
    std::string body(std::string_view value)
    {
        const auto first = std::find_if_not(value.begin(), value.end(), is_space);
        if (first != value.end() && (*first == '{' || *first == '['))
            return redactor_.json(value, "request.body");
        return is_form(value, {}) ? redactor_.form(value, "request.body") : redactor_.text(value, "request.body");
    }

    const span_writing& how_;
    redactor redactor_;
};

void add_attributes(
    std::string_view message, std::uint32_t tag, const span_writing& how, attribute_writer& writer,
    boost::json::object& into, wire_fault& fault
)
{
    boost::json::array attributes;
    std::size_t left_out = 0;
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag != tag)
            continue;
        if (attributes.size() < how.limits.attributes_max)
            attributes.push_back(writer.attribute(read_key_value(field.bytes, fault), fault));
        else
            ++left_out;
    }
    into["attributes"] = std::move(attributes);
    if (left_out > 0)
        into["attributes_left_out"] = left_out;
}

boost::json::object event_to_json(
    std::string_view message, std::string_view name, const span_writing& how, attribute_writer& writer,
    wire_fault& fault
)
{
    boost::json::object event;
    std::uint64_t time_ns = 0;
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag == fixed64_tag(1))
            time_ns = field.number;
    }
    event["name"] = writer.name(name);
    // Modulo 2^64: a time that makes no sense must not overflow.
    event["at_ns"] = static_cast<std::int64_t>(time_ns - static_cast<std::uint64_t>(how.trace_start_ns));
    add_attributes(message, bytes_tag(3), how, writer, event, fault);
    return event;
}

std::string_view event_name(std::string_view message, wire_fault& fault) noexcept
{
    std::string_view name;
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag == bytes_tag(2))
            name = field.bytes;
    }
    return name;
}

void add_events(
    std::string_view span, const span_writing& how, attribute_writer& writer, boost::json::object& into,
    wire_fault& fault
)
{
    boost::json::array events;
    std::size_t left_out = 0;
    wire_cursor cursor(span, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag != bytes_tag(11))
            continue;
        const std::string_view name = event_name(field.bytes, fault);
        if (name == "token")
            continue;
        if (events.size() < how.limits.events_max)
            events.push_back(event_to_json(field.bytes, name, how, writer, fault));
        else
            ++left_out;
    }
    if (!events.empty())
        into["events"] = std::move(events);
    if (left_out > 0)
        into["events_left_out"] = left_out;
}

void add_names(const model::trace_span& read, attribute_writer& writer, boost::json::object& json)
{
    const auto add = [&](std::string_view member, std::string_view text) {
        if (!text.empty())
            json[member] = writer.name(text);
    };
    add("agent", read.agent);
    add("tool", read.tool);
    add("error_type", read.error_type);
    if (!read.error_message.empty())
        json["error_message"] = writer.message(read.error_message);
}

void add_numbers(const model::trace_span& read, boost::json::object& json)
{
    const auto add = [&](std::string_view member, std::int32_t number) {
        if (number >= 0)
            json[member] = number;
    };
    if (read.status != 0)
        json["status"] = read.status;
    add("attempt", read.attempt);
    add("step", read.step);
    add("index", read.index);
}

}  // namespace

boost::json::object span_to_json(std::string_view span, const model::trace_span& read, const span_writing& how)
{
    model::operation_key operation;
    operation.source = model::source::span;
    operation.kind = read.kind;
    operation.service = read.service;
    attribute_writer writer(how, operation);

    boost::json::object json;
    json["id"] = model::span_to_hex(read.id);
    if (read.parent != 0)
        json["parent"] = model::span_to_hex(read.parent);
    json["name"] = writer.name(read.name);
    json["service"] = writer.name(read.service);
    json["role"] = to_text(read.role);
    json["kind"] = to_text(read.kind);
    json["start_ns"] = read.start_ns - how.trace_start_ns;
    json["duration_ns"] = std::max<std::int64_t>(read.end_ns - read.start_ns, 0);
    json["failed"] = read.failed;
    add_names(read, writer, json);
    add_numbers(read, json);
    if (!how.with_attributes) {
        json["cut"] = true;
        return json;
    }
    wire_fault fault;
    add_attributes(span, bytes_tag(9), how, writer, json, fault);
    add_events(span, how, writer, json, fault);
    return json;
}

}  // namespace reprise::telemetry
