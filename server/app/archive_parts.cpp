#include "archive_parts.hpp"

#include "settings.hpp"

#include "reprise/base/durable_file.hpp"

#include <cstdlib>
#include <utility>

namespace reprise::app {
namespace {

constexpr std::size_t key_file_bytes_max = 16 * 1024;
constexpr std::int64_t day_ns = 24 * 3600 * ns_per_s;

// The file's text without the line's end, or the variable's value, or nothing.
config_result<std::string> load_secret(std::string_view key, const std::string& file, const char* variable)
{
    if (file.empty()) {
        const char* value = std::getenv(variable);
        return std::string(value != nullptr ? value : "");
    }
    auto text = read_small_file(file, key_file_bytes_max);
    if (!text)
        return config_error{
            std::string(key) + " = '" + file + "' cannot be read: " + text.error().message() +
            "; does it exist, and may this user read it?"};
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r'))
        text->pop_back();
    return std::move(*text);
}

std::optional<config_error> load_keys(const config& settings, net::aws_credentials& keys)
{
    struct secret {
        std::string_view key;
        const std::string& file;
        const char* variable;
        std::string& target;
    };
    const secret secrets[] = {
        {"archive.access_key_file", settings.archive_access_key_file, "AWS_ACCESS_KEY_ID", keys.access_key_id},
        {"archive.secret_key_file", settings.archive_secret_key_file, "AWS_SECRET_ACCESS_KEY", keys.secret_access_key},
        {"archive.session_token_file", settings.archive_session_token_file, "AWS_SESSION_TOKEN", keys.session_token},
    };
    for (const secret& one : secrets) {
        auto loaded = load_secret(one.key, one.file, one.variable);
        if (auto* wrong = std::get_if<config_error>(&loaded))
            return std::move(*wrong);
        one.target = std::get<std::string>(std::move(loaded));
    }
    return std::nullopt;
}

std::string endpoint_of(const config& settings)
{
    if (!settings.archive_endpoint.empty())
        return settings.archive_endpoint;
    return "https://s3." + settings.archive_region + ".amazonaws.com";
}

config_result<archive::s3_config> s3_config_of(const config& settings)
{
    archive::s3_config made;
    auto endpoint = net::parse_url(endpoint_of(settings));
    if (!endpoint)
        return config_error{
            "archive.endpoint = '" + endpoint_of(settings) + "' must be like https://minio.internal:9000"};
    made.endpoint = std::move(*endpoint);
    made.bucket = settings.archive_bucket;
    made.region = settings.archive_region;
    made.prefix = settings.archive_prefix;
    made.style = settings.archive_addressing == "host" ? archive::bucket_style::host : archive::bucket_style::path;
    if (auto wrong = load_keys(settings, made.keys))
        return std::move(*wrong);
    if (made.endpoint.scheme == "https") {
        net::client_tls_files trusted;
        trusted.ca_file = settings.archive_ca_file;
        auto tls = net::load_client_tls(trusted);
        if (!tls)
            return config_error{"archive.ca_file: " + tls.error().text};
        made.tls = std::move(*tls);
    }
    if (const auto fault = archive::find_fault(made))
        return config_error{"archive: " + *fault};
    return made;
}

}  // namespace

config_result<archive_parts> make_archive(
    const config& settings, boost::asio::any_io_executor blocking_pool, const clock& time, metrics& numbers,
    const archive::s3_limits& limits
)
{
    archive_parts made;
    made.local = archive::make_file_store(settings.data_dir, blocking_pool);
    if (settings.archive_store == "s3") {
        auto s3 = s3_config_of(settings);
        if (auto* wrong = std::get_if<config_error>(&s3))
            return std::move(*wrong);
        auto bucket = std::get<archive::s3_config>(std::move(s3));
        bucket.limits = limits;
        made.remote = archive::make_s3_store(std::move(bucket), time, numbers);
    }
    made.reader =
        std::make_unique<archive::evidence_reader>(*made.local, made.remote.get(), std::move(blocking_pool), numbers);
    return made;
}

pipeline::archivist_config archivist_config_of(const config& settings)
{
    pipeline::archivist_config made;
    made.keeps_local = settings.archive_local_copy == "keep";
    made.evidence_keep_ns = settings.archive_keep_days * day_ns;
    made.findings_keep_ns = settings.archive_findings_days * day_ns;
    made.bytes_max = static_cast<std::uint64_t>(settings.archive_bytes_max);
    return made;
}

std::optional<std::string> find_archive_exposure(const config& settings)
{
    if (settings.archive_store != "s3")
        return std::nullopt;
    const auto endpoint = net::parse_url(endpoint_of(settings));
    if (!endpoint || endpoint->scheme == "https" || is_loopback(endpoint->host))
        return std::nullopt;
    return "archive.endpoint is plain http: evidence can be read on the way; give it TLS";
}

}  // namespace reprise::app
