#include "commands.hpp"
#include "exit_code.hpp"
#include "people_commands.hpp"
#include "running_server.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/http/tokens.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/people.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>

namespace reprise::app {
namespace {

constexpr std::int64_t day_ns = 24LL * 3600 * ns_per_s;

http::link_request request_now()
{
    http::link_request request;
    request.now_ns = system_clock().now_ns();
    return request;
}

std::string state_of(const store::api_token& token, std::int64_t now_ns)
{
    if (token.revoked_ns)
        return "revoked";
    return token.expires_ns <= now_ns ? "expired" : "usable";
}

void print_issued(const http::issued_token& issued, const output_style& style)
{
    if (style.json) {
        const boost::json::object out = {
            {"id", issued.token.id}, {"token", issued.text}, {"scopes", issued.token.scopes},
            {"expires_at", format_rfc3339(issued.token.expires_ns)}};
        std::printf("%s\n", boost::json::serialize(out).c_str());
        return;
    }
    std::printf(
        "token %s (%s), until %s; it is shown this once:\n%s\n", issued.token.id.c_str(), issued.token.scopes.c_str(),
        format_rfc3339(issued.token.expires_ns).c_str(), issued.text.c_str()
    );
}

// The token, or why there is none in `fault`.
result<http::issued_token> create(
    store::transaction& tx, const token_options& options, http::token_request wanted, std::string& fault
)
{
    const auto person = store::find_person_by_name(tx, options.person);
    if (!person)
        return person.error();
    if (!*person) {
        fault = "'" + options.person + "': no such person; see `reprise admin user list`";
        return errc::not_found;
    }
    wanted.person_id = (*person)->id;
    fault = http::find_token_fault(wanted, (*person)->roles);
    if (!fault.empty())
        return errc::invalid_argument;
    return http::issue_token(tx, wanted, request_now());
}

}  // namespace

int run_token_create(const config& settings, const token_options& options, const output_style& style)
{
    const auto scopes = http::scope_set::parse(options.scopes);
    if (!scopes) {
        print_error("--scopes '" + options.scopes + "': give a comma-separated list of " + http::list_scopes());
        return exit_usage;
    }
    http::token_request wanted;
    wanted.name = options.name;
    wanted.scopes = *scopes;
    wanted.networks = options.networks;
    wanted.lifetime_ns = options.days > 0 && options.days <= 365 ? options.days * day_ns : 0;
    const auto opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    std::string fault;
    auto work = [&](store::transaction& tx) { return create(tx, options, wanted, fault); };
    const auto issued = opened.database->write_blocking(std::move(work));
    if (!issued) {
        print_error(fault.empty() ? issued.error().message() : fault);
        return exit_data;
    }
    print_issued(*issued, style);
    return exit_ok;
}

int run_token_list(const config& settings, const output_style&)
{
    const auto opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    const std::int64_t now_ns = system_clock().now_ns();
    std::vector<std::vector<std::string>> rows = {{"ID", "PERSON", "NAME", "SCOPES", "STATE", "EXPIRES", "LAST USED"}};
    auto work = [&rows, now_ns](const store::reader& from) -> result<void> {
        const auto tokens = store::list_tokens(from, {}, store::tokens_listed_max);
        if (!tokens)
            return tokens.error();
        for (const store::api_token& one : *tokens) {
            const auto person = store::find_person(from, one.person_id);
            if (!person)
                return person.error();
            rows.push_back(
                {one.id, *person ? (*person)->name : std::string(), one.name, one.scopes, state_of(one, now_ns),
                 format_rfc3339(one.expires_ns), one.used_ns ? format_rfc3339(*one.used_ns) : "never"}
            );
        }
        return {};
    };
    const auto done = opened.database->read_blocking(std::move(work));
    if (!done) {
        print_error(done.error().message());
        return exit_unavailable;
    }
    std::printf("%s", render_table(rows).c_str());
    return exit_ok;
}

int run_token_revoke(const config& settings, const token_options& options, const output_style&)
{
    const auto opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    auto work = [&](store::transaction& tx) { return http::revoke_token(tx, options.id, request_now()); };
    const auto done = opened.database->write_blocking(std::move(work));
    if (!done) {
        const bool unknown = done.error() == errc::not_found;
        print_error(
            "'" + options.id + "': " +
            (unknown ? "no such token, or revoked before; see `reprise admin token list`" : done.error().message())
        );
        return exit_data;
    }
    std::printf("token %s is revoked\n", options.id.c_str());
    return exit_ok;
}

int run_service_add(
    const config& settings, const std::string& name, const std::string& roles, const output_style&
)
{
    model::roles wanted;
    if (!model::parse_roles(roles, wanted) || wanted.approver) {
        print_error("roles '" + roles + "': give a comma-separated list of viewer, operator, admin; never approver");
        return exit_usage;
    }
    const auto opened = open_store(settings);
    if (!opened.database)
        return opened.code;
    auto work = [&](store::transaction& tx) { return http::add_service_account(tx, name, wanted, request_now()); };
    const auto added = opened.database->write_blocking(std::move(work));
    if (!added) {
        const bool taken = added.error() == errc::conflict;
        print_error("'" + name + "': " + (taken ? "there is somebody of that name already" : added.error().message()));
        return exit_data;
    }
    std::printf(
        "%s (%s) is a service account; give it a token with `reprise admin token create %s --name ... --scopes ...`\n",
        added->name.c_str(), model::to_text(added->roles).c_str(), added->name.c_str()
    );
    return exit_ok;
}

}  // namespace reprise::app
