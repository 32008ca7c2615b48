#include "call.hpp"

#include "normalise_append.hpp"
#include "number_text.hpp"
#include "utf8.hpp"

#include "reprise/telemetry/otlp_decode.hpp"

#include <algorithm>
#include <bit>
#include <iterator>

namespace reprise::telemetry {
namespace {

constexpr std::string_view http_methods[] = {
    "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE"};

constexpr std::string_view grpc_codes[] = {
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
    "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"};

constexpr std::string_view sql_systems[] = {
    "postgres", "postgresql", "mysql", "mariadb", "sqlite", "sql", "other_sql", "mssql", "microsoft.sql_server",
    "oracle", "oracle.db", "cockroachdb", "db2", "ibm.db2", "h2", "h2database", "hsqldb", "derby", "clickhouse",
    "redshift", "aws.redshift", "snowflake", "trino", "teradata", "gcp.spanner", "spanner"};

char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

char upper(char c) noexcept
{
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

bool is_token(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        constexpr std::string_view signs = "!#$%&'*+-.^_`|~";
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               signs.find(c) != std::string_view::npos;
    });
}

std::string_view http_method(std::string_view raw, std::string& scratch)
{
    for (const std::string_view known : http_methods) {
        if (is_same_text(raw, known))
            return known;
    }
    if (raw.size() > method_bytes_max || !is_token(raw))
        return "_OTHER";
    scratch.assign(raw);
    std::transform(scratch.begin(), scratch.end(), scratch.begin(), upper);
    return scratch;
}

// Whether a URL begins so, and not a statement or a query that holds one. `end`: of "://", or npos.
bool is_scheme(std::string_view url, std::size_t end) noexcept
{
    constexpr std::size_t bytes_max = 32;
    if (end == std::string_view::npos || end == 0 || end > bytes_max)
        return false;
    return std::all_of(url.begin(), url.begin() + static_cast<std::ptrdiff_t>(end), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
               c == '.';
    });
}

std::uint64_t load_big_endian(const char* bytes) noexcept
{
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
}

void check_utf8(std::string_view text, const char* reason, wire_fault& fault) noexcept
{
    if (!fault && !is_utf8(text))
        fault = {text.data(), reason};
}

}  // namespace

model::operation_view operation_text::normalise(const call_view& call)
{
    model::operation_view view{call.source, call.kind, call.service, {}, {}, {}};
    protocol_.assign(cut_utf8(call.protocol, protocol_bytes_max));
    std::transform(protocol_.begin(), protocol_.end(), protocol_.begin(), lower);
    view.protocol = protocol_;

    route_.clear();
    switch (call.form) {
    case target_form::path:
        append_route(route_, call.target);
        view.method = http_method(call.method, method_);
        break;
    case target_form::sql:
        append_sql(route_, call.target);
        method_.clear();
        append_sql_verb(method_, call.target);
        view.method = method_;
        break;
    case target_form::sql_step:
        append_sql(route_, call.target);
        method_.assign(cut_utf8(call.method, method_bytes_max));
        view.method = method_;
        break;
    case target_form::key:
        append_key(route_, cut_utf8(call.target, route_bytes_max));
        method_.assign(cut_utf8(call.method, method_bytes_max));
        std::transform(method_.begin(), method_.end(), method_.begin(), upper);
        view.method = method_;
        break;
    case target_form::name:
        append_message(route_, cut_utf8(call.target, route_bytes_max));
        method_.assign(cut_utf8(call.method, method_bytes_max));
        view.method = method_;
        break;
    }
    view.route = route_;
    return view;
}

void check_names(const call_view& call, wire_fault& fault) noexcept
{
    check_utf8(call.service, "the service name is not UTF-8", fault);
    check_utf8(call.protocol, "the protocol is not UTF-8", fault);
    check_utf8(call.method, "the method is not UTF-8", fault);
    check_utf8(call.target, "the path, statement or name is not UTF-8", fault);
}

std::string_view path_and_query(std::string_view url) noexcept
{
    const auto ends_authority = [](char c) { return c == '/' || c == '?' || c == '#'; };
    if (!url.starts_with('/')) {
        const auto scheme = url.find("://");
        if (is_scheme(url, scheme)) {
            // find_first_of() calls memchr for every character.
            url.remove_prefix(scheme + 3);
            const auto path = std::find_if(url.begin(), url.end(), ends_authority);
            url.remove_prefix(static_cast<std::size_t>(path - url.begin()));
        }
    }
    return url.substr(0, url.find('#'));
}

std::string_view without_query(std::string_view path) noexcept
{
    return path.substr(0, path.find('?'));
}

std::string_view last_segment(std::string_view path) noexcept
{
    return path.substr(path.rfind('/') + 1);
}

std::string_view authority_of(std::string_view url) noexcept
{
    const auto scheme = url.find("://");
    if (!is_scheme(url, scheme))
        return {};
    url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    const auto user = url.rfind('@');
    return user == std::string_view::npos ? url : url.substr(user + 1);
}

model::outcome outcome_of_http(std::uint16_t status) noexcept
{
    if (status == 429)
        return model::outcome::throttled;
    if (status == 499)
        return model::outcome::cancelled;
    if (status == 0 || status >= 500)
        return model::outcome::server_error;
    return status >= 400 ? model::outcome::client_error : model::outcome::ok;
}

model::outcome outcome_of_grpc(std::uint64_t code) noexcept
{
    switch (code) {
    case 0: return model::outcome::ok;
    case 1: return model::outcome::cancelled;
    case 8: return model::outcome::throttled;
    case 3:
    case 5:
    case 6:
    case 7:
    case 9:
    case 10:
    case 11:
    case 16: return model::outcome::client_error;
    default: return model::outcome::server_error;
    }
}

std::optional<std::uint64_t> find_grpc_code(std::string_view text) noexcept
{
    if (const auto number = find_number<std::uint64_t>(text))
        return number;
    for (std::size_t code = 0; code < std::size(grpc_codes); ++code) {
        if (is_same_text(text, grpc_codes[code]))
            return code;
    }
    return std::nullopt;
}

bool is_sql_system(std::string_view name) noexcept
{
    return std::any_of(std::begin(sql_systems), std::end(sql_systems), [name](std::string_view known) {
        return is_same_text(name, known);
    });
}

bool is_same_text(std::string_view a, std::string_view b) noexcept
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

model::trace_id read_trace_id(std::string_view bytes, wire_fault& fault) noexcept
{
    if (bytes.empty())
        return {};
    if (bytes.size() != 16) {
        if (!fault)
            fault = {bytes.data(), "a trace id must be 16 bytes"};
        return {};
    }
    return {load_big_endian(bytes.data()), load_big_endian(bytes.data() + 8)};
}

std::uint64_t read_span_id(std::string_view bytes, wire_fault& fault) noexcept
{
    if (bytes.empty())
        return 0;
    if (bytes.size() != 8) {
        if (!fault)
            fault = {bytes.data(), "a span id must be 8 bytes"};
        return 0;
    }
    return load_big_endian(bytes.data());
}

}  // namespace reprise::telemetry
