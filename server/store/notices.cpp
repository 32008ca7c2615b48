#include "reprise/store/notices.hpp"

#include "query.hpp"

#include "reprise/base/id.hpp"
#include "reprise/base/log.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/store/notice_endpoints.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace json = boost::json;

namespace reprise::store {
namespace {

constexpr std::string_view wanting_sql =
    "SELECT id FROM notice_endpoints WHERE enabled = 1 AND (types = '[]' OR EXISTS ("
    "SELECT 1 FROM json_each(types) WHERE value = :type)) AND (:has_severity = 0 OR CASE severity_from"
    " WHEN 'low' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2 ELSE 3 END <= :severity) ORDER BY id";

constexpr std::string_view insert_sql =
    "INSERT INTO deliveries (id, endpoint_id, message_id, notice_key, type, subject, data, at_ns, state, attempts,"
    " attempts_known, rung, due_ns, status, error, snippet, created_ns, ended_ns, version) VALUES (:id, :endpoint_id,"
    " :message_id, :notice_key, :type, :subject, :data, :at_ns, 'pending', 0, 0, :rung, :due_ns, 0, '', '',"
    " :created_ns, NULL, 1) ON CONFLICT (endpoint_id, notice_key) DO NOTHING";

constexpr std::string_view count_waiting_sql =
    "SELECT COUNT(*) FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'pending'";
constexpr std::string_view drop_oldest_sql =
    "UPDATE deliveries SET state = 'dropped', ended_ns = :now_ns, version = version + 1, error = :error WHERE id ="
    " (SELECT id FROM deliveries INDEXED BY deliveries_due WHERE endpoint_id = :endpoint_id AND state = 'pending'"
    " ORDER BY +id LIMIT 1)";
constexpr std::string_view count_drop_sql = "UPDATE notice_endpoints SET dropped = dropped + 1 WHERE id = :id";

struct id_row {
    using value_type = std::string;
    static auto columns(auto& row) { return std::tie(row); }
};

// Cut before a character, never inside.
std::string word(std::string_view text)
{
    if (text.size() <= notice_word_bytes_max)
        return std::string(text);
    std::size_t size = notice_word_bytes_max;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
        --size;
    return std::string(text.substr(0, size));
}

std::string key_of(notice_kind kind, std::string_view id, std::string_view which = {})
{
    std::string key = std::string(to_text(kind)) + ":" + std::string(id);
    if (!which.empty())
        key += ":" + std::string(which);
    return key;
}

json::object data_of(const model::approval& approval)
{
    json::object data;
    data["approval_id"] = approval.id;
    data["run_id"] = approval.run_id;
    data["incident_id"] = approval.incident_id;
    data["action"] = word(approval.action);
    data["risk"] = model::to_text(approval.risk);
    data["state"] = model::to_text(approval.state);
    data["approvals_needed"] = approval.approvals_needed;
    data["content_hash"] = approval.content_hash;
    data["expires_at"] = format_rfc3339(approval.expires_ns);
    return data;
}

json::object data_of(const model::incident& incident)
{
    json::object data;
    data["incident_id"] = incident.id;
    data["service"] = word(incident.service);
    data["severity"] = model::to_text(incident.severity);
    data["status"] = model::to_text(incident.status);
    data["reason"] = word(incident.reason);
    data["generation"] = incident.generation;
    data["version"] = incident.version;
    return data;
}

std::string data_text(const notice& what)
{
    std::string text = json::serialize(what.data);
    if (text.size() <= notice_data_bytes_max)
        return text;
    log_warn("notices", what.key + ": its data is larger than a notice may be and is left out");
    return R"({"too_large":true})";
}

// Room for one more: the oldest goes, and is not forgotten.
result<void> make_room(transaction& tx, const std::string& endpoint_id, std::int64_t now_ns)
{
    const auto waiting = find_value<std::uint64_t>(tx, count_waiting_sql, endpoint_id);
    if (!waiting)
        return waiting.error();
    if (*waiting < deliveries_queued_max)
        return {};
    const std::string why = "given up for newer ones: " + std::to_string(*waiting) + " were waiting";
    if (const auto dropped = execute(tx, drop_oldest_sql, now_ns, why, endpoint_id); !dropped)
        return dropped.error();
    return without_count(execute(tx, count_drop_sql, endpoint_id));
}

}  // namespace

std::string_view to_text(notice_kind value) noexcept
{
    switch (value) {
    case notice_kind::approval_opened: return "approval.opened";
    case notice_kind::approval_reminder: return "approval.reminder";
    case notice_kind::approval_decided: return "approval.decided";
    case notice_kind::incident_opened: return "incident.opened";
    case notice_kind::incident_status_changed: return "incident.status_changed";
    case notice_kind::run_dead_lettered: return "run.dead_lettered";
    case notice_kind::publication_done: return "publication.done";
    case notice_kind::publication_failed: return "publication.failed";
    }
    return "unknown";
}

std::optional<notice_kind> find_notice_kind(std::string_view text) noexcept
{
    for (const notice_kind one : notice_kinds) {
        if (to_text(one) == text)
            return one;
    }
    return std::nullopt;
}

notice approval_opened(const model::approval& approval)
{
    notice made;
    made.kind = notice_kind::approval_opened;
    made.key = key_of(made.kind, approval.id);
    made.subject = "approval/" + approval.id;
    made.data = data_of(approval);
    made.at_ns = approval.created_ns;
    return made;
}

notice approval_reminder(const model::approval& approval, int percent, std::int64_t now_ns)
{
    notice made;
    made.kind = notice_kind::approval_reminder;
    made.key = key_of(made.kind, approval.id, std::to_string(percent));
    made.subject = "approval/" + approval.id;
    made.data = data_of(approval);
    made.data["percent"] = percent;
    made.at_ns = now_ns;
    return made;
}

notice approval_decided(const model::approval& approval, std::string_view decided_by, std::int64_t now_ns)
{
    notice made;
    made.kind = notice_kind::approval_decided;
    made.key = key_of(made.kind, approval.id, model::to_text(approval.state));
    made.subject = "approval/" + approval.id;
    made.data = data_of(approval);
    if (!decided_by.empty())
        made.data["decided_by"] = word(decided_by);
    made.at_ns = now_ns;
    return made;
}

notice incident_opened(const model::incident& incident)
{
    notice made;
    made.kind = notice_kind::incident_opened;
    made.key = key_of(made.kind, incident.id);
    made.subject = "incident/" + incident.id;
    made.severity = incident.severity;
    made.data = data_of(incident);
    made.at_ns = incident.opened_ns;
    return made;
}

std::optional<notice> incident_moved(const model::incident& incident, const model::incident_event& event)
{
    const std::string_view from = std::string_view(event.from).substr(0, event.from.find('/'));
    if (from == model::to_text(incident.status))
        return std::nullopt;
    notice made;
    made.kind = notice_kind::incident_status_changed;
    made.key = key_of(made.kind, incident.id, std::to_string(incident.version));
    made.subject = "incident/" + incident.id;
    made.severity = incident.severity;
    made.data = data_of(incident);
    made.data["from"] = word(from);
    made.at_ns = event.at_ns;
    return made;
}

notice run_dead_lettered(const model::run& run)
{
    notice made;
    made.kind = notice_kind::run_dead_lettered;
    made.key = key_of(made.kind, run.id, std::to_string(run.version));
    made.subject = "run/" + run.id;
    made.data["run_id"] = run.id;
    made.data["incident_id"] = run.incident_id;
    made.data["kind"] = model::to_text(run.kind);
    made.data["step"] = word(run.step);
    made.data["attempt"] = run.attempt;
    made.at_ns = run.updated_ns;
    return made;
}

notice publication_ended(const publication& value, std::int64_t now_ns)
{
    notice made;
    const bool done = value.state == publication_state::published;
    made.kind = done ? notice_kind::publication_done : notice_kind::publication_failed;
    made.key = key_of(made.kind, value.id, std::to_string(value.attempts));
    made.subject = "publication/" + value.id;
    made.data["publication_id"] = value.id;
    made.data["incident_id"] = value.incident_id;
    made.data["run_id"] = value.run_id;
    made.data["kind"] = word(value.kind);
    made.data["target"] = word(value.target);
    made.data["state"] = to_text(value.state);
    if (done)
        made.data["location"] = word(value.url);
    made.at_ns = now_ns;
    return made;
}

result<std::size_t> enqueue_deliveries(transaction& tx, const notice& what)
{
    const auto severity = static_cast<std::uint32_t>(what.severity.value_or(model::severity::low));
    const auto wanting =
        list_all<id_row>(tx, wanting_sql, to_text(what.kind), std::uint32_t{what.severity ? 1U : 0U}, severity);
    if (!wanting)
        return wanting.error();
    if (wanting->empty())
        return std::size_t{0};
    const std::string data = data_text(what);
    const std::string message_id = "msg_" + make_ulid(what.at_ns);
    std::size_t count = 0;
    for (const std::string& endpoint_id : *wanting) {
        if (const auto made = make_room(tx, endpoint_id, what.at_ns); !made)
            return made.error();
        const auto inserted = execute(
            tx, insert_sql, make_ulid(what.at_ns), endpoint_id, message_id, what.key, to_text(what.kind), what.subject,
            data, what.at_ns, std::uint32_t{0}, what.at_ns, what.at_ns
        );
        if (!inserted)
            return inserted.error();
        count += *inserted;
    }
    return count;
}

result<std::string> enqueue_test(transaction& tx, const webhook_test& what)
{
    if (const auto made = make_room(tx, what.endpoint_id, what.now_ns); !made)
        return made.error();
    std::string id = make_ulid(what.now_ns);
    const json::object data = {{"webhook_id", word(what.endpoint_id)}, {"asked_by", word(what.asked_by)}};
    const std::string notice_key = std::string(webhook_test_type) + ":" + id;
    const auto inserted = execute(
        tx, insert_sql, id, what.endpoint_id, "msg_" + make_ulid(what.now_ns), notice_key, webhook_test_type,
        "webhook/" + what.endpoint_id, json::serialize(data), what.now_ns, what.rung, what.now_ns, what.now_ns
    );
    if (!inserted)
        return inserted.error();
    return id;
}

}  // namespace reprise::store
