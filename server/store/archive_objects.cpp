#include "reprise/store/archive_objects.hpp"

#include "query.hpp"

#include "reprise/store/run_answers.hpp"

#include <array>

namespace reprise::store {
namespace {

constexpr std::array<std::string_view, 2> kind_texts = {"evidence", "findings"};
constexpr std::array<std::string_view, 4> place_texts = {"local", "both", "remote", "removing"};

template <class Enum, std::size_t Size>
std::optional<Enum> find_text(std::string_view text, const std::array<std::string_view, Size>& texts) noexcept
{
    for (std::size_t i = 0; i < Size; ++i) {
        if (texts[i] == text)
            return static_cast<Enum>(i);
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_text(archive_kind value) noexcept
{
    return kind_texts[static_cast<std::size_t>(value)];
}

std::string_view to_text(archive_place value) noexcept
{
    return place_texts[static_cast<std::size_t>(value)];
}

std::optional<archive_kind> find_archive_kind(std::string_view text) noexcept
{
    return find_text<archive_kind>(text, kind_texts);
}

std::optional<archive_place> find_archive_place(std::string_view text) noexcept
{
    return find_text<archive_place>(text, place_texts);
}

template <> struct enum_names<archive_kind> { static constexpr auto find = find_archive_kind; };
template <> struct enum_names<archive_place> { static constexpr auto find = find_archive_place; };

namespace {

constexpr auto object_names =
    sql_text("path, kind, owner_id, created_ns, bytes, sha256, place, attempts, due_ns, error");

constexpr auto save_sql = "INSERT OR REPLACE INTO archive_objects (" + object_names + ") VALUES (" +
                          placeholders<count_columns(object_names)>() + ")";
constexpr auto select_sql = "SELECT " + object_names + " FROM archive_objects";
constexpr auto find_sql = select_sql + " WHERE path = :path";
constexpr auto list_sql = select_sql + " WHERE path > :after ORDER BY path LIMIT :limit";
constexpr std::string_view sum_sql =
    "SELECT count(*), coalesce(sum(bytes), 0) FROM archive_objects WHERE place <> 'removing'";

constexpr auto list_due_sql = select_sql + " WHERE place = 'local' AND due_ns <= :now_ns ORDER BY due_ns LIMIT :limit";
constexpr std::string_view sum_waiting_sql =
    "SELECT count(*), coalesce(sum(bytes), 0) FROM archive_objects WHERE place = 'local'";
constexpr std::string_view uploaded_sql =
    "UPDATE archive_objects SET place = :place, attempts = 0, error = ''"
    " WHERE path = :path AND sha256 = :sha256 AND place = 'local'";
constexpr std::string_view upload_failed_sql =
    "UPDATE archive_objects SET attempts = attempts + 1, error = :error, due_ns = :due_ns"
    " WHERE path = :path AND sha256 = :sha256 AND place = 'local'";

// An object that evidence of an open incident names stays, however old.
constexpr auto list_expirable_sql =
    select_sql +
    " WHERE kind = :kind AND created_ns < :before_ns AND place <> 'removing' AND NOT EXISTS ("
    "SELECT 1 FROM evidence e JOIN signals s ON s.id = e.signal_id JOIN incidents i ON i.id = s.incident_id"
    " WHERE e.id = archive_objects.owner_id AND i.open = 1) ORDER BY created_ns LIMIT :limit";
constexpr std::string_view remove_sql =
    "UPDATE archive_objects SET place = 'removing' WHERE path = :path AND place <> 'removing'";
constexpr std::string_view expire_sql =
    "UPDATE evidence SET expired_ns = :now_ns WHERE id = :id AND expired_ns IS NULL";
constexpr auto list_removing_sql = select_sql + " WHERE place = 'removing' ORDER BY path LIMIT :limit";
constexpr std::string_view delete_sql = "DELETE FROM archive_objects WHERE path = :path AND place = 'removing'";

struct object_row {
    using value_type = archive_object;
    static auto columns(auto& row)
    {
        return std::tie(
            row.path, row.kind, row.owner_id, row.created_ns, row.bytes, row.sha256, row.place, row.attempts,
            row.due_ns, row.error
        );
    }
};

result<archive_totals> find_totals(const reader& from, std::string_view sql)
{
    archive_totals totals;
    const auto found = find_into(from, sql, std::tie(totals.objects, totals.bytes));
    if (!found)
        return found.error();
    return totals;
}

}  // namespace

result<void> save_archive_object(transaction& tx, const archive_object& object)
{
    return without_count(execute(tx, save_sql, object_row::columns(object)));
}

result<std::optional<archive_object>> find_archive_object(const reader& from, std::string_view path)
{
    return find_one<object_row>(from, find_sql, path);
}

result<std::vector<archive_object>> list_archive_objects(const reader& from, std::string_view after, std::size_t limit)
{
    return list_all<object_row>(from, list_sql, after, capped(limit, archive_objects_listed_max));
}

result<archive_totals> sum_archive(const reader& from)
{
    return find_totals(from, sum_sql);
}

result<std::vector<archive_object>> list_due_uploads(const reader& from, std::int64_t now_ns, std::size_t limit)
{
    return list_all<object_row>(from, list_due_sql, now_ns, capped(limit, archive_objects_listed_max));
}

result<archive_totals> sum_waiting(const reader& from)
{
    return find_totals(from, sum_waiting_sql);
}

result<void> mark_uploaded(transaction& tx, const archive_object& object, bool keeps_local)
{
    const auto place = keeps_local ? archive_place::both : archive_place::remote;
    return changed_or(execute(tx, uploaded_sql, place, object.path, object.sha256), reprise::errc::stale);
}

result<void> mark_upload_failed(
    transaction& tx, const archive_object& object, std::string_view error, std::int64_t due_ns
)
{
    return changed_or(
        execute(tx, upload_failed_sql, error, due_ns, object.path, object.sha256), reprise::errc::stale
    );
}

result<std::vector<archive_object>> list_expirable(
    const reader& from, archive_kind kind, std::int64_t before_ns, std::size_t limit
)
{
    return list_all<object_row>(
        from, list_expirable_sql, kind, before_ns, capped(limit, archive_objects_listed_max)
    );
}

result<void> begin_removal(transaction& tx, const archive_object& object, std::int64_t now_ns)
{
    if (auto removed = changed_or(execute(tx, remove_sql, object.path), reprise::errc::stale); !removed)
        return removed;
    if (object.kind != archive_kind::evidence)
        return {};
    if (auto expired = execute(tx, expire_sql, now_ns, object.owner_id); !expired)
        return expired.error();
    return delete_evidence_answers(tx, object.owner_id);
}

result<std::vector<archive_object>> list_removing(const reader& from, std::size_t limit)
{
    return list_all<object_row>(from, list_removing_sql, capped(limit, archive_objects_listed_max));
}

result<void> end_removal(transaction& tx, std::string_view path)
{
    return changed_or(execute(tx, delete_sql, path), reprise::errc::not_found);
}

}  // namespace reprise::store
