#include "oidc_people.hpp"

#include "json_text.hpp"
#include "person_audit.hpp"

#include "reprise/http/sign_in.hpp"
#include "reprise/store/credentials.hpp"
#include "reprise/store/people.hpp"

#include <array>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t groups_max = 1000;
constexpr std::size_t number_bytes_max = 5;  // " 1000"

const json::value* find_claim(const json::object& claims, std::string_view path)
{
    if (const json::value* exact = claims.if_contains(path))
        return exact;
    const auto dot = path.find('.');
    if (dot == std::string_view::npos)
        return nullptr;
    const json::value* outer = claims.if_contains(path.substr(0, dot));
    return outer && outer->is_object() ? find_claim(outer->get_object(), path.substr(dot + 1)) : nullptr;
}

// Cut between characters.
std::string cut_text(std::string text, std::size_t bytes_max)
{
    if (text.size() <= bytes_max)
        return text;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    text.resize(end);
    return text;
}

std::string as_name(std::string_view text)
{
    std::string name = clean_utf8(std::string(text));
    for (char& c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F || c == ',' || c == ':')
            c = '.';
    }
    name = cut_text(std::move(name), person_name_bytes_max - number_bytes_max);
    while (name.starts_with(' '))
        name.erase(0, 1);
    while (name.ends_with(' '))
        name.pop_back();
    return name;
}

link_request request_by_provider(std::string_view request_id, std::int64_t now_ns)
{
    link_request request;
    request.actor = "oidc";
    request.request_id = request_id;
    request.now_ns = now_ns;
    return request;
}

result<model::person> add_newcomer(
    store::transaction& tx, const store::identity_key& identity, const std::string& wanted_name,
    const model::roles& roles, const link_request& request
)
{
    const auto name = find_free_name(tx, wanted_name);
    if (!name)
        return name.error();
    auto person = add_identified_person(tx, *name, roles, request);
    if (!person)
        return person.error();
    const auto linked = store::link_identity(tx, identity, person->id, request.now_ns);
    if (!linked)
        return linked.error();
    const json::object detail = {{"issuer", identity.issuer}, {"subject", identity.subject}, {"name", *name}};
    const auto audited = audit_link_request(tx, request, "person.identify", "person/" + person->id, detail);
    if (!audited)
        return audited.error();
    return person;
}

result<model::person> update_roles(
    store::transaction& tx, model::person person, const model::roles& roles, const link_request& request
)
{
    if (person.roles == roles)
        return person;
    const json::object detail = {
        {"name", person.name}, {"roles", model::to_text(roles)}, {"roles_before", model::to_text(person.roles)}};
    person.roles = roles;
    const auto saved = store::save_person(tx, person);
    if (!saved)
        return saved.error();
    const auto audited = audit_link_request(tx, request, "person.change", "person/" + person.id, detail);
    if (!audited)
        return audited.error();
    return person;
}

}  // namespace

std::vector<std::string> read_claim_texts(const json::object& claims, std::string_view path)
{
    std::vector<std::string> texts;
    const json::value* claim = find_claim(claims, path);
    if (claim && claim->is_string())
        texts.emplace_back(claim->get_string());
    if (!claim || !claim->is_array())
        return texts;
    for (const json::value& each : claim->get_array()) {
        if (each.is_string() && texts.size() < groups_max)
            texts.emplace_back(each.get_string());
    }
    return texts;
}

model::roles roles_of_claims(const json::object& claims, const oidc_config& config)
{
    model::roles roles;
    for (const std::string& group : read_claim_texts(claims, config.groups_claim)) {
        for (const group_roles& one : config.role_map) {
            if (one.group != group)
                continue;
            roles.viewer |= one.roles.viewer;
            roles.operator_ |= one.roles.operator_;
            roles.approver |= one.roles.approver;
            roles.admin |= one.roles.admin;
        }
    }
    return roles;
}

std::string name_of_claims(const json::object& claims, const oidc_config& config)
{
    const std::string_view configured = config.name_claim;
    const std::array<std::string_view, 5> order = {configured, "preferred_username", "email", "name", "sub"};
    for (const std::string_view claim : order) {
        for (const std::string& text : read_claim_texts(claims, claim)) {
            if (std::string name = as_name(text); is_person_name(name))
                return name;
        }
    }
    return "somebody";
}

result<model::person> person_of_claims(
    store::transaction& tx, const json::object& claims, const oidc_config& config, std::string_view request_id,
    std::int64_t now_ns
)
{
    const model::roles roles = roles_of_claims(claims, config);
    const link_request request = request_by_provider(request_id, now_ns);
    store::identity_key identity;
    identity.issuer = config.issuer;
    identity.subject = std::string_view(claims.at("sub").as_string());
    const auto known = store::find_person_by_identity(tx, identity);
    if (!known)
        return known.error();
    if (roles == model::roles{} || (*known && (*known)->disabled))
        return errc::denied;
    if (!*known)
        return add_newcomer(tx, identity, name_of_claims(claims, config), roles, request);
    return update_roles(tx, **known, roles, request);
}

}  // namespace reprise::http
