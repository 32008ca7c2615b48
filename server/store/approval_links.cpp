#include "reprise/store/approval_links.hpp"

#include "query.hpp"

namespace reprise::store {
namespace {

constexpr auto link_names =
    sql_text("id, approval_id, content_hash, person_id, created_by, created_ns, expires_ns, used_ns");
constexpr auto insert_sql = "INSERT INTO approval_links (" + link_names + ") VALUES (" +
                            placeholders<count_columns(link_names)>() + ")";
constexpr auto find_sql = "SELECT " + link_names + " FROM approval_links WHERE id = :id";
constexpr std::string_view count_sql = "SELECT COUNT(*) FROM approval_links WHERE approval_id = :approval_id";
constexpr std::string_view use_sql = "UPDATE approval_links SET used_ns = :now_ns WHERE id = :id AND used_ns IS NULL";

struct link_row {
    using value_type = approval_link;
    static auto columns(auto& row)
    {
        return std::tie(
            row.id, row.approval_id, row.content_hash, row.person_id, row.created_by, row.created_ns, row.expires_ns,
            row.used_ns
        );
    }
};

}  // namespace

result<void> insert_approval_link(transaction& tx, const approval_link& link)
{
    const auto known = find_value<std::uint64_t>(tx, count_sql, link.approval_id);
    if (!known)
        return known.error();
    if (*known >= approval_links_max)
        return reprise::errc::too_large;
    return without_count(execute(tx, insert_sql, link_row::columns(link)));
}

result<std::optional<approval_link>> find_approval_link(const reader& from, std::string_view id)
{
    return find_one<link_row>(from, find_sql, id);
}

result<void> use_approval_link(transaction& tx, std::string_view id, std::int64_t now_ns)
{
    return changed_or(execute(tx, use_sql, now_ns, id), reprise::errc::stale);
}

}  // namespace reprise::store
