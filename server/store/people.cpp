#include "reprise/store/people.hpp"

#include "person_row.hpp"
#include "query.hpp"

namespace reprise::store {
namespace {

constexpr auto insert_sql = "INSERT INTO people (" + person_row::names + ") VALUES (" +
                            placeholders<count_columns(person_row::names)>() + ")";
constexpr std::string_view save_sql =
    "UPDATE people SET name = :name, roles = :roles, disabled = :disabled WHERE id = :id";
constexpr std::string_view end_sessions_sql = "DELETE FROM sessions WHERE person_id = :person_id";
constexpr std::string_view end_links_sql = "DELETE FROM sign_in_links WHERE person_id = :person_id";

constexpr auto find_sql = "SELECT " + person_row::names + " FROM people WHERE id = :id";
constexpr auto find_by_name_sql = "SELECT " + person_row::names + " FROM people WHERE name = :name";
constexpr auto list_sql = "SELECT " + person_row::names + " FROM people ORDER BY name LIMIT :limit";

constexpr std::string_view count_sql =
    "SELECT COUNT(*), COALESCE(SUM(CASE WHEN roles LIKE '%approver%' THEN 1 ELSE 0 END), 0)"
    " FROM people WHERE disabled = 0 AND kind = 'person'";

}  // namespace

result<void> insert_person(transaction& tx, const model::person& person)
{
    return without_count(execute(tx, insert_sql, person_row::columns(person)));
}

result<void> save_person(transaction& tx, const model::person& person)
{
    const auto saved = execute(tx, save_sql, person.name, person.roles, person.disabled, person.id);
    if (!saved)
        return saved.error();
    if (*saved == 0)
        return reprise::errc::not_found;
    if (!person.disabled)
        return {};
    const auto sessions = execute(tx, end_sessions_sql, person.id);
    if (!sessions)
        return sessions.error();
    return without_count(execute(tx, end_links_sql, person.id));
}

result<std::optional<model::person>> find_person(const reader& from, std::string_view id)
{
    return find_one<person_row>(from, find_sql, id);
}

result<std::optional<model::person>> find_person_by_name(const reader& from, std::string_view name)
{
    return find_one<person_row>(from, find_by_name_sql, name);
}

result<std::vector<model::person>> list_people(const reader& from, std::size_t limit)
{
    return list_all<person_row>(from, list_sql, capped(limit, people_listed_max));
}

result<people_counts> count_people(const reader& from)
{
    people_counts counts;
    const auto counted = find_into(from, count_sql, std::tie(counts.people, counts.approvers));
    if (!counted)
        return counted.error();
    return counts;
}

}  // namespace reprise::store
