#include "auth_parts.hpp"

#include "running_server.hpp"

#include "reprise/base/durable_file.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/net/tls.hpp"

#include <algorithm>
#include <filesystem>

namespace reprise::app {
namespace {

constexpr std::size_t secret_bytes_max = 4096;
constexpr std::size_t public_key_file_bytes_max = 64 * 1024;
constexpr const char* checkpoint_key_name = "audit-checkpoint.key";
constexpr std::string_view public_key_prefix = "audit-checkpoint-";
constexpr std::string_view public_key_suffix = ".pub";

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view space = " \t\r\n";
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

config_result<std::string> read_secret(const std::string& path, std::string_view key)
{
    const auto text = read_small_file(path, secret_bytes_max);
    if (!text)
        return config_error{
            std::string(key) + " = '" + path + "' cannot be read: " + text.error().message() +
            "; does it exist, and may this user read it?"};
    std::string secret(trimmed(*text));
    if (secret.empty())
        return config_error{std::string(key) + " = '" + path + "' is empty"};
    return secret;
}

std::filesystem::path keys_directory(const config& settings)
{
    return std::filesystem::path(settings.data_dir) / "keys";
}

// Adds each line of the file that is one; false when the file has none or another line.
bool add_keys(store::checkpoint_keys& keys, const std::filesystem::path& path)
{
    const auto text = read_small_file(path, public_key_file_bytes_max);
    if (!text)
        return false;
    bool any = false;
    std::string_view rest = *text;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        const std::string_view line = trimmed(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        if (line.empty())
            continue;
        if (!keys.add(from_hex(line)))
            return false;
        any = true;
    }
    return any;
}

bool is_public_key_file(const std::string& name)
{
    return name.starts_with(public_key_prefix) && name.ends_with(public_key_suffix);
}

std::string to_hex_text(std::string_view bytes)
{
    return to_hex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

}  // namespace

std::optional<config_error> check_auth(const config& made)
{
    if (made.oidc_issuer.empty())
        return std::nullopt;
    if (!http::oidc_origin(made.oidc_issuer))
        return config_error{
            "auth.oidc.issuer = '" + made.oidc_issuer + "' must be an https URL (or http to this machine), exactly as "
            "the provider's discovery document has it"};
    if (made.oidc_client_id.empty())
        return config_error{"auth.oidc.issuer is set, but auth.oidc.client_id is empty"};
    if (made.oidc_role_map.empty())
        return config_error{
            "auth.oidc.issuer is set, but auth.oidc.role_map is empty: nobody could come in; write group=role, like "
            "sre=operator"};
    for (const std::string& text : made.oidc_role_map) {
        if (!http::parse_group_role(text))
            return config_error{
                "auth.oidc.role_map: '" + text + "' must be group=role, with viewer, operator, approver or admin"};
    }
    for (const std::string& host : made.oidc_hosts) {
        if (!http::oidc_origin(host))
            return config_error{"auth.oidc.hosts: '" + host + "' must be a URL like https://keys.example.com"};
    }
    return std::nullopt;
}

config_result<http::oidc_config> oidc_config_of(const config& settings)
{
    http::oidc_config made;
    if (settings.oidc_issuer.empty())
        return made;
    made.issuer = settings.oidc_issuer;
    made.client_id = settings.oidc_client_id;
    made.label = settings.oidc_label;
    made.scopes = settings.oidc_scopes;
    made.groups_claim = settings.oidc_groups_claim;
    made.name_claim = settings.oidc_name_claim;
    for (const std::string& text : settings.oidc_role_map) {
        if (auto one = http::parse_group_role(text))
            made.role_map.push_back(std::move(*one));
    }
    if (settings.oidc_client_secret_file.empty())
        return made;
    auto secret = read_secret(settings.oidc_client_secret_file, "auth.oidc.client_secret_file");
    if (auto* wrong = std::get_if<config_error>(&secret))
        return std::move(*wrong);
    made.client_secret = std::get<std::string>(std::move(secret));
    return made;
}

config_result<std::unique_ptr<net::http_client>> make_oidc_client(const config& settings)
{
    if (settings.oidc_issuer.empty())
        return std::unique_ptr<net::http_client>();
    std::vector<std::string> origins;
    for (const std::string& one : settings.oidc_hosts)
        origins.push_back(http::oidc_origin(one).value());
    origins.push_back(http::oidc_origin(settings.oidc_issuer).value());
    auto guard = net::target_guard::parse(origins, settings.oidc_networks);
    if (!guard)
        return config_error{"auth.oidc.networks: must be networks like 10.0.0.0/8"};
    net::client_transport transport;
    if (!settings.oidc_ca_file.empty()) {
        net::client_tls_files files;
        files.ca_file = settings.oidc_ca_file;
        auto tls = net::load_client_tls(files);
        if (!tls)
            return config_error{"auth.oidc.ca_file: " + tls.error().text};
        transport.tls = std::move(*tls);
    }
    net::client_limits limits;
    limits.write = limits.answer = limits.body = std::chrono::milliseconds(10'000);
    limits.body_bytes_max = 512 * 1024;
    limits.idle_connections_max = 4;
    return std::make_unique<net::http_client>(std::move(*guard), limits, std::move(transport));
}

config_result<http::audit_config> load_audit_config(const config& settings)
{
    auto seed = load_or_make_key(settings.data_dir, checkpoint_key_name);
    if (auto* wrong = std::get_if<config_error>(&seed))
        return std::move(*wrong);
    http::audit_config made;
    made.key = signing_key::from_seed(std::get<std::string>(seed));
    made.checkpoint_file = settings.audit_checkpoint_file;
    const std::string& bytes = made.key->public_bytes();
    const auto path = keys_directory(settings) / (std::string(public_key_prefix) + store::checkpoint_key_id(bytes) +
                                                  std::string(public_key_suffix));
    if (!write_durable_file(path, to_hex_text(bytes) + "\n", when_present::keep))
        return config_error{
            path.string() + ": cannot be written; is the disk full, or does it belong to somebody else?"};
    auto keys = load_checkpoint_keys(settings, {});
    if (auto* wrong = std::get_if<config_error>(&keys))
        return std::move(*wrong);
    made.known_keys = std::get<store::checkpoint_keys>(std::move(keys));
    return made;
}

config_result<store::checkpoint_keys> load_checkpoint_keys(
    const config& settings, const std::vector<std::string>& files
)
{
    store::checkpoint_keys keys;
    std::vector<std::filesystem::path> paths(files.begin(), files.end());
    std::error_code ec;
    for (const auto& entry : std::filesystem::directory_iterator(keys_directory(settings), ec)) {
        if (is_public_key_file(entry.path().filename().string()))
            paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const std::filesystem::path& path : paths) {
        if (!add_keys(keys, path))
            return config_error{path.string() + ": holds no public key of 64 hex digits a line"};
    }
    return keys;
}

}  // namespace reprise::app
