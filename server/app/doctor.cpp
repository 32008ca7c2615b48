#include "archive_probe.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "forge_parts.hpp"
#include "hook_settings.hpp"
#include "listener_secrets.hpp"
#include "running_server.hpp"
#include "settings.hpp"
#include "web_assets.hpp"

#include "reprise/pipeline/journal.hpp"
#include "reprise/replay/target.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"
#include "reprise/lifecycle/approval_machine.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

namespace reprise::app {
namespace {

namespace fs = std::filesystem;
using tcp = boost::asio::ip::tcp;

constexpr std::uintmax_t disk_bytes_min = 1ULL << 30;
constexpr std::size_t people_max = 1000;
constexpr std::size_t damages_shown_max = 10;

enum class health { good, warning, bad };

struct finding {
    health state = health::good;
    std::string what;
    std::string detail;
};

std::string_view to_text(health state)
{
    if (state == health::good)
        return "ok";
    return state == health::warning ? "warn" : "FAIL";
}

finding check_port(const std::string& key, const std::string& address)
{
    const auto at = parse_endpoint(address);
    boost::asio::io_context context;
    boost::system::error_code ec;
    const auto host = boost::asio::ip::make_address(at->host, ec);
    if (ec)
        return {health::bad, key, address + " is no address of this machine; use an address like 127.0.0.1"};
    tcp::acceptor acceptor(context);
    const tcp::endpoint endpoint(host, at->port);
    acceptor.open(endpoint.protocol(), ec);
    if (!ec)
        acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec)
        acceptor.bind(endpoint, ec);
    if (!ec)
        acceptor.listen(1, ec);
    if (!ec)
        return {health::good, key, address + " is free"};
    return {health::bad, key, address + ": " + ec.message() + " (is a server running already?)"};
}

finding check_data_dir(const config& settings)
{
    std::error_code ec;
    fs::create_directories(settings.data_dir, ec);
    if (ec || ::access(settings.data_dir.c_str(), W_OK) != 0)
        return {health::bad, "server.data_dir", settings.data_dir + " is not writable for this user"};
    const auto space = fs::space(settings.data_dir, ec);
    const std::string left = std::to_string(space.available / (1024 * 1024)) + " MiB left";
    if (!ec && space.available < disk_bytes_min)
        return {health::warning, "server.data_dir", left + "; give it at least 1 GiB"};
    return {health::good, "server.data_dir", settings.data_dir + ", " + left};
}

void check_store(const config& settings, std::vector<finding>& found)
{
    if (!fs::exists(database_path(settings))) {
        found.push_back({health::good, "database", "none yet; `reprise serve` makes it"});
        return;
    }
    auto key = load_or_make_key(settings.data_dir, "audit.key");
    if (const auto* wrong = std::get_if<config_error>(&key)) {
        found.push_back({health::bad, "audit key", wrong->text});
        return;
    }
    store::database_options options;
    options.path = database_path(settings);
    options.audit_key = std::get<std::string>(key);
    std::string problem;
    const auto opened = store::database::open(std::move(options), &problem);
    if (!opened) {
        found.push_back({health::bad, "database", problem.empty() ? opened.error().message() : problem});
        return;
    }
    found.push_back({health::good, "database", "opens"});
    auto verify = [](const store::reader& from) { return store::verify_audit(from); };
    const auto audit = (*opened)->read_blocking(std::move(verify));
    if (audit && audit->ok())
        found.push_back({health::good, "audit", std::to_string(audit->rows) + " rows verify"});
    else
        found.push_back({health::bad, "audit", audit ? audit->reason : audit.error().message()});
    auto list = [](const store::reader& from) { return store::list_people(from, people_max); };
    const auto people = (*opened)->read_blocking(std::move(list));
    if (!people)
        return;
    const auto missing = lifecycle::approvers_missing(*people, lifecycle::approval_policy());
    for (const std::string& sentence : missing)
        found.push_back({health::warning, "approvers", sentence});
    if (missing.empty())
        found.push_back({health::good, "approvers", "enough for every level"});
}

std::string to_text(const pipeline::journal_damage& one)
{
    return std::string(one.torn ? "an unfinished write" : "damaged bytes") + " in segment " + one.segment +
           ", offset " + std::to_string(one.offset) + ", " + std::to_string(one.bytes) + " bytes";
}

void check_journal(const config& settings, std::vector<finding>& found)
{
    const std::string directory = journal_path(settings);
    const fs::path key_path = fs::path(settings.data_dir) / "keys" / journal_key_name;
    std::string key;
    if (fs::exists(key_path)) {
        auto loaded = load_or_make_key(settings.data_dir, journal_key_name);
        if (const auto* wrong = std::get_if<config_error>(&loaded)) {
            found.push_back({health::bad, "journal", wrong->text});
            return;
        }
        key = std::get<std::string>(loaded);
    }
    const auto journal = pipeline::inspect_journal(directory, key);
    if (!journal) {
        found.push_back({health::bad, "journal", directory + " cannot be read"});
        return;
    }
    if (journal->segments > 0 && key.empty())
        found.push_back({health::bad, "journal", key_path.string() + " is missing; only it opens " + directory});
    else if (journal->other_key > 0)
        found.push_back(
            {health::bad, "journal",
             std::to_string(journal->other_key) + " segments in " + directory + " were sealed under another key than " +
                 key_path.string() + "; restore that key, or move the directory away to start without them"}
        );
    if (journal->later_version > 0)
        found.push_back(
            {health::bad, "journal",
             std::to_string(journal->later_version) + " segments in " + directory + " were written by a later version "
             "of the server; start that one, or move the directory away to start without them"}
        );
    found.push_back(
        {health::good, "journal",
         std::to_string(journal->entries) + " requests in " + std::to_string(journal->segments) +
             " segments wait for their windows"}
    );
    for (std::size_t i = 0; i < std::min(journal->damages.size(), damages_shown_max); ++i)
        found.push_back({health::warning, "journal", to_text(journal->damages[i])});
    if (journal->set_aside > 0)
        found.push_back(
            {health::warning, "journal",
             std::to_string(journal->set_aside) + " files of damaged bytes in " + directory +
                 "/damaged; delete them once you know why"}
        );
}

void check_targets(const config& settings, std::vector<finding>& found)
{
    if (settings.replay_targets.empty())
        found.push_back({health::warning, "replay.targets", "empty: nothing can be reproduced"});
    for (const std::string& text : settings.replay_targets) {
        const auto target = replay::parse_target(text);
        if (!target)
            found.push_back({health::bad, "replay.targets", target.error().reason});
        else
            found.push_back({health::good, "replay.targets", target->text()});
    }
}

template <class Secret>
void check_secret(const config_result<Secret>& loaded, const char* key, std::vector<finding>& found)
{
    if (const auto* wrong = std::get_if<config_error>(&loaded))
        found.push_back({health::bad, key, wrong->text});
    else if (std::get<Secret>(loaded))
        found.push_back({health::good, key, "usable"});
}

void check_secrets(const config& settings, std::vector<finding>& found)
{
    check_secret(load_api_tls(settings), "server.tls", found);
    check_secret(load_intake_tls(settings), "intake.tls", found);
    check_secret(load_sender_tokens(settings), "intake.tokens_file", found);
    for (const std::string& sentence : list_exposures(settings))
        found.push_back({health::warning, "intake", sentence});
}

void check_hooks(const config& settings, std::vector<finding>& found)
{
    if (!has_hooks(settings)) {
        found.push_back({health::good, "webhooks", "none are taken; docs/hooks.md says how to set up a source"});
        return;
    }
    const auto loaded = load_hook_settings(settings);
    if (const auto* wrong = std::get_if<config_error>(&loaded))
        found.push_back({health::bad, "webhooks", wrong->text});
    else
        found.push_back({health::good, "webhooks", "secrets are usable"});
    for (const std::string& sentence : list_hook_exposures(settings))
        found.push_back({health::warning, "webhooks", sentence});
}

void check_archive(const config& settings, std::vector<finding>& found)
{
    if (settings.archive_store != "s3")
        return;
    const archive_probe probe = probe_archive(settings);
    found.push_back({probe.works ? health::good : health::bad, "archive", probe.text});
    if (const auto exposure = find_archive_exposure(settings))
        found.push_back({health::warning, "archive", *exposure});
}

void check_trackers(const config& settings, std::vector<finding>& found)
{
    for (const tracker_probe& probe : probe_trackers(settings))
        found.push_back({probe.works ? health::good : health::bad, probe.name, probe.text});
    for (const std::string& sentence : list_forge_exposures(settings))
        found.push_back({health::warning, "forge", sentence});
}

}  // namespace

int run_doctor(const config& settings, const output_style& style)
{
    std::vector<finding> found;
    found.push_back(check_data_dir(settings));
    check_store(settings, found);
    check_journal(settings, found);
    found.push_back(check_port("server.listen", settings.listen));
    found.push_back(check_port("intake.otlp_grpc", settings.otlp_grpc));
    found.push_back(check_port("intake.otlp_http", settings.otlp_http));
    check_secrets(settings, found);
    check_targets(settings, found);
    check_hooks(settings, found);
    check_archive(settings, found);
    check_trackers(settings, found);
    if (web_assets().empty())
        found.push_back({health::warning, "dashboard", "not in this program; scripts/lib/build.sh builds both"});
    else
        found.push_back({health::good, "dashboard", std::to_string(web_assets().size()) + " files embedded"});

    bool bad = false;
    boost::json::array json;
    std::vector<std::vector<std::string>> rows;
    for (const finding& one : found) {
        bad = bad || one.state == health::bad;
        rows.push_back({std::string(to_text(one.state)), one.what, one.detail});
        json.push_back(boost::json::object{{"state", to_text(one.state)}, {"what", one.what}, {"detail", one.detail}});
    }
    if (style.json)
        std::printf("%s\n", boost::json::serialize(json).c_str());
    else if (!style.quiet)
        std::printf("%s", render_table(rows).c_str());
    return bad ? exit_unavailable : exit_ok;
}

}  // namespace reprise::app
