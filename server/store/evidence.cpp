#include "reprise/store/evidence.hpp"

#include "query.hpp"

#include "reprise/store/archive_objects.hpp"

namespace reprise::store {
namespace {

constexpr auto evidence_names = sql_text(
    "id, signal_id, service, fingerprint, window_start_ns, created_ns, path, sha256, bytes, failing, control, cut,"
    " expired_ns"
);

constexpr auto insert_sql = "INSERT INTO evidence (" + evidence_names + ") VALUES (" +
                            placeholders<count_columns(evidence_names)>() + ")";
constexpr auto select_sql = "SELECT " + evidence_names + " FROM evidence";
constexpr auto find_sql = select_sql + " WHERE id = :id";
constexpr auto find_by_signal_sql = select_sql + " WHERE signal_id = :signal_id ORDER BY id DESC LIMIT 1";
constexpr auto list_incident_sql =
    select_sql + " WHERE signal_id IN (SELECT id FROM signals WHERE incident_id = :incident_id)"
                 " ORDER BY id DESC LIMIT :limit";
constexpr auto list_bare_sql =
    select_sql + " WHERE expired_ns IS NULL AND path NOT IN (SELECT path FROM archive_objects) LIMIT :limit";

struct evidence_row {
    using value_type = model::evidence;
    static auto columns(auto& row)
    {
        return std::tie(
            row.id, row.signal_id, row.service, row.fingerprint, row.window_start_ns, row.created_ns, row.path,
            row.sha256, row.bytes, row.failing, row.control, row.cut, row.expired_ns
        );
    }
};

}  // namespace

result<void> insert_evidence(transaction& tx, const model::evidence& evidence)
{
    const auto inserted = execute(tx, insert_sql, evidence_row::columns(evidence));
    if (!inserted)
        return inserted.error();
    archive_object object;
    object.path = evidence.path;
    object.owner_id = evidence.id;
    object.created_ns = evidence.created_ns;
    object.bytes = evidence.bytes;
    object.sha256 = evidence.sha256;
    return save_archive_object(tx, object);
}

result<std::optional<model::evidence>> find_evidence(const reader& from, std::string_view id)
{
    return find_one<evidence_row>(from, find_sql, id);
}

result<std::optional<model::evidence>> find_signal_evidence(const reader& from, std::string_view signal_id)
{
    return find_one<evidence_row>(from, find_by_signal_sql, signal_id);
}

result<std::vector<model::evidence>> list_incident_evidence(
    const reader& from, std::string_view incident_id, std::size_t limit
)
{
    return list_all<evidence_row>(from, list_incident_sql, incident_id, capped(limit, evidence_listed_max));
}

result<std::vector<model::evidence>> list_evidence_without_object(const reader& from, std::size_t limit)
{
    return list_all<evidence_row>(from, list_bare_sql, capped(limit, evidence_listed_max));
}

}  // namespace reprise::store
