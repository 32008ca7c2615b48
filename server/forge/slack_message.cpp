#include "reprise/forge/slack_message.hpp"

#include "markdown.hpp"
#include "run_result.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/forge/notice_link.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace json = boost::json;

namespace reprise::forge {
namespace {

// Escaping can make a text five times as long; a section takes 3,000 characters, a field 2,000.
constexpr std::size_t title_max = 300;
constexpr std::size_t sentence_max = 500;
constexpr std::size_t name_max = 120;
constexpr std::size_t reasons_shown_max = 4;
constexpr std::size_t comment_max = 400;
constexpr std::size_t hash_digits = 8;

std::string upper(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return out;
}

json::object plain_object(std::string_view text)
{
    return {{"type", "plain_text"}, {"text", text}, {"emoji", false}};
}

// For words of ours with a date or a link in them.
json::object marked_object(std::string_view text)
{
    return {{"type", "mrkdwn"}, {"text", text}, {"verbatim", true}};
}

// Slack refuses a message with an empty text in it.
void add_section(json::array& blocks, std::string_view text)
{
    if (!text.empty())
        blocks.emplace_back(json::object{{"type", "section"}, {"text", plain_object(text)}});
}

json::object header(std::string_view text)
{
    return {{"type", "header"}, {"text", plain_object(text)}};
}

std::string date_of(std::int64_t time_ns)
{
    return "<!date^" + std::to_string(time_ns / ns_per_s) + "^{date_short_pretty} {time}|" + format_rfc3339(time_ns) +
           ">";
}

json::object button(std::string_view action, std::string_view label, std::string_view value)
{
    json::object made;
    made["type"] = "button";
    made["action_id"] = action;
    made["text"] = plain_object(label);
    if (!value.empty())
        made["value"] = value;
    return made;
}

std::optional<json::object> open_button(const std::string& link)
{
    if (link.empty())
        return std::nullopt;
    json::object made = button(slack_open, "Open", {});
    made["url"] = link;
    return made;
}

json::object with_question(json::object made)
{
    json::object question;
    question["title"] = plain_object("Release it?");
    question["text"] = plain_object("What the approval describes will be done outside, under your name.");
    question["confirm"] = plain_object("Approve");
    question["deny"] = plain_object("Not now");
    made["confirm"] = std::move(question);
    return made;
}

// What all messages have around their blocks.
json::object message_of(const slack_subject& subject, std::string text, json::array blocks)
{
    json::object payload;
    payload["key"] = subject.key;
    json::object message;
    message["text"] = std::move(text);  // For notifications, and where blocks cannot be shown.
    message["blocks"] = std::move(blocks);
    message["metadata"] = {{"event_type", slack_notice_event}, {"event_payload", std::move(payload)}};
    message["mrkdwn"] = false;
    message["parse"] = "none";
    message["link_names"] = false;
    message["unfurl_links"] = false;
    message["unfurl_media"] = false;
    return message;
}

std::string verdict_text(const std::string& result_json)
{
    if (result_json.empty())
        return "not replayed";
    const auto result = parse_run_result(result_json);
    if (!result)
        return "not known";
    std::string text(model::to_text(result->verdict));
    std::replace(text.begin(), text.end(), '_', ' ');
    if (result->trials_done > 0)
        text += " (" + std::to_string(result->trials_shown) + " of " + std::to_string(result->trials_done) +
                " trials)";
    return text;
}

json::array fields_of(const slack_subject& subject, const slack_approval& about)
{
    const model::approval& approval = about.approval;
    json::array fields;
    const auto add = [&fields](std::string_view name, const std::string& value) {
        fields.emplace_back(plain_object(std::string(name) + ": " + value));
    };
    add("Service", slack_text(subject.incident.service, name_max));
    add("Severity", std::string(model::to_text(subject.incident.severity)));
    add("Verdict", verdict_text(about.result_json));
    add("Risk", std::string(model::to_text(approval.risk)));
    return fields;
}

std::string reasons_of(const model::approval& approval)
{
    std::string text = "Why this risk:";
    const std::size_t shown = std::min(approval.risk_reasons.size(), reasons_shown_max);
    for (std::size_t i = 0; i < shown; ++i)
        text += "\n- " + slack_text(approval.risk_reasons[i], name_max);
    if (approval.risk_reasons.size() > shown)
        text += "\n- and " + std::to_string(approval.risk_reasons.size() - shown) + " more";
    return text;
}

std::string names_of(std::span<const model::decision> decisions, model::decision_kind kind)
{
    std::string names;
    for (const model::decision& one : decisions) {
        if (one.kind == kind)
            names += (names.empty() ? "" : ", ") + slack_text(one.user, name_max);
    }
    return names.empty() ? "nobody" : names;
}

std::string headline(const slack_approval& about)
{
    const model::approval& approval = about.approval;
    switch (approval.state) {
    case model::approval_state::pending: return upper(model::to_text(approval.risk)) + " approval waits for people";
    case model::approval_state::approved:
    case model::approval_state::executed: return "Approved";
    case model::approval_state::rejected: return "Rejected";
    case model::approval_state::changes_requested: return "Changes asked for";
    case model::approval_state::stopped: return "Stopped";
    case model::approval_state::expired: return "Expired: nobody decided in time";
    case model::approval_state::voided: return "Void: what it was about has changed";
    case model::approval_state::lapsed: return "Lapsed: approved, but not carried out in time";
    }
    return "Approval";
}

// Who decided, why, or what is still needed and until when.
std::string standing(const slack_approval& about)
{
    using model::approval_state;
    using model::decision_kind;
    const model::approval& approval = about.approval;
    const auto comment = [&about]() -> std::string {
        const bool has = !about.decisions.empty() && !about.decisions.back().comment.empty();
        return has ? ": " + slack_text(about.decisions.back().comment, comment_max) : std::string();
    };
    switch (approval.state) {
    case approval_state::pending: {
        const auto given = std::count_if(about.decisions.begin(), about.decisions.end(), [](const auto& one) {
            return one.kind == decision_kind::approve;
        });
        return "Approvals: " + std::to_string(given) + " of " + std::to_string(approval.approvals_needed) +
               ". Expires " + date_of(approval.expires_ns) + "; expiry releases nothing.";
    }
    case approval_state::approved:
    case approval_state::executed: return "By " + names_of(about.decisions, decision_kind::approve) + comment();
    case approval_state::rejected: return "By " + names_of(about.decisions, decision_kind::reject) + comment();
    case approval_state::changes_requested:
        return "By " + names_of(about.decisions, decision_kind::request_changes) + comment();
    case approval_state::stopped: return "By " + names_of(about.decisions, decision_kind::stop) + comment();
    case approval_state::expired:
    case approval_state::voided:
    case approval_state::lapsed: return "Nothing was released.";
    }
    return {};
}

json::object actions_of(const slack_approval& about, const std::string& link)
{
    const model::approval& approval = about.approval;
    json::array elements;
    const bool waits = approval.state == model::approval_state::pending;
    // CRITICAL needs a person who is signed in and types a part of the hash.
    if (waits && approval.risk < model::risk::critical) {
        const std::string value = approval.id + ":" + approval.content_hash;
        json::object approve = with_question(button(slack_approve, "Approve", value));
        approve["style"] = "primary";
        elements.emplace_back(std::move(approve));
        json::object reject = button(slack_reject, "Reject", value);
        reject["style"] = "danger";
        elements.emplace_back(std::move(reject));
    }
    if (auto open = open_button(link))
        elements.emplace_back(std::move(*open));
    if (elements.empty())
        return {};
    return {{"type", "actions"}, {"elements", std::move(elements)}};
}

json::object context_line(const std::string& text)
{
    return {{"type", "context"}, {"elements", json::array{marked_object(text)}}};
}

void add_actions(json::array& blocks, json::object actions)
{
    if (!actions.empty())
        blocks.emplace_back(std::move(actions));
}

json::object open_row(const std::string& link)
{
    auto open = open_button(link);
    if (!open)
        return {};
    return {{"type", "actions"}, {"elements", json::array{std::move(*open)}}};
}

}  // namespace

std::string slack_text(std::string_view text, std::size_t bytes_max)
{
    std::string out;
    for (const char c : clean_line(text, bytes_max)) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '@': out += "@\xE2\x80\x8B"; break;  // A zero-width space: nobody is called.
        default: out += c;
        }
    }
    return out;
}

json::object approval_message(const slack_subject& subject, const slack_approval& about)
{
    const model::approval& approval = about.approval;
    const std::string title = slack_text(subject.incident.title, title_max);
    const std::string head = headline(about);
    json::array blocks;
    blocks.emplace_back(header(head));
    add_section(blocks, title);
    add_section(blocks, slack_text(approval.summary, sentence_max));
    blocks.emplace_back(json::object{{"type", "section"}, {"fields", fields_of(subject, about)}});
    if (about.signal)
        add_section(blocks, slack_text(about.signal->explanation, sentence_max));
    if (!approval.risk_reasons.empty())
        add_section(blocks, reasons_of(approval));
    blocks.emplace_back(context_line(standing(about)));
    blocks.emplace_back(context_line("Content " + approval.content_hash.substr(0, hash_digits)));
    add_actions(blocks, actions_of(about, page_link(subject.public_url, "approvals", approval.id)));
    return message_of(subject, head + ": " + title, std::move(blocks));
}

json::object reminder_message(const slack_subject& subject, const slack_approval& about, std::int64_t now_ns)
{
    const std::int64_t left_ns = std::max<std::int64_t>(about.approval.expires_ns - now_ns, 0);
    const std::string text = "Still waiting, " + format_duration(left_ns) + " left: " +
                             slack_text(subject.incident.title, title_max);
    json::array blocks;
    add_section(blocks, text);
    add_actions(blocks, open_row(page_link(subject.public_url, "approvals", about.approval.id)));
    return message_of(subject, text, std::move(blocks));
}

json::object incident_message(const slack_subject& subject, const std::optional<model::signal>& signal)
{
    const model::incident& incident = subject.incident;
    const std::string head = upper(model::to_text(incident.severity)) + " incident";
    const std::string title = slack_text(incident.title, title_max);
    json::array blocks;
    blocks.emplace_back(header(head));
    add_section(blocks, title);
    if (signal)
        add_section(blocks, slack_text(signal->explanation, sentence_max));
    add_section(blocks, "Service: " + slack_text(incident.service, name_max));
    add_actions(blocks, open_row(page_link(subject.public_url, "incidents", incident.id)));
    return message_of(subject, head + ": " + title, std::move(blocks));
}

json::object test_message(const slack_subject& subject, std::string_view asked_by)
{
    const std::string who = slack_text(asked_by, name_max);
    const std::string text = "A test of Reprise, asked for by " + who + ". Nothing happened.";
    json::array blocks;
    add_section(blocks, text);
    return message_of(subject, text, std::move(blocks));
}

json::object publication_message(const slack_subject& subject, const slack_publication& about)
{
    const std::string title = slack_text(about.title, title_max);
    const std::string head = "Published: " + slack_text(about.kind, name_max);
    json::array blocks;
    add_section(blocks, head + " in " + slack_text(about.target, name_max));
    add_section(blocks, title);
    add_section(blocks, slack_text(about.url, sentence_max));
    const bool is_link = about.url.starts_with("https://") && about.url.size() <= sentence_max;
    const std::string page = page_link(subject.public_url, "incidents", subject.incident.id);
    add_actions(blocks, open_row(is_link ? about.url : page));
    return message_of(subject, head + ": " + title, std::move(blocks));
}

json::object reject_dialog(std::string_view carried)
{
    json::object input;
    input["type"] = "plain_text_input";
    input["action_id"] = slack_comment;
    input["multiline"] = true;
    input["max_length"] = 3000;
    json::object block;
    block["type"] = "input";
    block["block_id"] = slack_comment;
    block["label"] = plain_object("Why? It goes back with the decision.");
    block["element"] = std::move(input);
    json::object view;
    view["type"] = "modal";
    view["callback_id"] = slack_reject;
    view["private_metadata"] = carried;
    view["title"] = plain_object("Reject");
    view["submit"] = plain_object("Reject");
    view["close"] = plain_object("Cancel");
    view["blocks"] = json::array{std::move(block)};
    return view;
}

}  // namespace reprise::forge
