#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "person_audit.hpp"
#include "render.hpp"

#include "reprise/forge/ticket.hpp"
#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/lifecycle/protected_paths.hpp"
#include "reprise/runs/fix.hpp"
#include "reprise/store/database.hpp"

#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

// "content": null deletes the file; a forgotten one must not.
checked<forge::changed_file> read_file(const json::value& one)
{
    if (!one.is_object())
        return refuse("files: each is an object {path, content}.");
    const json::object& file = one.get_object();
    if (const auto known = check_members(file, "files: a file", "path content"); !known)
        return known.error();
    const auto path = read_text(file, "path", lifecycle::change_path_bytes_max);
    if (!path)
        return refuse("files: " + path.error().reason);
    const json::value* content = file.if_contains("content");
    const bool is_said = content != nullptr && (content->is_string() || content->is_null());
    if (!is_said)
        return refuse("files: content of \"" + *path + "\" is required: the whole new text, or null to delete it.");
    forge::changed_file read;
    read.path = *path;
    if (content->is_string())
        read.content = std::string(content->get_string());
    return read;
}

checked<std::vector<forge::changed_file>> read_files(const json::object& body)
{
    const json::value* files = body.if_contains("files");
    if (files == nullptr || !files->is_array())
        return refuse("files is required: a list of {path, content}.");
    std::vector<forge::changed_file> read;
    for (const json::value& one : files->get_array()) {
        auto file = read_file(one);
        if (!file)
            return file.error();
        read.push_back(std::move(*file));
    }
    return read;
}

checked<runs::fix_request> read_fix(const net::request& req)
{
    const auto body = read_members(req, "A fix", "title body base_branch files comment");
    if (!body)
        return body.error();
    const auto title = read_text(*body, "title", forge::title_bytes_max);
    if (!title)
        return title.error();
    const auto text = read_text(*body, "body", runs::fix_body_bytes_max);
    if (!text)
        return text.error();
    const auto branch = read_text(*body, "base_branch", runs::fix_branch_bytes_max);
    if (!branch)
        return branch.error();
    const auto comment = read_text(*body, "comment", lifecycle::comment_bytes_max);
    if (!comment)
        return comment.error();
    auto files = read_files(*body);
    if (!files)
        return files.error();
    runs::fix_request fix;
    fix.incident_id = std::string(req.param("id"));
    fix.title = *title;
    fix.body = *text;
    fix.base_branch = *branch;
    fix.comment = *comment;
    fix.files = std::move(*files);
    fix.request_id = req.id;
    if (auto fault = runs::find_fault(fix))
        return refusal{422, std::move(*fault)};
    return fix;
}

}  // namespace

handler_answer post_fix(context& api, const caller& who, net::request& req)
{
    auto fix = read_fix(req);
    if (!fix)
        co_return problem_of(req, fix.error());
    const auto expected = read_if_match(req);
    if (!expected)
        co_return problem_of(req, expected.error());
    fix->expected_version = *expected;
    fix->auth = auth_of(req, "session");
    const std::int64_t now_ns = api.parts.time.now_ns();
    auto start = [&](store::transaction& tx) -> result<loaded> {
        const auto person = find_person_now(tx, who, need::operator_);
        if (!person)
            return person.error();
        fix->person = *person;
        const auto started = runs::start_fix(tx, *fix, now_ns);
        if (!started)
            return started.error();
        return load_item(tx, render_run(started->run), started->run.version);
    };
    const auto done = co_await api.parts.store.write(std::move(start));
    co_return answer(req, done, "a fix of incident " + fix->incident_id);
}

}  // namespace reprise::http
