#include "s3_request.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cassert>

namespace reprise::archive {
namespace {

constexpr std::size_t bucket_bytes_min = 3;
constexpr std::size_t bucket_bytes_max = 63;
constexpr std::size_t prefix_bytes_max = 512;
constexpr std::size_t part_bytes_min = 5U << 20;  // S3's own rule.

bool is_bucket_char(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool is_region_char(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool is_bucket(std::string_view name)
{
    const auto is_edge = [](char c) { return is_bucket_char(c) && c != '-' && c != '.'; };
    return name.size() >= bucket_bytes_min && name.size() <= bucket_bytes_max && is_edge(name.front()) &&
           is_edge(name.back()) && name.find("..") == std::string_view::npos &&
           std::all_of(name.begin(), name.end(), is_bucket_char);
}

bool is_prefix(std::string_view prefix)
{
    if (prefix.empty())
        return true;
    const bool is_plain = std::all_of(prefix.begin(), prefix.end(), [](char c) { return c > ' ' && c <= '~'; });
    return is_plain && prefix.size() <= prefix_bytes_max && prefix.front() != '/' && prefix.back() == '/' &&
           prefix.find("//") == std::string_view::npos && ("/" + std::string(prefix)).find("/../") == std::string::npos;
}

s3_call make_call(
    const s3_config& config, std::string method, std::string_view key, const query_fields& query = {}
)
{
    s3_call call;
    call.what = method + " s3://" + config.bucket + "/" + config.prefix + std::string(key);
    const std::string whole = key.empty() ? std::string() : config.prefix + std::string(key);
    call.request = net::client_request(std::move(method), url_of(config, whole, query));
    return call;
}

}  // namespace

std::optional<std::string> find_fault(const s3_config& config)
{
    if (config.endpoint.host.empty() || config.endpoint.target != "/")
        return "the endpoint must be a URL without a path, like https://s3.eu-central-1.amazonaws.com";
    if (!is_bucket(config.bucket))
        return "the bucket's name must be 3 to 63 lower-case letters, digits, '-' and '.'";
    const bool is_region = std::all_of(config.region.begin(), config.region.end(), is_region_char);
    if (config.region.empty() || !is_region)
        return "the region must be lower-case letters, digits and '-', like us-east-1";
    if (!is_prefix(config.prefix))
        return "the prefix must be visible characters, begin without and end with a slash, like reprise/";
    if (config.keys.access_key_id.empty() || config.keys.secret_access_key.empty())
        return "the access key and the secret key are missing";
    const auto is_visible = [](const std::string& text) {
        return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
    };
    const net::aws_credentials& keys = config.keys;
    if (!is_visible(keys.access_key_id) || !is_visible(keys.secret_access_key) || !is_visible(keys.session_token))
        return "a key holds a space or a character that no key has";
    error_code is_name;
    boost::asio::ip::make_address(config.endpoint.host, is_name);
    if (config.style == bucket_style::host && !is_name)
        return "a bucket cannot stand before an address; use the path style, or a host name";
    if (config.style == bucket_style::host && config.endpoint.scheme == "https" &&
        config.bucket.find('.') != std::string::npos)
        return "a bucket with '.' in its name has no certificate as a host; use the path style";
    return std::nullopt;
}

net::url url_of(const s3_config& config, std::string_view key, const query_fields& query)
{
    net::url url = config.endpoint;
    url.target = "/";
    if (config.style == bucket_style::host)
        url.host = config.bucket + "." + url.host;
    else
        url.target += config.bucket + (key.empty() ? "" : "/");
    url.target += net::escape_uri(key, true);
    char separator = '?';
    for (const auto& [name, value] : query) {
        url.target += separator + net::escape_uri(name, false) + "=" + net::escape_uri(value, false);
        separator = '&';
    }
    return url;
}

s3_call put_call(const s3_config& config, std::string_view key, std::string bytes)
{
    s3_call call = make_call(config, "PUT", key);
    call.request.headers = {{"Content-Type", "application/octet-stream"}};
    call.request.body = std::move(bytes);
    return call;
}

s3_call get_call(const s3_config& config, std::string_view key)
{
    s3_call call = make_call(config, "GET", key);
    call.is_object = true;
    return call;
}

s3_call head_call(const s3_config& config, std::string_view key)
{
    return make_call(config, "HEAD", key);
}

s3_call remove_call(const s3_config& config, std::string_view key)
{
    return make_call(config, "DELETE", key);
}

s3_call list_call(const s3_config& config, std::string_view prefix, std::string_view next)
{
    query_fields query = {
        {"list-type", "2"},
        {"encoding-type", "url"},  // XML has no form for some characters that keys of others may hold.
        {"max-keys", std::to_string(config.limits.page_max)},
        {"prefix", config.prefix + std::string(prefix)},
    };
    if (!next.empty())
        query.emplace_back("continuation-token", next);
    s3_call call = make_call(config, "GET", "", query);
    call.what = "LIST s3://" + config.bucket + "/" + config.prefix + std::string(prefix);
    return call;
}

s3_call begin_upload_call(const s3_config& config, std::string_view key)
{
    s3_call call = make_call(config, "POST", key, {{"uploads", ""}});
    call.request.headers = {{"Content-Type", "application/octet-stream"}};
    call.repeatable = false;  // Each makes an upload of its own.
    return call;
}

s3_call part_call(
    const s3_config& config, std::string_view key, std::string_view upload, std::size_t number, std::string bytes
)
{
    assert(config.limits.part_bytes >= part_bytes_min);
    s3_call call = make_call(
        config, "PUT", key, {{"partNumber", std::to_string(number)}, {"uploadId", std::string(upload)}}
    );
    call.request.body = std::move(bytes);
    return call;
}

s3_call end_upload_call(const s3_config& config, std::string_view key, std::string_view upload, std::string parts_xml)
{
    s3_call call = make_call(config, "POST", key, {{"uploadId", std::string(upload)}});
    call.request.headers = {{"Content-Type", "application/xml"}};
    call.request.body = std::move(parts_xml);
    return call;
}

s3_call abort_upload_call(const s3_config& config, std::string_view key, std::string_view upload)
{
    return make_call(config, "DELETE", key, {{"uploadId", std::string(upload)}});
}

}  // namespace reprise::archive
