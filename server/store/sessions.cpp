#include "person_row.hpp"
#include "query.hpp"

#include "reprise/base/id.hpp"
#include "reprise/store/people.hpp"

namespace reprise::store {
namespace {

constexpr auto session_names = sql_text(
    "token_hash, csrf, person_id, created_ns, used_ns, id, authenticated_ns, auth"
);

constexpr auto insert_sql = "INSERT INTO sessions (" + session_names + ") VALUES (" +
                            placeholders<count_columns(session_names)>() + ")";
constexpr std::string_view end_oldest_sql =
    "DELETE FROM sessions WHERE person_id = :person_id AND token_hash NOT IN (SELECT token_hash FROM sessions"
    " WHERE person_id = :of ORDER BY created_ns DESC, rowid DESC LIMIT :keep)";
constexpr auto find_sql = "SELECT " + session_names +
                          " FROM sessions WHERE token_hash = :token_hash AND used_ns > :idle_since_ns"
                          " AND created_ns > :created_since_ns";
constexpr std::string_view may_sign_in_sql = "SELECT disabled = 0 AND kind = 'person' FROM people WHERE id = :id";
constexpr auto find_person_sql =
    "SELECT " + person_row::names + " FROM people WHERE id = :id AND disabled = 0 AND kind = 'person'";
constexpr std::string_view touch_sql =
    "UPDATE sessions SET used_ns = :now_ns WHERE token_hash = :token_hash AND used_ns < :earlier_than_ns";
constexpr std::string_view delete_sql = "DELETE FROM sessions WHERE token_hash = :token_hash";
constexpr std::string_view end_sql = "DELETE FROM sessions WHERE id = :id RETURNING person_id";
constexpr std::string_view renew_sql =
    "UPDATE sessions SET token_hash = :token_hash, csrf = :csrf, used_ns = :used_ns,"
    " authenticated_ns = :authenticated_ns, auth = :auth WHERE token_hash = :old_token_hash";
constexpr std::string_view end_others_sql =
    "DELETE FROM sessions WHERE person_id = :person_id AND token_hash <> :kept_token_hash";
constexpr auto list_sql = "SELECT " + session_names +
                          " FROM sessions WHERE used_ns > :idle_since_ns AND created_ns > :created_since_ns"
                          " ORDER BY id DESC LIMIT :limit";
constexpr auto list_of_person_sql =
    "SELECT " + session_names +
    " FROM sessions WHERE person_id = :person_id AND used_ns > :idle_since_ns AND created_ns > :created_since_ns"
    " ORDER BY created_ns DESC LIMIT :limit";
constexpr std::string_view prune_sessions_sql =
    "DELETE FROM sessions WHERE used_ns <= :idle_since_ns OR created_ns <= :created_since_ns";
constexpr std::string_view prune_links_sql =
    "DELETE FROM sign_in_links WHERE expires_ns <= :now_ns OR used_ns IS NOT NULL";

constexpr std::string_view insert_link_sql =
    "INSERT INTO sign_in_links (token_hash, person_id, expires_ns) VALUES (:token_hash, :person_id, :expires_ns)";
constexpr std::string_view use_link_sql =
    "UPDATE sign_in_links SET used_ns = :now_ns WHERE token_hash = :token_hash AND used_ns IS NULL"
    " AND expires_ns > :not_expired_ns RETURNING person_id";

struct session_row {
    using value_type = session;
    static auto columns(auto& row)
    {
        return std::tie(
            row.token_hash, row.csrf, row.person_id, row.created_ns, row.used_ns, row.id, row.authenticated_ns, row.auth
        );
    }
};

}  // namespace

result<void> insert_session(transaction& tx, const session& value)
{
    bool may_sign_in = true;
    const auto known = find_into(tx, may_sign_in_sql, std::tie(may_sign_in), value.person_id);
    if (!known)
        return known.error();
    if (!may_sign_in)
        return reprise::errc::denied;
    session named = value;
    if (named.id.empty())
        named.id = make_ulid(named.created_ns);
    const auto inserted = execute(tx, insert_sql, session_row::columns(named));
    if (!inserted)
        return inserted.error();
    return without_count(
        execute(tx, end_oldest_sql, value.person_id, value.person_id, std::int64_t{sessions_per_person_max})
    );
}

result<std::optional<session_view>> find_session(const reader& from, std::string_view token_hash, std::int64_t now_ns)
{
    auto found =
        find_one<session_row>(from, find_sql, token_hash, now_ns - session_idle_ns, now_ns - session_absolute_ns);
    if (!found)
        return found.error();
    if (!*found)
        return std::optional<session_view>();
    auto person = find_one<person_row>(from, find_person_sql, (*found)->person_id);
    if (!person)
        return person.error();
    if (!*person)
        return std::optional<session_view>();
    return std::optional<session_view>(session_view{std::move(**found), std::move(**person)});
}

result<void> touch_session(transaction& tx, std::string_view token_hash, std::int64_t now_ns)
{
    return without_count(execute(tx, touch_sql, now_ns, token_hash, now_ns));
}

result<void> delete_session(transaction& tx, std::string_view token_hash)
{
    return without_count(execute(tx, delete_sql, token_hash));
}

result<std::optional<std::string>> end_session(transaction& tx, std::string_view id)
{
    std::string person_id;
    const auto ended = find_into(tx, end_sql, std::tie(person_id), id);
    if (!ended)
        return ended.error();
    if (!*ended)
        return std::optional<std::string>();
    return std::optional<std::string>(std::move(person_id));
}

result<void> renew_session(transaction& tx, std::string_view old_token_hash, const session& renewed)
{
    const auto changed = execute(
        tx, renew_sql, renewed.token_hash, renewed.csrf, renewed.used_ns, renewed.authenticated_ns, renewed.auth,
        old_token_hash
    );
    return changed_or(changed, reprise::errc::not_found);
}

result<std::uint64_t> end_other_sessions(
    transaction& tx, std::string_view person_id, std::string_view kept_token_hash
)
{
    return execute(tx, end_others_sql, person_id, kept_token_hash);
}

result<std::vector<session_view>> list_sessions(
    const reader& from, std::string_view person_id, std::int64_t now_ns, std::size_t limit
)
{
    const std::int64_t most = capped(limit, sessions_listed_max);
    const std::int64_t idle_since_ns = now_ns - session_idle_ns;
    const std::int64_t created_since_ns = now_ns - session_absolute_ns;
    auto rows = person_id.empty()
                    ? list_all<session_row>(from, list_sql, idle_since_ns, created_since_ns, most)
                    : list_all<session_row>(
                          from, list_of_person_sql, person_id, idle_since_ns, created_since_ns, most
                      );
    if (!rows)
        return rows.error();
    std::vector<session_view> views;
    for (session& row : *rows) {
        auto person = find_one<person_row>(from, find_person_sql, row.person_id);
        if (!person)
            return person.error();
        if (*person)
            views.push_back({std::move(row), std::move(**person)});
    }
    return views;
}

result<std::uint64_t> prune_sessions(transaction& tx, std::int64_t now_ns)
{
    const auto sessions = execute(tx, prune_sessions_sql, now_ns - session_idle_ns, now_ns - session_absolute_ns);
    if (!sessions)
        return sessions.error();
    const auto links = execute(tx, prune_links_sql, now_ns);
    if (!links)
        return links.error();
    return *sessions + *links;
}

result<void> insert_link(
    transaction& tx, std::string_view token_hash, std::string_view person_id, std::int64_t expires_ns
)
{
    return without_count(execute(tx, insert_link_sql, token_hash, person_id, expires_ns));
}

result<std::optional<model::person>> use_link(transaction& tx, std::string_view token_hash, std::int64_t now_ns)
{
    std::string person_id;
    const auto used = find_into(tx, use_link_sql, std::tie(person_id), now_ns, token_hash, now_ns);
    if (!used)
        return used.error();
    if (!*used)
        return std::optional<model::person>();
    return find_one<person_row>(tx, find_person_sql, person_id);
}

}  // namespace reprise::store
