#include "forge_parts.hpp"

#include "settings.hpp"

#include "reprise/base/durable_file.hpp"
#include "reprise/net/url.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <array>
#include <cstdlib>
#include <sys/stat.h>
#include <utility>

namespace reprise::app {
namespace {

namespace asio = boost::asio;

constexpr std::size_t secret_bytes_max = 16 * 1024;
constexpr unsigned others_may_read = S_IRGRP | S_IROTH;

struct secret_place {
    std::string_view key;       // "forge.github.token_file"
    const std::string& file;
    const char* variable;       // Null: files only.
};

std::array<secret_place, 5> places_of(const config& settings)
{
    return {{
        {"forge.github.token_file", settings.forge_github_token_file, "REPRISE_FORGE_GITHUB_TOKEN"},
        {"forge.github.app_key_file", settings.forge_github_app_key_file, nullptr},
        {"forge.gitlab.token_file", settings.forge_gitlab_token_file, "REPRISE_FORGE_GITLAB_TOKEN"},
        {"forge.linear.token_file", settings.forge_linear_token_file, "REPRISE_FORGE_LINEAR_TOKEN"},
        {"forge.jira.token_file", settings.forge_jira_token_file, "REPRISE_FORGE_JIRA_TOKEN"},
    }};
}

enum place_index : std::size_t { github_token, github_key, gitlab_token, linear_token, jira_token };

// Empty when there is neither file nor variable.
config_result<secret> load_secret(const secret_place& place)
{
    std::string text;
    if (!place.file.empty()) {
        auto read = read_small_file(place.file, secret_bytes_max);
        if (!read)
            return config_error{
                std::string(place.key) + " = '" + place.file + "' cannot be read: " + read.error().message() +
                "; does it exist, and may this user read it?"};
        text = std::move(*read);
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
            text.pop_back();
        if (text.empty())
            return config_error{std::string(place.key) + " = '" + place.file + "' is empty"};
    } else if (place.variable != nullptr) {
        const char* value = std::getenv(place.variable);
        text = value != nullptr ? value : "";
    }
    return secret(std::move(text));
}

// A token that would break the header it is sent in.
std::optional<config_error> check_token(const secret_place& place, const secret& token)
{
    for (const char one : token.reveal()) {
        if (one <= ' ' || one > '~')
            return config_error{
                std::string(place.key) + ": is no token: it holds spaces, line ends or other characters"};
    }
    return std::nullopt;
}

config_result<secret> load_token(const secret_place& place)
{
    auto loaded = load_secret(place);
    if (const auto* token = std::get_if<secret>(&loaded)) {
        if (auto wrong = check_token(place, *token))
            return std::move(*wrong);
    }
    return loaded;
}

std::optional<config_error> check_address(std::string_view key, const std::string& text)
{
    const auto parsed = net::parse_url(text);
    if (parsed && parsed->target.find('?') == std::string::npos)
        return std::nullopt;
    return config_error{std::string(key) + " = '" + text + "' must be like https://api.github.com"};
}

// All secrets, in the order of places_of().
struct secrets {
    std::array<secret, 5> values;
    std::shared_ptr<net::client_tls> tls;
};

config_result<secrets> load_secrets(const config& settings)
{
    secrets made;
    const auto places = places_of(settings);
    for (std::size_t i = 0; i < places.size(); ++i) {
        auto loaded = i == github_key ? load_secret(places[i]) : load_token(places[i]);
        if (auto* wrong = std::get_if<config_error>(&loaded))
            return std::move(*wrong);
        made.values[i] = std::get<secret>(std::move(loaded));
    }
    if (settings.forge_ca_file.empty())
        return made;
    net::client_tls_files trusted;
    trusted.ca_file = settings.forge_ca_file;
    auto tls = net::load_client_tls(trusted);
    if (!tls)
        return config_error{"forge.ca_file: " + tls.error().text};
    made.tls = std::move(*tls);
    return made;
}

forge::api_place place_of(const config& settings, const std::string& address, const secrets& loaded)
{
    forge::api_place place;
    place.base = net::parse_url(address).value();
    place.networks = settings.forge_networks;
    place.tls = loaded.tls;
    return place;
}

config_result<std::optional<forge::github_app>> make_app(const config& settings, const secret& key)
{
    if (settings.forge_github_app_id == 0)
        return std::optional<forge::github_app>();
    auto signer = net::rs256_signer::parse(key.reveal());
    if (!signer)
        return config_error{
            "forge.github.app_key_file = '" + settings.forge_github_app_key_file +
            "' is no RSA private key in PEM; take the file that GitHub gave for the app, unchanged"};
    const auto id = static_cast<std::uint64_t>(settings.forge_github_app_id);
    const auto installation = static_cast<std::uint64_t>(settings.forge_github_installation_id);
    return std::optional<forge::github_app>(forge::github_app{id, std::move(*signer), installation});
}

std::optional<config_error> add_github(
    const config& settings, secrets& loaded, const clock& time, metrics& numbers, forge::tracker_set& trackers
)
{
    auto app = make_app(settings, loaded.values[github_key]);
    if (auto* wrong = std::get_if<config_error>(&app))
        return std::move(*wrong);
    forge::github_config made;
    made.app = std::get<std::optional<forge::github_app>>(std::move(app));
    if (!made.app && loaded.values[github_token].empty())
        return std::nullopt;
    if (made.app && !loaded.values[github_token].empty())
        return config_error{"section forge.github has both a token and an app; leave one of them out"};
    made.api = place_of(settings, settings.forge_github_api_url, loaded);
    made.token = std::move(loaded.values[github_token]);
    made.branch_prefix = settings.forge_branch_prefix;
    made.labels = settings.forge_github_labels;
    trackers.add_remote("github", forge::make_github_tracker(std::move(made), time, numbers));
    return std::nullopt;
}

void add_others(
    const config& settings, secrets& loaded, const clock& time, metrics& numbers, forge::tracker_set& trackers
)
{
    if (!loaded.values[gitlab_token].empty()) {
        forge::gitlab_config made;
        made.api = place_of(settings, settings.forge_gitlab_api_url, loaded);
        made.token = std::move(loaded.values[gitlab_token]);
        made.branch_prefix = settings.forge_branch_prefix;
        made.labels = settings.forge_gitlab_labels;
        trackers.add_remote("gitlab", forge::make_gitlab_tracker(std::move(made), time, numbers));
    }
    if (!loaded.values[linear_token].empty()) {
        forge::linear_config made;
        made.api = place_of(settings, settings.forge_linear_api_url, loaded);
        made.token = std::move(loaded.values[linear_token]);
        trackers.add_remote("linear", forge::make_linear_tracker(std::move(made), time, numbers));
    }
    if (!loaded.values[jira_token].empty() && !settings.forge_jira_url.empty()) {
        forge::jira_config made;
        made.api = place_of(settings, settings.forge_jira_url, loaded);
        made.user = settings.forge_jira_user;
        made.token = std::move(loaded.values[jira_token]);
        made.issue_type = settings.forge_jira_issue_type;
        made.flavour =
            settings.forge_jira_flavour == "server" ? forge::jira_flavour::server : forge::jira_flavour::cloud;
        trackers.add_remote("jira", forge::make_jira_tracker(std::move(made), time, numbers));
    }
}

bool is_readable_by_others(const std::string& file)
{
    struct stat found {};
    return ::stat(file.c_str(), &found) == 0 && (found.st_mode & others_may_read) != 0;
}

}  // namespace

std::optional<config_error> check_forge(const config& settings)
{
    const std::array<std::pair<std::string_view, const std::string*>, 3> addresses = {{
        {"forge.github.api_url", &settings.forge_github_api_url},
        {"forge.gitlab.api_url", &settings.forge_gitlab_api_url},
        {"forge.linear.api_url", &settings.forge_linear_api_url},
    }};
    for (const auto& [key, address] : addresses) {
        if (auto wrong = check_address(key, *address))
            return wrong;
    }
    if (!settings.forge_jira_url.empty()) {
        if (auto wrong = check_address("forge.jira.url", settings.forge_jira_url))
            return wrong;
    } else if (!settings.forge_jira_token_file.empty()) {
        return config_error{"forge.jira.token_file is set, but forge.jira.url is empty; name the address of Jira"};
    }
    if (!net::target_guard::parse({}, settings.forge_networks))
        return config_error{"forge.networks must be networks, like 10.0.0.0/8"};
    if (!forge::is_branch_prefix(settings.forge_branch_prefix))
        return config_error{
            "forge.branch_prefix = '" + settings.forge_branch_prefix +
            "' must be the beginning of a branch's name that ends with '/', like reprise/"};
    if ((settings.forge_github_app_id == 0) != settings.forge_github_app_key_file.empty())
        return config_error{"forge.github.app_id and forge.github.app_key_file belong together; set both or none"};
    return std::nullopt;
}

config_result<std::unique_ptr<forge::tracker_set>> make_trackers(
    const config& settings, asio::any_io_executor blocking_pool, const clock& time, metrics& numbers
)
{
    auto loaded = load_secrets(settings);
    if (auto* wrong = std::get_if<config_error>(&loaded))
        return std::move(*wrong);
    auto made = std::make_unique<forge::tracker_set>(numbers);
    made->add("file", forge::make_file_tracker(settings.data_dir, std::move(blocking_pool)));
    auto& all = std::get<secrets>(loaded);
    if (auto wrong = add_github(settings, all, time, numbers, *made))
        return std::move(*wrong);
    add_others(settings, all, time, numbers, *made);
    return made;
}

std::vector<std::string> list_forge_exposures(const config& settings)
{
    std::vector<std::string> sentences;
    for (const secret_place& place : places_of(settings)) {
        if (!place.file.empty() && is_readable_by_others(place.file))
            sentences.push_back(
                std::string(place.key) + " = '" + place.file + "' can be read by other users; chmod 600 it"
            );
    }
    const std::array<std::pair<std::string_view, const std::string*>, 4> addresses = {{
        {"forge.github.api_url", &settings.forge_github_api_url},
        {"forge.gitlab.api_url", &settings.forge_gitlab_api_url},
        {"forge.linear.api_url", &settings.forge_linear_api_url},
        {"forge.jira.url", &settings.forge_jira_url},
    }};
    for (const auto& [key, address] : addresses) {
        const auto parsed = net::parse_url(*address);
        if (parsed && parsed->scheme == "http" && !is_loopback(parsed->host))
            sentences.push_back(std::string(key) + " is plain http: the token can be read on the way; give it TLS");
    }
    return sentences;
}

std::vector<tracker_probe> probe_trackers(const config& settings)
{
    asio::thread_pool blocking(1);
    metrics numbers;
    const system_clock time;
    auto made = make_trackers(settings, blocking.get_executor(), time, numbers);
    if (const auto* wrong = std::get_if<config_error>(&made))
        return {{"forge", false, wrong->text}};
    std::vector<tracker_probe> probes;
    for (const auto& [name, one] : std::get<std::unique_ptr<forge::tracker_set>>(made)->list_remote()) {
        asio::io_context context;
        auto answer = asio::co_spawn(context, one->check(), asio::use_future);
        context.run();
        const forge::check_result checked = answer.get();
        probes.push_back({name, checked.has_value(), checked ? *checked : checked.error().text});
    }
    return probes;
}

}  // namespace reprise::app
