#include "settings.hpp"

#include "auth_parts.hpp"
#include "forge_parts.hpp"
#include "redaction.hpp"

#include <array>
#include <charconv>
#include <filesystem>
#include <unistd.h>

extern char** environ;

namespace reprise::app {
namespace {

constexpr std::string_view default_file = "reprise.yaml";

std::vector<std::string> list_environment()
{
    std::vector<std::string> entries;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
        entries.emplace_back(*entry);
    return entries;
}

}  // namespace

std::optional<endpoint> parse_endpoint(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0)
        return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        return std::nullopt;  // An IPv6 address without brackets.
    unsigned port = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (code != std::errc() || end != digits.data() + digits.size() || port > 65'535 || host.empty())
        return std::nullopt;
    return endpoint{std::string(host == "localhost" ? "127.0.0.1" : host), static_cast<std::uint16_t>(port)};
}

bool is_loopback(std::string_view host)
{
    return host == "::1" || host == "localhost" || host.starts_with("127.");
}

std::optional<config_error> check_config(const config& made)
{
    struct named {
        std::string_view key;
        const std::string& value;
    };
    const std::array listeners = {
        named{"server.listen", made.listen}, named{"intake.otlp_grpc", made.otlp_grpc},
        named{"intake.otlp_http", made.otlp_http}};
    for (const named& one : listeners) {
        if (!parse_endpoint(one.value))
            return config_error{
                std::string(one.key) + " = '" + one.value + "' must be host:port, like 127.0.0.1:4380 or [::1]:4380"};
        for (const named& other : listeners) {
            const auto mine = parse_endpoint(one.value);
            if (&one != &other && one.value == other.value && mine->port != 0)
                return config_error{
                    std::string(one.key) + " and " + std::string(other.key) + " are both " + one.value +
                    "; give each its own port"};
        }
    }
    const auto inside = parse_endpoint(made.listen);
    if (!is_loopback(inside->host) && made.public_url.empty())
        return config_error{
            "server.listen = '" + made.listen +
            "' is reachable from outside; set server.public_url to the https address people use"};
    if (made.archive_store == "s3" && made.archive_bucket.empty())
        return config_error{"archive.store is s3, but archive.bucket is empty; name the bucket"};
    if (auto wrong = check_auth(made))
        return wrong;
    if (auto wrong = check_forge(made))
        return wrong;
    auto rules = redaction_rules_of(made);
    if (auto* wrong = std::get_if<config_error>(&rules))
        return std::move(*wrong);
    return std::nullopt;
}

config_result<config> load_config(const settings& from)
{
    config made;
    if (!from.file.empty() || std::filesystem::exists(default_file)) {
        const std::string file = from.file.empty() ? std::string(default_file) : from.file;
        if (auto wrong = read_config_file(made, file))
            return std::move(*wrong);
    }
    const auto environment = list_environment();
    if (auto wrong = read_environment(made, environment))
        return std::move(*wrong);
    for (const auto& [key, value] : from.flags) {
        if (auto wrong = set_key(made, key, value, "flag --" + key))
            return std::move(*wrong);
    }
    if (auto wrong = check_config(made))
        return std::move(*wrong);
    return made;
}

}  // namespace reprise::app
