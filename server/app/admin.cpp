#include "commands.hpp"
#include "exit_code.hpp"
#include "running_server.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/http/sign_in.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"

#include <cstdio>
#include <filesystem>

namespace reprise::app {
namespace {

constexpr std::size_t people_max = 1000;

http::link_request request_of(const config& settings)
{
    http::link_request request;
    request.public_url = settings.public_url;
    if (request.public_url.empty())
        request.public_url = (settings.tls_cert_file.empty() ? "http://" : "https://") + settings.listen;
    request.now_ns = system_clock().now_ns();
    return request;
}

int print_link(const result<http::sign_in_link>& link, const std::string& name)
{
    if (!link) {
        const bool unknown = link.error() == errc::not_found;
        const std::string why = unknown ? "no such person; see `reprise admin user list`" : link.error().message();
        print_error("'" + name + "': " + why);
        return exit_data;
    }
    std::printf("%s (%s) signs in once with:\n%s\n", link->person.name.c_str(),
                model::to_text(link->person.roles).c_str(), link->url.c_str());
    return exit_ok;
}

}  // namespace

opened_store open_store(const config& settings)
{
    opened_store opened;
    if (!std::filesystem::exists(database_path(settings))) {
        print_error(
            "there is no database in server.data_dir = '" + settings.data_dir +
            "'; start `reprise serve` once, or name another directory with --server.data_dir"
        );
        opened.code = exit_unavailable;
        return opened;
    }
    auto key = load_or_make_key(settings.data_dir, "audit.key");
    if (const auto* wrong = std::get_if<config_error>(&key)) {
        print_error(wrong->text);
        opened.code = exit_permission;
        return opened;
    }
    store::database_options options;
    options.path = database_path(settings);
    options.audit_key = std::get<std::string>(key);
    std::string problem;
    auto made = store::database::open(std::move(options), &problem);
    if (!made) {
        print_error(problem.empty() ? made.error().message() : problem);
        opened.code = exit_unavailable;
        return opened;
    }
    opened.database = std::move(*made);
    return opened;
}

int run_user_list(const config& settings, const output_style&)
{
    const auto opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    auto work = [](const store::reader& from) { return store::list_people(from, people_max); };
    const auto people = opened.database->read_blocking(std::move(work));
    if (!people) {
        print_error(people.error().message());
        return exit_unavailable;
    }
    std::vector<std::vector<std::string>> rows = {{"NAME", "ROLES", "STATE"}};
    for (const model::person& person : *people)
        rows.push_back({person.name, model::to_text(person.roles), person.disabled ? "disabled" : "active"});
    std::printf("%s", render_table(rows).c_str());
    return exit_ok;
}

int run_user_add(const config& settings, const std::string& name, const std::string& roles, const output_style&)
{
    model::roles wanted;
    if (!model::parse_roles(roles, wanted)) {
        print_error("roles '" + roles + "': give a comma-separated list of viewer, operator, approver, admin");
        return exit_usage;
    }
    const auto opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    auto work = [&](store::transaction& tx) { return http::add_person(tx, name, wanted, request_of(settings)); };
    return print_link(opened.database->write_blocking(std::move(work)), name);
}

int run_user_link(const config& settings, const std::string& name, const output_style&)
{
    const auto opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    auto work = [&](store::transaction& tx) { return http::issue_link(tx, name, request_of(settings)); };
    return print_link(opened.database->write_blocking(std::move(work)), name);
}

}  // namespace reprise::app
