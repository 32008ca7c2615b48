#include "reprise/store/notice_endpoints.hpp"

#include "query.hpp"

namespace reprise::store {

template <> struct enum_names<endpoint_kind> { static constexpr auto find = find_endpoint_kind; };

namespace {

constexpr auto set_names = sql_text(
    "url, description, types, severity_from, enabled, disabled_reason, secret, previous_secret, previous_until_ns,"
    " updated_ns"
);
constexpr auto endpoint_names =
    sql_text("id, kind, failing_since_ns, last_error, dropped, created_ns, version, ") + set_names;

constexpr auto insert_sql = "INSERT INTO notice_endpoints (" + endpoint_names + ") VALUES (" +
                            placeholders<count_columns(endpoint_names)>() + ")";
constexpr auto save_sql = "UPDATE notice_endpoints SET (" + set_names + ") = (" +
                          placeholders<count_columns(set_names)>() +
                          "), version = version + 1 WHERE id = :id AND version = :expected";
constexpr std::string_view delete_sql = "DELETE FROM notice_endpoints WHERE id = :id";
constexpr std::string_view version_sql = "SELECT version FROM notice_endpoints WHERE id = :id";

constexpr auto select_sql = "SELECT " + endpoint_names + " FROM notice_endpoints";
constexpr auto find_sql = select_sql + " WHERE id = :id";
constexpr auto list_webhooks_sql = select_sql + " WHERE kind = 'webhook' ORDER BY id LIMIT :limit";
constexpr auto list_ailing_sql =
    select_sql +
    " WHERE (enabled = 0 AND kind = 'webhook' AND disabled_reason NOT LIKE 'switched off by %')"
    " OR (enabled = 1 AND failing_since_ns < :before_ns) ORDER BY id LIMIT :limit";
constexpr std::string_view count_webhooks_sql = "SELECT COUNT(*) FROM notice_endpoints WHERE kind = 'webhook'";
constexpr std::string_view count_disabled_sql =
    "SELECT COUNT(*) FROM notice_endpoints WHERE kind = 'webhook' AND enabled = 0";
constexpr std::string_view sum_dropped_sql = "SELECT COALESCE(SUM(dropped), 0) FROM notice_endpoints";

constexpr std::string_view success_sql =
    "UPDATE notice_endpoints SET failing_since_ns = NULL, last_error = '' WHERE id = :id"
    " AND (failing_since_ns IS NOT NULL OR last_error <> '')";
constexpr std::string_view failure_sql =
    "UPDATE notice_endpoints SET failing_since_ns = COALESCE(failing_since_ns, :now_ns), last_error = :error"
    " WHERE id = :id RETURNING failing_since_ns";
constexpr std::string_view disable_sql =
    "UPDATE notice_endpoints SET enabled = 0, disabled_reason = :reason, updated_ns = :now_ns, version = version + 1"
    " WHERE id = :id AND enabled = 1";
constexpr std::string_view give_up_sql =
    "UPDATE deliveries SET state = 'failed', error = :error, ended_ns = :now_ns, version = version + 1"
    " WHERE endpoint_id = :endpoint_id AND state = 'pending'";

struct endpoint_row {
    using value_type = notice_endpoint;
    static auto set(auto& row)
    {
        return std::tie(
            row.url, row.description, row.types, row.severity_from, row.enabled, row.disabled_reason, row.secret,
            row.previous_secret, row.previous_until_ns, row.updated_ns
        );
    }
    static auto columns(auto& row)
    {
        return std::tuple_cat(
            std::tie(
                row.id, row.kind, row.failing_since_ns, row.last_error, row.dropped, row.created_ns, row.version
            ),
            set(row)
        );
    }
};

result<void> give_up_waiting(
    transaction& tx, std::string_view endpoint_id, std::string_view reason, std::int64_t now_ns
)
{
    const std::string error = "its endpoint was disabled: " + std::string(reason);
    return without_count(execute(tx, give_up_sql, error, now_ns, endpoint_id));
}

}  // namespace

std::string_view to_text(endpoint_kind value) noexcept
{
    return value == endpoint_kind::slack ? "slack" : "webhook";
}

std::optional<endpoint_kind> find_endpoint_kind(std::string_view text) noexcept
{
    for (const endpoint_kind one : {endpoint_kind::webhook, endpoint_kind::slack}) {
        if (to_text(one) == text)
            return one;
    }
    return std::nullopt;
}

result<void> insert_endpoint(transaction& tx, const notice_endpoint& value)
{
    const auto count = find_value<std::uint64_t>(tx, count_webhooks_sql);
    if (!count)
        return count.error();
    if (value.kind == endpoint_kind::webhook && *count >= webhooks_max)
        return reprise::errc::too_large;
    return without_count(execute(tx, insert_sql, endpoint_row::columns(value)));
}

result<void> save_endpoint(transaction& tx, notice_endpoint& value, std::int64_t expected_version)
{
    const auto saved = execute(tx, save_sql, endpoint_row::set(value), value.id, expected_version);
    if (!saved)
        return saved.error();
    if (*saved == 0)
        return stale_or_missing(tx, version_sql, value.id);
    value.version = expected_version + 1;
    if (value.enabled)
        return {};
    return give_up_waiting(tx, value.id, value.disabled_reason, value.updated_ns);
}

result<void> delete_endpoint(transaction& tx, std::string_view id)
{
    return changed_or(execute(tx, delete_sql, id), reprise::errc::not_found);
}

result<std::optional<notice_endpoint>> find_endpoint(const reader& from, std::string_view id)
{
    return find_one<endpoint_row>(from, find_sql, id);
}

result<std::vector<notice_endpoint>> list_webhooks(const reader& from)
{
    return list_all<endpoint_row>(from, list_webhooks_sql, std::int64_t{webhooks_max});
}

result<std::vector<notice_endpoint>> list_ailing_endpoints(const reader& from, std::int64_t failing_before_ns)
{
    return list_all<endpoint_row>(from, list_ailing_sql, failing_before_ns, std::int64_t{webhooks_max});
}

result<std::uint64_t> count_disabled_endpoints(const reader& from)
{
    return find_value<std::uint64_t>(from, count_disabled_sql);
}

result<std::uint64_t> sum_dropped_deliveries(const reader& from)
{
    return find_value<std::uint64_t>(from, sum_dropped_sql);
}

result<void> set_slack_endpoint(
    transaction& tx, std::string_view channel, model::severity severity_from, const std::vector<std::string>& types,
    std::int64_t now_ns
)
{
    const auto found = find_endpoint(tx, slack_endpoint_id);
    if (!found)
        return found.error();
    notice_endpoint wanted = found->value_or(notice_endpoint());
    wanted.id = slack_endpoint_id;
    wanted.kind = endpoint_kind::slack;
    wanted.url = channel;
    wanted.description = "the channel of the configuration";
    wanted.types = types;
    wanted.severity_from = severity_from;
    wanted.enabled = true;
    wanted.disabled_reason.clear();
    wanted.updated_ns = now_ns;
    if (*found)
        return save_endpoint(tx, wanted, (*found)->version);
    wanted.created_ns = now_ns;
    return insert_endpoint(tx, wanted);
}

result<void> unset_slack_endpoint(transaction& tx, std::int64_t now_ns)
{
    return disable_endpoint(tx, slack_endpoint_id, "Slack is not configured any more", now_ns);
}

result<void> note_endpoint_success(transaction& tx, std::string_view id)
{
    return without_count(execute(tx, success_sql, id));
}

result<std::int64_t> note_endpoint_failure(
    transaction& tx, std::string_view id, std::string_view error, std::int64_t now_ns
)
{
    std::int64_t since_ns = 0;
    const auto noted = find_into(tx, failure_sql, std::tie(since_ns), now_ns, error, id);
    if (!noted)
        return noted.error();
    if (!*noted)
        return reprise::errc::not_found;
    return since_ns;
}

result<void> disable_endpoint(transaction& tx, std::string_view id, std::string_view reason, std::int64_t now_ns)
{
    const auto disabled = execute(tx, disable_sql, reason, now_ns, id);
    if (!disabled)
        return disabled.error();
    return give_up_waiting(tx, id, reason, now_ns);
}

}  // namespace reprise::store
