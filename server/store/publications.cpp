#include "reprise/store/publications.hpp"

#include "query.hpp"

#include "reprise/store/events.hpp"
#include "reprise/store/notices.hpp"

#include <array>

namespace reprise::store {
namespace {

constexpr std::array<std::string_view, 4> state_texts = {"pending", "published", "failed", "outcome_unknown"};

constexpr auto publication_names = sql_text(
    "id, idempotency_key, run_id, incident_id, kind, target, title, content, url, state, attempts, due_ns, error,"
    " created_ns, published_ns, version"
);

constexpr auto insert_sql = "INSERT INTO publications (" + publication_names + ") VALUES (" +
                            placeholders<count_columns(publication_names)>() +
                            ") ON CONFLICT (idempotency_key) DO NOTHING";

constexpr auto select_sql = "SELECT " + publication_names + " FROM publications";
constexpr auto find_sql = select_sql + " WHERE id = :id";
constexpr auto find_by_key_sql = select_sql + " WHERE idempotency_key = :idempotency_key";
constexpr auto list_run_sql = select_sql + " WHERE run_id = :run_id ORDER BY id DESC LIMIT :limit";
constexpr auto list_incident_sql = select_sql + " WHERE incident_id = :incident_id ORDER BY id DESC LIMIT :limit";
constexpr std::string_view newest_sql = " ORDER BY id DESC LIMIT :limit";

constexpr auto take_sql = sql_text(
    "UPDATE publications SET attempts = attempts + 1, due_ns = :until_ns, version = version + 1 WHERE id = "
);
constexpr auto claim_due_sql = take_sql +
                               "(SELECT id FROM publications WHERE state IN ('pending', 'outcome_unknown')"
                               " AND due_ns <= :now_ns ORDER BY due_ns, id LIMIT 1) RETURNING " +
                               publication_names;
constexpr auto claim_sql =
    take_sql + ":id AND state IN ('pending', 'outcome_unknown') AND due_ns <= :now_ns RETURNING " + publication_names;

constexpr auto published_sql =
    "UPDATE publications SET state = 'published', url = :url, error = '', published_ns = :now_ns,"
    " version = version + 1 WHERE id = :id AND state IN ('pending', 'outcome_unknown') AND attempts = :attempt"
    " RETURNING " +
    publication_names;
constexpr auto failed_sql =
    "UPDATE publications SET state = :state, error = :error, due_ns = :due_ns, version = version + 1"
    " WHERE id = :id AND state IN ('pending', 'outcome_unknown') AND attempts = :attempt RETURNING " +
    publication_names;
// Its attempts go on counting: they are the token of the claim.
constexpr auto revive_sql =
    "UPDATE publications SET state = CASE state WHEN 'failed' THEN 'pending' ELSE state END, run_id = :run_id,"
    " target = :target, title = :title, content = :content, due_ns = :due_ns, error = '', version = version + 1"
    " WHERE idempotency_key = :idempotency_key AND state <> 'published' RETURNING " +
    publication_names;

struct publication_row {
    using value_type = publication;
    static auto columns(auto& row)
    {
        return std::tie(
            row.id, row.idempotency_key, row.run_id, row.incident_id, row.kind, row.target, row.title, row.content,
            row.url, row.state, row.attempts, row.due_ns, row.error, row.created_ns, row.published_ns, row.version
        );
    }
};

result<void> announce(transaction& tx, const publication& changed, std::int64_t now_ns)
{
    for (const std::string& topic : {std::string("incidents"), "runs/" + changed.run_id}) {
        const auto seq = append_event(tx, topic, "publication", changed.id, changed.version, now_ns);
        if (!seq)
            return seq.error();
    }
    return {};
}

// Nothing more happens by itself: it exists, it was given up, or a person must find out.
bool is_settled(const publication& value)
{
    const bool is_left_open =
        value.state == publication_state::outcome_unknown && value.due_ns == publication_never_ns;
    return value.state == publication_state::published || value.state == publication_state::failed || is_left_open;
}

result<void> announce_or_stale(
    transaction& tx, const result<std::optional<publication>>& changed, std::int64_t now_ns
)
{
    if (!changed)
        return changed.error();
    if (!*changed)
        return reprise::errc::stale;
    if (is_settled(**changed)) {
        if (const auto queued = enqueue_deliveries(tx, publication_ended(**changed, now_ns)); !queued)
            return queued.error();
    }
    return announce(tx, **changed, now_ns);
}

}  // namespace

std::string_view to_text(publication_state value) noexcept
{
    return state_texts[static_cast<std::size_t>(value)];
}

std::optional<publication_state> find_publication_state(std::string_view text) noexcept
{
    for (std::size_t i = 0; i < state_texts.size(); ++i) {
        if (state_texts[i] == text)
            return static_cast<publication_state>(i);
    }
    return std::nullopt;
}

result<publication> insert_publication(transaction& tx, const publication& wanted)
{
    const auto inserted = execute(tx, insert_sql, publication_row::columns(wanted));
    if (!inserted)
        return inserted.error();
    if (*inserted == 1) {
        const auto told = announce(tx, wanted, wanted.created_ns);
        if (!told)
            return told.error();
    }
    auto stored = find_publication_by_key(tx, wanted.idempotency_key);
    if (!stored)
        return stored.error();
    assert(stored->has_value());
    return std::move(**stored);
}

result<publication> revive_publication(transaction& tx, const publication& wanted)
{
    auto changed = find_one<publication_row>(
        tx, revive_sql, wanted.run_id, wanted.target, wanted.title, wanted.content, wanted.due_ns,
        wanted.idempotency_key
    );
    if (const auto told = announce_or_stale(tx, changed, wanted.created_ns); !told)
        return told.error();
    return std::move(**changed);
}

result<std::optional<publication>> claim_publication(transaction& tx, std::int64_t now_ns, std::int64_t lease_ns)
{
    return find_one<publication_row>(tx, claim_due_sql, now_ns + lease_ns, now_ns);
}

result<std::optional<publication>> claim_publication(
    transaction& tx, std::string_view id, std::int64_t now_ns, std::int64_t lease_ns
)
{
    return find_one<publication_row>(tx, claim_sql, now_ns + lease_ns, id, now_ns);
}

result<void> mark_published(
    transaction& tx, std::string_view id, std::uint32_t attempt, std::string_view url, std::int64_t now_ns
)
{
    return announce_or_stale(tx, find_one<publication_row>(tx, published_sql, url, now_ns, id, attempt), now_ns);
}

result<void> mark_failed(
    transaction& tx, std::string_view id, std::uint32_t attempt, std::string_view error,
    std::optional<std::int64_t> next_ns, std::int64_t now_ns
)
{
    const auto state = next_ns ? publication_state::pending : publication_state::failed;
    const auto changed =
        find_one<publication_row>(tx, failed_sql, state, error, next_ns.value_or(now_ns), id, attempt);
    return announce_or_stale(tx, changed, now_ns);
}

result<void> mark_unknown(
    transaction& tx, std::string_view id, std::uint32_t attempt, std::string_view error,
    std::optional<std::int64_t> next_ns, std::int64_t now_ns
)
{
    const auto changed = find_one<publication_row>(
        tx, failed_sql, publication_state::outcome_unknown, error, next_ns.value_or(publication_never_ns), id, attempt
    );
    return announce_or_stale(tx, changed, now_ns);
}

result<std::optional<publication>> find_publication(const reader& from, std::string_view id)
{
    return find_one<publication_row>(from, find_sql, id);
}

result<std::optional<publication>> find_publication_by_key(const reader& from, std::string_view idempotency_key)
{
    return find_one<publication_row>(from, find_by_key_sql, idempotency_key);
}

result<std::vector<publication>> list_publications(const reader& from, std::string_view after, std::size_t limit)
{
    conditions where;
    if (!after.empty())
        where.add("id < :after", after);
    return list_all<publication_row>(
        from, where.statement(select_sql, newest_sql), where.values(), capped(limit, publications_listed_max)
    );
}

result<std::vector<publication>> list_run_publications(const reader& from, std::string_view run_id, std::size_t limit)
{
    return list_all<publication_row>(from, list_run_sql, run_id, capped(limit, publications_listed_max));
}

result<std::vector<publication>> list_incident_publications(
    const reader& from, std::string_view incident_id, std::size_t limit
)
{
    return list_all<publication_row>(from, list_incident_sql, incident_id, capped(limit, publications_listed_max));
}

}  // namespace reprise::store
