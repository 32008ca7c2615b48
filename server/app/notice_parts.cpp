#include "notice_parts.hpp"

#include "running_server.hpp"

#include "reprise/base/durable_file.hpp"
#include "reprise/store/notice_endpoints.hpp"
#include "reprise/store/notices.hpp"

#include <array>
#include <utility>

namespace reprise::app {
namespace {

constexpr std::size_t secret_file_bytes_max = 16 * 1024;

// What a channel is told; the rest is for programs.
constexpr std::array slack_kinds = {
    store::notice_kind::approval_opened, store::notice_kind::approval_reminder, store::notice_kind::approval_decided,
    store::notice_kind::incident_opened, store::notice_kind::publication_done,
};

// The lines of a file without empty ones.
config_result<std::vector<std::string>> load_lines(std::string_view key, const std::string& file)
{
    const auto text = read_small_file(file, secret_file_bytes_max);
    if (!text)
        return config_error{
            std::string(key) + " = '" + file + "' cannot be read: " + text.error().message() +
            "; does it exist, and may this user read it?"};
    std::vector<std::string> lines;
    std::string line;
    for (const char c : *text + "\n") {
        if (c != '\n' && c != '\r') {
            line += c;
            continue;
        }
        if (!line.empty())
            lines.push_back(std::exchange(line, {}));
    }
    if (lines.empty())
        return config_error{std::string(key) + " = '" + file + "' is empty; put the secret into it"};
    return lines;
}

std::optional<config_error> add_rules(const config& settings, forge::webhook_rules& rules)
{
    for (const std::string& item : settings.webhooks_allow) {
        if (!rules.allow(item))
            return config_error{
                "forge.webhooks.allow: '" + item + "' must be a network like 10.0.0.0/8, an address, or a host name"};
    }
    return std::nullopt;
}

// Null: whom the system trusts, looked up when it is needed.
config_result<std::shared_ptr<net::client_tls>> load_trust(std::string_view key, const std::string& ca_file)
{
    net::client_tls_files files;
    files.ca_file = ca_file;
    auto tls = net::load_client_tls(files);
    if (tls)
        return std::move(*tls);
    if (ca_file.empty())
        return std::shared_ptr<net::client_tls>();
    return config_error{std::string(key) + ": " + tls.error().text};
}

std::optional<config_error> add_slack(const config& settings, metrics& numbers, notice_senders& made)
{
    if (settings.slack_token_file.empty())
        return std::nullopt;
    auto token = load_lines("forge.slack.token_file", settings.slack_token_file);
    if (auto* wrong = std::get_if<config_error>(&token))
        return std::move(*wrong);
    forge::slack_config slack;
    slack.token = std::get<std::vector<std::string>>(token).front();
    slack.channel = settings.slack_channel;
    auto url = net::parse_url(settings.slack_api_url);
    if (!url)
        return config_error{
            "forge.slack.api_url = '" + settings.slack_api_url + "' must be like https://slack.com/api"};
    slack.api_url = std::move(*url);
    auto trust = load_trust("forge.slack.ca_file", settings.slack_ca_file);
    if (auto* wrong = std::get_if<config_error>(&trust))
        return std::move(*wrong);
    slack.tls = std::move(std::get<std::shared_ptr<net::client_tls>>(trust));
    if (const auto fault = forge::find_fault(slack))
        return config_error{"forge.slack." + *fault};
    made.slack = std::make_unique<forge::slack_api>(std::move(slack), numbers);
    if (settings.slack_signing_secret_file.empty())
        return std::nullopt;
    auto secrets = load_lines("forge.slack.signing_secret_file", settings.slack_signing_secret_file);
    if (auto* wrong = std::get_if<config_error>(&secrets))
        return std::move(*wrong);
    made.slack_signing_secrets = std::move(std::get<std::vector<std::string>>(secrets));
    return std::nullopt;
}

}  // namespace

config_result<notice_senders> make_notice_senders(const config& settings, const clock& time, metrics& numbers)
{
    notice_senders made;
    auto key = load_or_make_key(settings.data_dir, "webhook.key");
    if (auto* wrong = std::get_if<config_error>(&key))
        return std::move(*wrong);
    made.secrets = std::make_unique<forge::sealed_secrets>(std::move(std::get<std::string>(key)));
    if (auto wrong = add_rules(settings, made.rules))
        return std::move(*wrong);
    auto trust = load_trust("forge.webhooks.ca_file", settings.webhooks_ca_file);
    if (auto* wrong = std::get_if<config_error>(&trust))
        return std::move(*wrong);
    made.webhooks = std::make_unique<forge::webhook_sender>(
        made.rules, forge::webhook_limits(), std::move(std::get<std::shared_ptr<net::client_tls>>(trust)), time,
        std::string("Reprise/") + REPRISE_VERSION
    );
    if (auto wrong = add_slack(settings, numbers, made))
        return std::move(*wrong);
    return made;
}

runs::delivery_policy delivery_policy_of(const config& settings, std::string public_url)
{
    runs::delivery_policy policy;
    policy.public_url = std::move(public_url);
    policy.disable_after_ns = settings.webhooks_disable_after.count() * ns_per_ms;
    return policy;
}

http::outside_parts http_parts_of(const notice_senders& from)
{
    http::outside_parts parts;
    parts.rules = from.rules;
    parts.secrets = from.secrets.get();
    parts.slack = from.slack.get();
    parts.slack_signing_secrets = from.slack_signing_secrets;
    return parts;
}

result<void> set_slack(store::transaction& tx, const config& settings, std::int64_t now_ns)
{
    if (settings.slack_token_file.empty())
        return store::unset_slack_endpoint(tx, now_ns);
    std::vector<std::string> types;
    for (const store::notice_kind kind : slack_kinds)
        types.emplace_back(store::to_text(kind));
    const auto from = model::find_severity(settings.slack_incident_severity).value_or(model::severity::high);
    return store::set_slack_endpoint(tx, settings.slack_channel, from, types, now_ns);
}

}  // namespace reprise::app
