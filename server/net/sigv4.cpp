#include "reprise/net/sigv4.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/time_text.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace reprise::net {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

bool is_unreserved(char c) noexcept
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

// 20150830T123600Z.
std::string amz_time(std::int64_t now_ns)
{
    const std::string text = format_rfc3339(now_ns);
    std::string out;
    for (const char c : text.substr(0, text.find('.'))) {
        if (c != '-' && c != ':')
            out += c;
    }
    return out + "Z";
}

std::string scope_text(const sigv4_scope& scope, std::string_view time)
{
    return std::string(time.substr(0, 8)) + "/" + scope.region + "/" + scope.service + "/aws4_request";
}

// Without empty and dot segments; ".." takes the one before away, at the root nothing.
std::string normalise_path(std::string_view path)
{
    std::vector<std::string_view> kept;
    bool ends_with_slash = true;
    while (!path.empty()) {
        const auto slash = path.find('/');
        const std::string_view segment = path.substr(0, slash);
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
        if (segment == ".." && !kept.empty())
            kept.pop_back();
        ends_with_slash = segment.empty() || segment == "." || segment == ".." || slash != std::string_view::npos;
        if (!segment.empty() && segment != "." && segment != "..")
            kept.push_back(segment);
    }
    std::string out;
    for (const std::string_view segment : kept)
        out.append("/").append(segment);
    return ends_with_slash || out.empty() ? out + "/" : out;
}

std::string canonical_path(std::string_view path, sigv4_rule rule)
{
    if (rule == sigv4_rule::s3)
        return path.empty() ? "/" : std::string(path);
    return escape_uri(normalise_path(path), true);
}

std::string escaped_again(std::string_view text)
{
    const auto plain = percent_decode(text, false);
    return escape_uri(plain ? std::string_view(*plain) : text, false);
}

std::string canonical_query(std::string_view query)
{
    std::vector<std::pair<std::string, std::string>> fields;
    while (!query.empty()) {
        const auto end = query.find('&');
        const std::string_view field = query.substr(0, end);
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
        if (field.empty())
            continue;
        const auto equals = field.find('=');
        const std::string_view value = equals == std::string_view::npos ? "" : field.substr(equals + 1);
        fields.emplace_back(escaped_again(field.substr(0, equals)), escaped_again(value));
    }
    std::sort(fields.begin(), fields.end());
    std::string out;
    for (const auto& [name, value] : fields)
        out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
    return out;
}

// Without spaces at the ends, runs of them as one.
std::string trimmed(std::string_view value)
{
    std::string out;
    for (const char c : value) {
        const bool is_space = c == ' ' || c == '\t';
        if (!is_space)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

std::map<std::string, std::string> canonical_headers(const client_request& req)
{
    std::map<std::string, std::string> headers = {{"host", req.url.authority()}};
    for (const auto& [name, value] : req.headers) {
        const std::string key = lower(name);
        if (key == "host" || key == "authorization")
            continue;
        const auto [at, fresh] = headers.emplace(key, trimmed(value));
        if (!fresh)
            at->second.append(",").append(trimmed(value));
    }
    return headers;
}

std::string signed_names(const std::map<std::string, std::string>& headers)
{
    std::string names;
    for (const auto& [name, value] : headers)
        names.append(names.empty() ? "" : ";").append(name);
    return names;
}

std::string_view view(const sha256_digest& digest)
{
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string signature(
    const aws_credentials& keys, const sigv4_scope& scope, std::string_view time, std::string_view text
)
{
    const auto date_key = hmac_sha256("AWS4" + keys.secret_access_key, time.substr(0, 8));
    const auto region_key = hmac_sha256(view(date_key), scope.region);
    const auto service_key = hmac_sha256(view(region_key), scope.service);
    const auto signing_key = hmac_sha256(view(service_key), "aws4_request");
    return to_hex(hmac_sha256(view(signing_key), text));
}

void set_header(header_list& headers, std::string_view name, std::string value)
{
    std::erase_if(headers, [name](const auto& header) { return lower(header.first) == name; });
    headers.emplace_back(std::string(name), std::move(value));
}

}  // namespace

std::string escape_uri(std::string_view text, bool keep_slash)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c) || (c == '/' && keep_slash)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 0x0FU];
    }
    return out;
}

std::string canonical_request(const client_request& req, sigv4_rule rule, std::string_view payload_hash)
{
    const std::string_view target = req.url.target;
    const auto mark = target.find('?');
    const std::string_view query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
    const auto headers = canonical_headers(req);
    std::string out = req.method + "\n" + canonical_path(target.substr(0, mark), rule) + "\n";
    out.append(canonical_query(query)).append("\n");
    for (const auto& [name, value] : headers)
        out.append(name).append(":").append(value).append("\n");
    return out.append("\n").append(signed_names(headers)).append("\n").append(payload_hash);
}

std::string string_to_sign(std::string_view canonical, const sigv4_scope& scope, std::int64_t now_ns)
{
    const std::string time = amz_time(now_ns);
    std::string out(algorithm);
    return out.append("\n").append(time).append("\n").append(scope_text(scope, time)).append("\n").append(
        sha256_hex(canonical)
    );
}

result<void> sign_request(
    client_request& req, const aws_credentials& keys, const sigv4_scope& scope, std::int64_t now_ns,
    sigv4_payload payload
)
{
    if (keys.access_key_id.empty() || keys.secret_access_key.empty())
        return reprise::errc::invalid_argument;
    const bool is_hashed = payload == sigv4_payload::hashed;
    if (!is_hashed && (req.url.scheme != "https" || scope.rule != sigv4_rule::s3))
        return errc::scheme_refused;
    const std::string time = amz_time(now_ns);
    const std::string hash = is_hashed ? sha256_hex(req.body) : std::string(unsigned_payload);
    set_header(req.headers, "x-amz-date", time);
    if (scope.rule == sigv4_rule::s3)
        set_header(req.headers, "x-amz-content-sha256", hash);
    if (!keys.session_token.empty())
        set_header(req.headers, "x-amz-security-token", keys.session_token);

    const std::string canonical = canonical_request(req, scope.rule, hash);
    const std::string names = signed_names(canonical_headers(req));
    std::string value(algorithm);
    value.append(" Credential=").append(keys.access_key_id).append("/").append(scope_text(scope, time));
    value.append(", SignedHeaders=").append(names).append(", Signature=");
    value.append(signature(keys, scope, time, string_to_sign(canonical, scope, now_ns)));
    set_header(req.headers, "authorization", std::move(value));
    return {};
}

}  // namespace reprise::net
