#include "reprise/store/tokens.hpp"

#include "person_row.hpp"
#include "query.hpp"

namespace reprise::store {
namespace {

constexpr auto token_names = sql_text(
    "id, person_id, name, secret_hash, scopes, networks, created_by, created_ns, expires_ns, used_ns, revoked_ns"
);
constexpr auto insert_sql = "INSERT INTO api_tokens (" + token_names + ") VALUES (" +
                            placeholders<count_columns(token_names)>() + ")";
constexpr std::string_view count_live_sql =
    "SELECT COUNT(*) FROM api_tokens WHERE person_id = :person_id AND revoked_ns IS NULL AND expires_ns > :now_ns";
constexpr auto find_sql = "SELECT " + token_names + " FROM api_tokens WHERE id = :id";
constexpr auto find_live_sql =
    "SELECT " + token_names + " FROM api_tokens WHERE id = :id AND revoked_ns IS NULL AND expires_ns > :now_ns";
constexpr auto find_person_sql = "SELECT " + person_row::names + " FROM people WHERE id = :id AND disabled = 0";
constexpr auto list_sql = "SELECT " + token_names + " FROM api_tokens ORDER BY id DESC LIMIT :limit";
constexpr auto list_of_person_sql =
    "SELECT " + token_names + " FROM api_tokens WHERE person_id = :person_id ORDER BY id DESC LIMIT :limit";
constexpr std::string_view touch_sql =
    "UPDATE api_tokens SET used_ns = :now_ns WHERE id = :id AND (used_ns IS NULL OR used_ns < :earlier_than_ns)";
constexpr std::string_view revoke_sql =
    "UPDATE api_tokens SET revoked_ns = :now_ns WHERE id = :id AND revoked_ns IS NULL";

constexpr std::string_view prune_sql =
    "DELETE FROM api_tokens WHERE expires_ns < :expired_before_ns OR revoked_ns < :revoked_before_ns";

struct token_row {
    using value_type = api_token;
    static auto columns(auto& row)
    {
        return std::tie(
            row.id, row.person_id, row.name, row.secret_hash, row.scopes, row.networks, row.created_by, row.created_ns,
            row.expires_ns, row.used_ns, row.revoked_ns
        );
    }
};

}  // namespace

result<void> insert_token(transaction& tx, const api_token& value, std::int64_t now_ns)
{
    const auto live = find_value<std::uint64_t>(tx, count_live_sql, value.person_id, now_ns);
    if (!live)
        return live.error();
    if (*live >= tokens_per_person_max)
        return reprise::errc::conflict;
    return without_count(execute(tx, insert_sql, token_row::columns(value)));
}

result<std::optional<api_token_view>> find_live_token(const reader& from, std::string_view id, std::int64_t now_ns)
{
    auto found = find_one<token_row>(from, find_live_sql, id, now_ns);
    if (!found)
        return found.error();
    if (!*found)
        return std::optional<api_token_view>();
    auto person = find_one<person_row>(from, find_person_sql, (*found)->person_id);
    if (!person)
        return person.error();
    if (!*person)
        return std::optional<api_token_view>();
    return std::optional<api_token_view>(api_token_view{std::move(**found), std::move(**person)});
}

result<std::optional<api_token>> find_token(const reader& from, std::string_view id)
{
    return find_one<token_row>(from, find_sql, id);
}

result<std::vector<api_token>> list_tokens(const reader& from, std::string_view person_id, std::size_t limit)
{
    const std::int64_t most = capped(limit, tokens_listed_max);
    if (person_id.empty())
        return list_all<token_row>(from, list_sql, most);
    return list_all<token_row>(from, list_of_person_sql, person_id, most);
}

result<void> touch_token(transaction& tx, std::string_view id, std::int64_t now_ns)
{
    return without_count(execute(tx, touch_sql, now_ns, id, now_ns));
}

result<void> revoke_token(transaction& tx, std::string_view id, std::int64_t now_ns)
{
    return changed_or(execute(tx, revoke_sql, now_ns, id), reprise::errc::not_found);
}

result<std::uint64_t> prune_tokens(transaction& tx, std::int64_t before_ns)
{
    return execute(tx, prune_sql, before_ns, before_ns);
}

}  // namespace reprise::store
