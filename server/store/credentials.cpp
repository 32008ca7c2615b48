#include "reprise/store/credentials.hpp"

#include "person_row.hpp"
#include "query.hpp"

#include "reprise/store/people.hpp"

namespace reprise::store {
namespace {

constexpr std::string_view save_password_sql =
    "INSERT INTO passwords (person_id, hash, changed_ns) VALUES (:person_id, :hash, :changed_ns)"
    " ON CONFLICT (person_id) DO UPDATE SET hash = excluded.hash, changed_ns = excluded.changed_ns";
constexpr std::string_view find_password_sql = "SELECT hash, changed_ns FROM passwords WHERE person_id = :person_id";
constexpr std::string_view link_identity_sql =
    "INSERT INTO identities (issuer, subject, person_id, linked_ns)"
    " VALUES (:issuer, :subject, :person_id, :linked_ns)";
constexpr std::string_view has_identity_sql =
    "SELECT EXISTS (SELECT 1 FROM identities WHERE person_id = :person_id)";
constexpr auto find_by_identity_sql =
    "SELECT " + person_row::names +
    " FROM people WHERE id = (SELECT person_id FROM identities WHERE issuer = :issuer AND subject = :subject)";

}  // namespace

result<void> save_password(
    transaction& tx, std::string_view person_id, std::string_view hash, std::int64_t now_ns
)
{
    const auto person = find_person(tx, person_id);
    if (!person)
        return person.error();
    if (*person && (*person)->kind != model::person_kind::person)
        return reprise::errc::denied;
    return without_count(execute(tx, save_password_sql, person_id, hash, now_ns));
}

result<std::optional<password_record>> find_password(const reader& from, std::string_view person_id)
{
    password_record record;
    const auto found = find_into(from, find_password_sql, std::tie(record.hash, record.changed_ns), person_id);
    if (!found)
        return found.error();
    if (!*found)
        return std::optional<password_record>();
    return std::optional<password_record>(std::move(record));
}

result<void> link_identity(
    transaction& tx, const identity_key& identity, std::string_view person_id, std::int64_t now_ns
)
{
    return without_count(execute(tx, link_identity_sql, identity.issuer, identity.subject, person_id, now_ns));
}

result<bool> has_identity(const reader& from, std::string_view person_id)
{
    bool has = false;
    const auto found = find_into(from, has_identity_sql, std::tie(has), person_id);
    return found ? result<bool>(has) : found;
}

result<std::optional<model::person>> find_person_by_identity(const reader& from, const identity_key& identity)
{
    return find_one<person_row>(from, find_by_identity_sql, identity.issuer, identity.subject);
}

}  // namespace reprise::store
