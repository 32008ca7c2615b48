#include "reprise/forge/released.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/hash.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace reprise::forge {
namespace {

namespace json = boost::json;

constexpr std::string_view ticket_action = "ticket";
constexpr std::string_view change_action = "pull_request";

result<json::object> parse_content(std::string_view content)
{
    json::error_code failed;
    json::value parsed = json::parse(content, failed);
    if (failed || !parsed.is_object())
        return errc::corrupt;
    return std::move(parsed.get_object());
}

// A text member; null when it is none.
const json::string* find_text(const json::object& object, std::string_view name)
{
    const json::value* found = object.if_contains(name);
    return found != nullptr ? found->if_string() : nullptr;
}

std::string text_of(const json::object& object, std::string_view name)
{
    const json::string* found = find_text(object, name);
    return found != nullptr ? std::string(*found) : std::string();
}

json::value evidence_of(const ticket_source& source)
{
    if (!source.evidence)
        return nullptr;
    return json::object{
        {"id", source.evidence->id}, {"sha256", source.evidence->sha256}, {"path", source.evidence->path}};
}

std::string commit_message_of(std::string_view title, std::string_view incident_id)
{
    return std::string(title) + "\n\nIncident: " + std::string(incident_id) + "\n";
}

result<std::vector<changed_file>> read_files(const json::object& object)
{
    const json::value* files = object.if_contains("files");
    if (files == nullptr || !files->is_array())
        return errc::corrupt;
    std::vector<changed_file> read;
    for (const json::value& one : files->get_array()) {
        if (!one.is_object() || find_text(one.get_object(), "path") == nullptr)
            return errc::corrupt;
        changed_file file;
        file.path = text_of(one.get_object(), "path");
        if (const json::string* content = find_text(one.get_object(), "content"))
            file.content = std::string(*content);
        read.push_back(std::move(file));
    }
    return read;
}

// What every effect has: where, what, and under which key.
result<effect> read_common(const json::object& object, std::string_view content)
{
    const json::value* generation = object.if_contains("generation");
    const bool complete = find_text(object, "target") != nullptr && find_text(object, "title") != nullptr
        && find_text(object, "body") != nullptr && find_text(object, "incident") != nullptr && generation != nullptr
        && generation->is_int64();
    if (!complete)
        return errc::corrupt;
    effect wanted;
    wanted.target = text_of(object, "target");
    wanted.title = text_of(object, "title");
    wanted.body = text_of(object, "body");
    wanted.key = ticket_key(text_of(object, "incident"), generation->get_int64());
    wanted.content_hash = sha256_hex(content);
    return wanted;
}

}  // namespace

std::string change_content(const ticket_source& source, const change_draft& draft, std::string_view target)
{
    json::object content;
    content["action"] = change_action;
    content["target"] = target;
    content["title"] = draft.title;
    content["body"] = draft.body;
    content["base_branch"] = draft.base_branch;
    content["head_branch"] = draft.head_branch;
    content["commit_message"] = commit_message_of(draft.title, source.incident.id);
    json::array files;
    for (const changed_file& file : draft.files) {
        json::value text = nullptr;
        if (file.content)
            text = *file.content;
        files.push_back(json::object{{"path", file.path}, {"content", std::move(text)}});
    }
    content["files"] = std::move(files);
    content["note"] = nullptr;
    if (!draft.note_parent.empty())
        content["note"] = json::object{{"target", draft.note_target}, {"on", draft.note_parent}};
    content["incident"] = source.incident.id;
    content["generation"] = source.incident.generation;
    content["run"] = source.run_id;
    content["risk"] = model::to_text(source.risk);
    content["risk_reasons"] = json::array(source.risk_reasons.begin(), source.risk_reasons.end());
    content["evidence"] = evidence_of(source);
    return canonical_json(content);
}

result<effect> parse_effect(std::string_view content)
{
    const auto object = parse_content(content);
    if (!object)
        return object.error();
    auto wanted = read_common(*object, content);
    if (!wanted)
        return wanted;
    const std::string action = text_of(*object, "action");
    if (action == ticket_action)
        return wanted;
    if (action != change_action)
        return errc::corrupt;
    auto files = read_files(*object);
    if (!files)
        return files.error();
    wanted->kind = effect_kind::pull_request;
    wanted->key += "-pr";
    wanted->base_branch = text_of(*object, "base_branch");
    wanted->head_branch = text_of(*object, "head_branch");
    wanted->commit_message = text_of(*object, "commit_message");
    wanted->files = std::move(*files);
    return wanted;
}

result<std::optional<effect>> parse_note(std::string_view content, std::string_view pull_request_url)
{
    const auto object = parse_content(content);
    if (!object)
        return object.error();
    const json::value* note = object->if_contains("note");
    if (note == nullptr || !note->is_object())
        return std::optional<effect>();
    auto wanted = read_common(*object, content);
    if (!wanted)
        return wanted.error();
    wanted->kind = effect_kind::comment;
    wanted->key += "-pr-note";
    wanted->target = text_of(note->get_object(), "target");
    wanted->parent = text_of(note->get_object(), "on");
    wanted->body = "A fix is proposed: " + std::string(pull_request_url) + "\n";
    return std::optional<effect>(std::move(*wanted));
}

result<std::string> edit_released(std::string_view content, std::string_view title, std::string_view body)
{
    auto object = parse_content(content);
    if (!object)
        return object.error();
    const bool one_line = std::none_of(title.begin(), title.end(), [](unsigned char each) { return each < 0x20; });
    if (title.empty() || !one_line || title.size() > title_bytes_max || body.size() > body_bytes_max)
        return errc::invalid_argument;
    const std::string action = text_of(*object, "action");
    if (action != ticket_action && action != change_action)
        return errc::corrupt;
    (*object)["title"] = title;
    (*object)["body"] = body;
    if (action == change_action)
        (*object)["commit_message"] = commit_message_of(title, text_of(*object, "incident"));
    return canonical_json(*object);
}

std::string change_key(std::string_view incident_id, std::int64_t generation)
{
    return ticket_key(incident_id, generation) + "-pr";
}

bool may_take_changes(std::string_view target) noexcept
{
    return target.starts_with("github:") || target.starts_with("gitlab:");
}

}  // namespace reprise::forge
