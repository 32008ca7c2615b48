#include "reprise/runs/approval_links.hpp"

#include "incident_moves.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/store/people.hpp"

#include <boost/json/object.hpp>

namespace reprise::runs {
namespace {

constexpr std::size_t id_chars = 26;

// Lengths before texts, so that no two different rows sign the same bytes.
std::string signature_of(const store::approval_link& link, std::string_view key)
{
    std::string bytes = "approval-link";
    for (const std::string_view part : {std::string_view(link.id), std::string_view(link.approval_id),
                                        std::string_view(link.content_hash), std::string_view(link.person_id)})
        bytes += "\n" + std::to_string(part.size()) + ":" + std::string(part);
    bytes += "\n" + std::to_string(link.expires_ns);
    return to_hex(hmac_sha256(key, bytes));
}

result<void> check_may_link(const store::reader& from, const link_request& request, const model::approval& approval,
                            std::int64_t now_ns)
{
    if (approval.state != model::approval_state::pending)
        return lifecycle::errc::already_decided;
    if (now_ns >= approval.expires_ns)
        return lifecycle::errc::expired;
    const auto person = store::find_person(from, request.person_id);
    if (!person)
        return person.error();
    if (!*person)
        return errc::not_found;
    const bool may = !(*person)->disabled && (*person)->roles.approver;
    return may ? result<void>() : lifecycle::errc::not_approver;
}

result<void> audit_link(
    store::transaction& tx, const link_request& request, const store::approval_link& link, std::int64_t now_ns
)
{
    boost::json::object detail;
    detail["link"] = link.id;
    detail["person"] = link.person_id;
    detail["content_hash"] = link.content_hash;
    audited row;
    row.actor = request.created_by;
    const bool is_person = request.created_by.starts_with("user:");
    row.actor_type = is_person ? "person" : "system";
    row.auth = is_person ? "session" : "none";
    row.action = "approval.link";
    row.object = "approval/" + link.approval_id;
    row.detail = canonical_json(detail);
    row.request_id = request.request_id;
    return write_audit(tx, row, now_ns);
}

}  // namespace

result<made_link> make_approval_link(
    store::transaction& tx, const link_request& request, std::string_view key, std::int64_t now_ns
)
{
    if (key.size() < link_key_bytes_min)
        return errc::unavailable;
    const auto approval = store::find_approval(tx, request.approval_id);
    if (!approval)
        return approval.error();
    if (!*approval)
        return errc::not_found;
    if (auto may = check_may_link(tx, request, **approval, now_ns); !may)
        return may.error();
    made_link made;
    made.link.id = make_ulid(now_ns);
    made.link.approval_id = request.approval_id;
    made.link.content_hash = (*approval)->content_hash;
    made.link.person_id = request.person_id;
    made.link.created_by = request.created_by;
    made.link.created_ns = now_ns;
    made.link.expires_ns = (*approval)->expires_ns;
    if (auto inserted = store::insert_approval_link(tx, made.link); !inserted)
        return inserted.error();
    if (auto audit = audit_link(tx, request, made.link, now_ns); !audit)
        return audit.error();
    made.token = made.link.id + "." + signature_of(made.link, key);
    return made;
}

result<store::approval_link> find_approval_link(
    const store::reader& from, std::string_view token, std::string_view key
)
{
    const std::string_view id = token.substr(0, id_chars);
    const bool is_shaped = token.size() > id_chars && token[id_chars] == '.' && is_ulid(id);
    if (!is_shaped || key.size() < link_key_bytes_min)
        return errc::not_found;
    auto link = store::find_approval_link(from, id);
    if (!link)
        return link.error();
    if (!*link || !equal_in_constant_time(token.substr(id_chars + 1), signature_of(**link, key)))
        return errc::not_found;
    return std::move(**link);
}

result<decision_answer> decide_by_link(
    store::transaction& tx, std::string_view token, std::string_view key, decision_request request,
    const lifecycle::approval_policy& policy, std::int64_t now_ns, notice_sink* notices
)
{
    const auto link = find_approval_link(tx, token, key);
    if (!link)
        return link.error();
    if (link->person_id != request.person.id)
        return lifecycle::errc::link_of_another;
    if (link->used_ns)
        return lifecycle::errc::link_used;
    if (now_ns >= link->expires_ns)
        return lifecycle::errc::expired;
    if (link->content_hash != request.content_hash)
        return lifecycle::errc::hash_mismatch;
    if (auto used = store::use_approval_link(tx, link->id, now_ns); !used)
        return used.error();
    request.approval_id = link->approval_id;
    request.link_id = link->id;
    return decide_approval(tx, request, policy, now_ns, notices);
}

}  // namespace reprise::runs
