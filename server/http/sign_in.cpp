#include "reprise/http/sign_in.hpp"

#include "person_audit.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/store/people.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace reprise::http {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::string_view first_name = "admin";
constexpr int same_names_max = 1000;
constexpr model::roles all_roles{.viewer = true, .operator_ = true, .approver = true, .admin = true};

bool has_any(const model::roles& roles)
{
    return roles != model::roles{};
}

result<void> write_audit(
    store::transaction& tx, const link_request& request, std::string_view action, const model::person& person
)
{
    const boost::json::object detail = {
        {"name", person.name}, {"roles", model::to_text(person.roles)}, {"kind", model::to_text(person.kind)},
        {"disabled", person.disabled}};
    return audit_link_request(tx, request, action, "person/" + person.id, detail);
}

result<sign_in_link> make_link(store::transaction& tx, const model::person& person, const link_request& request)
{
    const std::string token = random_token(token_bytes);
    sign_in_link link;
    link.person = person;
    link.url = request.public_url + "/#/login?token=" + token;
    link.expires_ns = request.now_ns + link_lifetime_ns;
    const auto stored = store::insert_link(tx, sha256_hex(token), person.id, link.expires_ns);
    if (!stored)
        return stored.error();
    const auto audited = write_audit(tx, request, "person.link", person);
    if (!audited)
        return audited.error();
    return link;
}

result<model::person> insert(
    store::transaction& tx, std::string_view name, const model::roles& roles, model::person_kind kind,
    const link_request& request
)
{
    if (!is_person_name(name) || !has_any(roles))
        return errc::invalid_argument;
    model::person person;
    person.id = make_ulid(request.now_ns);
    person.name = name;
    person.roles = roles;
    person.created_ns = request.now_ns;
    person.kind = kind;
    const auto inserted = store::insert_person(tx, person);
    if (!inserted)
        return inserted.error();
    const auto audited = write_audit(tx, request, "person.add", person);
    if (!audited)
        return audited.error();
    return person;
}

}  // namespace

bool is_person_name(std::string_view name)
{
    const auto is_plain = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte != 0x7F && c != ',' && c != ':';
    };
    return !name.empty() && name.size() <= person_name_bytes_max && name.front() != ' ' && name.back() != ' ' &&
           std::all_of(name.begin(), name.end(), is_plain);
}

result<std::string> find_free_name(const store::reader& from, const std::string& wanted)
{
    std::string name = wanted;
    for (int number = 2; number <= same_names_max; ++number) {
        const auto taken = store::find_person_by_name(from, name);
        if (!taken)
            return taken.error();
        if (!*taken)
            return name;
        name = wanted + " " + std::to_string(number);
    }
    return errc::conflict;
}

result<sign_in_link> issue_first_link(store::transaction& tx, const link_request& request)
{
    const auto people = store::list_people(tx, store::people_listed_max);
    if (!people)
        return people.error();
    const model::person* oldest = nullptr;
    for (const model::person& each : *people) {
        const bool may = each.roles.admin && !each.disabled && each.kind == model::person_kind::person;
        if (may && (!oldest || each.created_ns < oldest->created_ns))
            oldest = &each;
    }
    if (oldest)
        return make_link(tx, *oldest, request);
    // Nobody is left who could let others in; whoever is called "admin" by now keeps the name.
    const auto name = find_free_name(tx, std::string(first_name));
    if (!name)
        return name.error();
    return add_person(tx, *name, all_roles, request);
}

result<sign_in_link> issue_link(store::transaction& tx, std::string_view name, const link_request& request)
{
    const auto person = store::find_person_by_name(tx, name);
    if (!person)
        return person.error();
    if (!*person)
        return errc::not_found;
    if ((*person)->disabled || (*person)->kind != model::person_kind::person)
        return errc::denied;
    return make_link(tx, **person, request);
}

result<sign_in_link> add_person(
    store::transaction& tx, std::string_view name, const model::roles& roles, const link_request& request
)
{
    const auto person = insert(tx, name, roles, model::person_kind::person, request);
    if (!person)
        return person.error();
    return make_link(tx, *person, request);
}

result<model::person> add_service_account(
    store::transaction& tx, std::string_view name, const model::roles& roles, const link_request& request
)
{
    if (roles.approver)
        return errc::invalid_argument;
    return insert(tx, name, roles, model::person_kind::service, request);
}

result<model::person> add_identified_person(
    store::transaction& tx, std::string_view name, const model::roles& roles, const link_request& request
)
{
    return insert(tx, name, roles, model::person_kind::person, request);
}

result<model::person> change_person(
    store::transaction& tx, std::string_view id, const model::roles& roles, bool disabled, const link_request& request
)
{
    if (!has_any(roles))
        return errc::invalid_argument;
    const auto people = store::list_people(tx, store::people_listed_max);
    if (!people)
        return people.error();
    const auto known = std::find_if(people->begin(), people->end(), [id](const auto& each) { return each.id == id; });
    if (known == people->end())
        return errc::not_found;
    const bool another_admin = std::any_of(people->begin(), people->end(), [id](const model::person& each) {
        return each.id != id && each.roles.admin && !each.disabled && each.kind == model::person_kind::person;
    });
    if (known->kind == model::person_kind::service && roles.approver)
        return errc::invalid_argument;
    if (!another_admin && (disabled || !roles.admin))
        return errc::conflict;
    model::person changed = *known;
    changed.roles = roles;
    changed.disabled = disabled;
    const auto saved = store::save_person(tx, changed);
    if (!saved)
        return saved.error();
    const auto audited = write_audit(tx, request, "person.change", changed);
    if (!audited)
        return audited.error();
    return changed;
}

}  // namespace reprise::http
