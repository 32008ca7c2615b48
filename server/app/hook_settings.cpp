#include "hook_settings.hpp"

#include "settings.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace reprise::app {
namespace {

struct secret_source {
    std::string_view name;
    std::string config::*file;
};

constexpr std::array secret_sources = {
    secret_source{"alertmanager", &config::hooks_alertmanager_secret_file},
    secret_source{"grafana", &config::hooks_grafana_secret_file},
    secret_source{"sentry", &config::hooks_sentry_secret_file},
    secret_source{"pagerduty", &config::hooks_pagerduty_secret_file},
    secret_source{"github", &config::hooks_github_secret_file},
    secret_source{"gitlab", &config::hooks_gitlab_secret_file},
};

constexpr std::size_t generic_names_max = 64;
constexpr std::size_t generic_name_bytes_max = 64;

config_result<std::string> read_text(const std::string& where, const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return config_error{where + " cannot be read; does it exist, and may this user read it?"};
    return std::string{std::istreambuf_iterator<char>(file), {}};
}

config_result<std::vector<std::string>> read_secrets(
    const std::string& key, const std::string& path, std::size_t bytes_min
)
{
    const std::string where = key + " = '" + path + "'";
    auto text = read_text(where, path);
    if (auto* wrong = std::get_if<config_error>(&text))
        return std::move(*wrong);
    auto secrets = ingest::parse_hook_secrets(std::get<std::string>(text), bytes_min);
    if (!secrets)
        return config_error{where + ": " + secrets.error().text};
    return std::move(*secrets);
}

bool is_name(std::string_view text)
{
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !text.empty() && text.size() <= generic_name_bytes_max && std::all_of(text.begin(), text.end(), is_allowed);
}

std::optional<config_error> load_generic(const config& from, ingest::hook_settings& into)
{
    const std::string key = "intake.hooks.generic";
    if (from.hooks_generic.size() > generic_names_max)
        return config_error{key + " names more than 64 sources"};
    for (const std::string& item : from.hooks_generic) {
        const auto mark = item.find('=');
        const std::string name = item.substr(0, mark);
        const std::string where = key + ": '" + item + "'";
        if (mark == std::string::npos || !is_name(name))
            return config_error{where + " is no name=file, like backup=/etc/reprise/backup.key (a-z, 0-9, - and _)"};
        auto text = read_text(where, item.substr(mark + 1));
        if (auto* wrong = std::get_if<config_error>(&text))
            return std::move(*wrong);
        auto keys = ingest::parse_hook_keys(std::get<std::string>(text));
        if (!keys)
            return config_error{where + ": " + keys.error().text};
        if (!into.generic.emplace(name, std::move(*keys)).second)
            return config_error{where + ": there is another source of that name"};
    }
    return std::nullopt;
}

std::optional<config_error> load_sns(const config& from, ingest::sns_settings& into)
{
    for (const std::string& arn : from.hooks_sns_topics) {
        if (!ingest::is_sns_topic(arn))
            return config_error{"intake.hooks.sns.topics: '" + arn +
                                "' is no topic, like arn:aws:sns:eu-west-1:123456789012:alarms"};
    }
    for (const std::string& arn : from.hooks_sns_confirm) {
        const auto& topics = from.hooks_sns_topics;
        if (std::find(topics.begin(), topics.end(), arn) == topics.end())
            return config_error{"intake.hooks.sns.confirm: '" + arn + "' is not in intake.hooks.sns.topics"};
    }
    into.topics = from.hooks_sns_topics;
    into.confirm = from.hooks_sns_confirm;
    into.takes_sha1 = from.hooks_sns_sha1 == "allow";
    if (from.hooks_sns_token_file.empty())
        return std::nullopt;
    auto tokens =
        read_secrets("intake.hooks.sns.token_file", from.hooks_sns_token_file, ingest::sns_token_bytes_min);
    if (auto* wrong = std::get_if<config_error>(&tokens))
        return std::move(*wrong);
    into.tokens = std::move(std::get<std::vector<std::string>>(tokens));
    return std::nullopt;
}

}  // namespace

config_result<ingest::hook_settings> load_hook_settings(const config& settings)
{
    ingest::hook_settings made;
    for (const secret_source& source : secret_sources) {
        const std::string& path = settings.*source.file;
        if (path.empty())
            continue;
        const std::string key = "intake.hooks." + std::string(source.name) + ".secret_file";
        auto secrets = read_secrets(key, path, ingest::hook_secret_bytes_min);
        if (auto* wrong = std::get_if<config_error>(&secrets))
            return std::move(*wrong);
        made.secrets.emplace(source.name, std::move(std::get<std::vector<std::string>>(secrets)));
    }
    made.grafana_time_header = settings.hooks_grafana_time_header;
    if (auto wrong = load_generic(settings, made))
        return std::move(*wrong);
    if (auto wrong = load_sns(settings, made.sns))
        return std::move(*wrong);
    return made;
}

bool has_hooks(const config& settings)
{
    const auto is_set = [&settings](const secret_source& source) { return !(settings.*source.file).empty(); };
    return std::any_of(secret_sources.begin(), secret_sources.end(), is_set) || !settings.hooks_generic.empty() ||
           !settings.hooks_sns_topics.empty() || !settings.hooks_sns_token_file.empty();
}

std::vector<std::string> list_hook_exposures(const config& settings)
{
    std::vector<std::string> sentences;
    const auto at = parse_endpoint(settings.listen);
    const bool reachable = at && !is_loopback(at->host);
    const bool encrypted = !settings.tls_cert_file.empty() || settings.public_url.starts_with("https://");
    const bool sends_secrets = !settings.hooks_alertmanager_secret_file.empty() ||
                               !settings.hooks_gitlab_secret_file.empty() || !settings.hooks_sns_token_file.empty();
    if (reachable && !encrypted && sends_secrets)
        sentences.emplace_back(
            "webhooks of Alertmanager, GitLab or with an SNS token carry their secret, and server.listen has no TLS: "
            "it can be read on the way; set server.tls or put TLS in front"
        );
    return sentences;
}

}  // namespace reprise::app
