#include "rrpair_protocol.hpp"

#include "number_text.hpp"
#include "text_class.hpp"

#include "reprise/telemetry/exchange_parse.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace reprise::telemetry {
namespace {

constexpr std::uint64_t grpc_code_max = 16;
using name_list = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view text, name_list names) noexcept
{
    return std::any_of(names.begin(), names.end(), [text](std::string_view name) { return is_same_text(text, name); });
}

// Recorders write N/A where they have nothing.
std::string_view said(std::string_view text) noexcept
{
    return is_same_text(text, "n/a") ? std::string_view() : text;
}

bool starts_with_word(std::string_view text, std::string_view word) noexcept
{
    return text.size() >= word.size() && is_same_text(text.substr(0, word.size()), word);
}

std::string_view first_word(std::string_view text) noexcept
{
    const auto begin = std::min(text.find_first_not_of(' '), text.size());
    return text.substr(begin, text.find(' ', begin) - begin);
}

std::string_view behind_word(std::string_view text) noexcept
{
    const std::string_view word = first_word(text);
    if (word.empty())
        return {};
    return text.substr(static_cast<std::size_t>(word.data() - text.data()) + word.size());
}

// The first value under one of the names that `accept` likes, by depth first. Rows of results are not
// looked into.
template <class Accept>
bool find_nested(const any_value& value, name_list names, std::size_t depth, wire_fault& fault, Accept accept) noexcept
{
    if (depth > value_depth_max || fault)
        return false;
    bool found = false;
    if (value.kind == value_kind::array) {
        wire_cursor cursor(value.bytes, fault);
        for (wire_field field; !found && cursor.next(field);) {
            if (field.tag == bytes_tag(1))
                found = find_nested(read_any_value(field.bytes, fault), names, depth + 1, fault, accept);
        }
    } else if (value.kind == value_kind::kvlist) {
        for_each_pair(value.bytes, fault, [&](std::string_view key, std::string_view inner) {
            if (found || is_one_of(key, {"dataRow", "rows", "rowDescription", "records"}))
                return;
            const any_value item = read_any_value(inner, fault);
            found = (is_one_of(key, names) && accept(item)) || find_nested(item, names, depth + 1, fault, accept);
        });
    }
    return found;
}

// Parts are looked at for what they may say; a damaged one says nothing.
std::string_view find_text(std::string_view part, name_list names) noexcept
{
    std::string_view text;
    wire_fault fault;
    if (!part.empty()) {
        find_nested(read_any_value(part, fault), names, 0, fault, [&text](const any_value& value) {
            text = said(value.text());
            return !text.empty();
        });
    }
    return fault ? std::string_view() : text;
}

std::int64_t find_error_code(std::string_view part) noexcept
{
    std::int64_t code = 0;
    wire_fault fault;
    if (!part.empty()) {
        const any_value whole = read_any_value(part, fault);
        find_nested(whole, {"errorCode", "error_code"}, 0, fault, [&code](const any_value& value) {
            if (value.kind == value_kind::integer)
                code = value.integer();
            else if (value.kind == value_kind::real && value.real() >= -1 && value.real() < 1000)
                code = static_cast<std::int64_t>(value.real());
            else
                code = find_number<std::int64_t>(value.text()).value_or(0);
            return code != 0;
        });
    }
    return fault ? 0 : code;
}

// An object or a text under "error"; what is null or empty is none.
std::string_view find_part_error(std::string_view part) noexcept
{
    std::string_view text;
    wire_fault fault;
    if (part.empty())
        return text;
    find_nested(read_any_value(part, fault), {"error", "errorResponse"}, 0, fault, [&](const any_value& value) {
        text = value.text();
        if (value.kind == value_kind::kvlist) {
            find_nested(value, {"message", "msg", "errorMessage"}, 0, fault, [&text](const any_value& inner) {
                text = inner.text();
                return !text.empty();
            });
            if (text.empty() && !value.bytes.empty())
                text = "error";
        }
        return !text.empty();
    });
    return fault ? std::string_view() : text;
}

model::outcome outcome_of_status(const log_fields& fields) noexcept
{
    const bool failed = !fields.status.empty() && !is_ok_status(fields.status);
    return failed || !find_part_error(fields.protocol_part).empty() ? model::outcome::server_error : model::outcome::ok;
}

// Steps around the execution of a statement have its text, too: they are operations of their own, so
// that one execution is counted once.
bool is_statement_step(std::string_view command) noexcept
{
    constexpr std::string_view mysql_prefix = "com_stmt_";
    if (starts_with_word(command, mysql_prefix))
        command.remove_prefix(mysql_prefix.size());
    constexpr std::array<std::string_view, 8> steps = {"prepare", "parse", "bind",  "describe",
                                                       "close",   "reset", "flush", "sync"};
    return std::any_of(steps.begin(), steps.end(), [command](std::string_view step) {
        return starts_with_word(command, step);
    });
}

std::optional<errc> interpret_sql(const log_fields& fields, call_view& call) noexcept
{
    call.kind = model::operation_kind::db;
    call.protocol = "sql";
    call.outcome = outcome_of_status(fields);
    const std::string_view location = said(fields.location);
    const std::string_view statement =
        !location.empty() ? location : find_text(fields.protocol_part, {"query", "statement", "sql"});
    call.target = fields.signature.empty() ? statement : fields.signature;
    call.detail = statement.empty() ? fields.signature : statement;
    if (!call.target.empty()) {
        call.form = is_statement_step(fields.command) ? target_form::sql_step : target_form::sql;
        call.method = call.form == target_form::sql_step ? fields.command : std::string_view();
        return std::nullopt;
    }
    if (fields.command.empty() || fields.location.empty())
        return errc::no_statement;
    call.form = target_form::name;  // "Startup", "SSL Request": N/A says that there is none.
    call.method = fields.command;
    return std::nullopt;
}

// "GET", location "user:17"; "get user:17"; location "SET user:17 x EX 5".
std::optional<errc> interpret_key_value(const log_fields& fields, call_view& call) noexcept
{
    call.kind = model::operation_kind::db;
    call.form = target_form::key;
    call.outcome = outcome_of_status(fields);
    const std::string_view location = said(fields.location);
    std::string_view command = said(fields.command);
    if (command.empty())
        command = find_text(fields.protocol_part, {"command", "cmd"});
    if (command.empty())
        command = location;
    call.method = first_word(command);
    if (call.method.empty())
        return errc::no_method;
    std::string_view arguments = location.empty() ? behind_word(command) : location;
    if (is_same_text(first_word(arguments), call.method))
        arguments = behind_word(arguments);
    if (!is_one_of(call.method, {"eval", "evalsha", "auth", "hello", "config", "script"}))
        call.target = first_word(arguments);  // Values behind the key are nobody's name.
    call.detail = call.target;
    return std::nullopt;
}

// "Queue: demo-queue", "Topic: orders" name the destination; a consumer tag is none.
std::string_view destination_in(std::string_view location) noexcept
{
    const auto colon = location.find(": ");
    if (colon == std::string_view::npos)
        return location;
    const bool named = is_one_of(location.substr(0, colon), {"queue", "topic", "exchange", "routing key", "subject"});
    return named ? location.substr(colon + 2) : std::string_view();
}

std::optional<errc> interpret_messaging(const log_fields& fields, call_view& call) noexcept
{
    call.kind = model::operation_kind::messaging;
    call.method = said(fields.command);
    call.target = destination_in(said(fields.location));
    if (call.target.empty())
        call.target = find_text(fields.protocol_part, {"topic", "topicName", "name", "queue", "routingKey"});
    if (call.method.empty() && call.target.empty())
        return errc::no_method;
    call.outcome = outcome_of_status(fields);
    if (call.outcome == model::outcome::ok && find_error_code(fields.protocol_part) != 0)
        call.outcome = model::outcome::server_error;
    return std::nullopt;
}

std::optional<errc> interpret_other(const log_fields& fields, protocol_form form, call_view& call) noexcept
{
    call.method = said(fields.command);
    call.target = said(fields.location);
    if (call.target.empty())
        call.target = fields.http_url;
    if (call.method.empty() && call.target.empty())
        return errc::no_method;
    if (form == protocol_form::document)
        call.kind = model::operation_kind::db;
    call.outcome = outcome_of_status(fields);
    return std::nullopt;
}

// "/package.Service/Method", alone or in a URL.
std::string_view method_path(std::string_view text) noexcept
{
    std::string_view path = without_query(path_and_query(text));
    if (path.starts_with('/'))
        path.remove_prefix(1);
    return path;
}

std::optional<std::uint64_t> find_status_header(std::string_view message) noexcept
{
    std::optional<std::uint64_t> code;
    wire_fault fault;
    if (message.empty())
        return code;
    const any_value value = read_any_value(message, fault);
    find_nested(value, {"grpc-status", "grpcStatus"}, 0, fault, [&](const any_value& header) {
        code = find_grpc_code(first_text(header, fault));
        if (!code && header.kind == value_kind::integer)
            code = header.number;
        return code.has_value();
    });
    return code;
}

// As gRPC's own mapping has it, for answers of proxies in between.
std::uint16_t grpc_code_of_http(std::uint64_t status) noexcept
{
    switch (status) {
    case 400: return 13;
    case 401: return 16;
    case 403: return 7;
    case 404: return 12;
    case 429:
    case 502:
    case 503:
    case 504: return 14;
    default: return status >= 200 && status < 300 ? 0 : 2;
    }
}

// What the trailer says counts; then the status of the record, a code or a name; then HTTP.
void read_grpc_status(const log_fields& fields, call_view& call) noexcept
{
    std::optional<std::uint64_t> code = find_status_header(fields.http_response);
    if (!code)
        code = find_status_header(fields.protocol_part);
    if (!code)
        code = find_grpc_code(fields.status);
    const bool failed = !fields.status.empty() && !is_ok_status(fields.status);
    if (code) {
        call.status = *code <= grpc_code_max ? static_cast<std::uint16_t>(*code) : grpc_code_of_http(*code);
        call.outcome = outcome_of_grpc(call.status);
    } else {
        call.outcome = failed ? model::outcome::server_error : model::outcome::ok;
    }
}

}  // namespace

bool is_ok_status(std::string_view status) noexcept
{
    return is_same_text(status, "ok") || is_same_text(status, "success");
}

bool says_nothing(std::string_view status) noexcept
{
    return is_ok_status(status) || is_same_text(status, "error") || status.empty();
}

std::string_view find_error_text(const log_fields& fields) noexcept
{
    return find_part_error(fields.protocol_part);
}

bool is_grpc_over_http(const log_fields& fields) noexcept
{
    return starts_with_word(fields.content_type, "application/grpc");
}

std::optional<errc> interpret_grpc(const log_fields& fields, call_view& call) noexcept
{
    call.protocol = "grpc";
    call.form = target_form::name;
    call.method = fields.command;
    for (const std::string_view text : {said(fields.location), fields.http_uri, fields.http_url, fields.command}) {
        call.target = method_path(text);
        if (call.target.find('/') != std::string_view::npos) {
            call.method = last_segment(call.target);
            read_grpc_status(fields, call);
            return std::nullopt;
        }
    }
    call.target = said(fields.location).empty() ? fields.http_url : said(fields.location);
    if (call.target.empty() && call.method.empty())
        return errc::no_method;
    read_grpc_status(fields, call);
    return std::nullopt;
}

std::optional<errc> interpret_protocol(
    const log_fields& fields, const protocol_entry& protocol, call_view& call
) noexcept
{
    call.protocol = protocol.canonical;
    if (!fields.signature.empty())
        return interpret_sql(fields, call);
    switch (protocol.form) {
    case protocol_form::sql: return interpret_sql(fields, call);
    case protocol_form::grpc: return interpret_grpc(fields, call);
    case protocol_form::key_value: return interpret_key_value(fields, call);
    case protocol_form::messaging: return interpret_messaging(fields, call);
    case protocol_form::http:
    case protocol_form::document:
    case protocol_form::unknown: break;
    }
    return interpret_other(fields, protocol.form, call);
}

}  // namespace reprise::telemetry
