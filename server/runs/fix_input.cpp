#include "fix_input.hpp"

#include "reprise/base/canonical_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <utility>

namespace reprise::runs {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name)
{
    const json::value* found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

}  // namespace

std::string to_json(const fix_input& input)
{
    json::object out;
    out["title"] = input.title;
    out["body"] = input.body;
    out["base_branch"] = input.base_branch;
    out["comment"] = input.comment;
    json::array files;
    for (const forge::changed_file& file : input.files) {
        json::value content = nullptr;
        if (file.content)
            content = *file.content;
        files.push_back(json::object{{"path", file.path}, {"content", std::move(content)}});
    }
    out["files"] = std::move(files);
    return canonical_json(out);
}

result<fix_input> parse_fix_input(std::string_view text)
{
    json::error_code failed;
    const json::value parsed = json::parse(text, failed);
    if (failed || !parsed.is_object())
        return errc::corrupt;
    const json::object& object = parsed.get_object();
    const json::value* files = object.if_contains("files");
    if (files == nullptr || !files->is_array())
        return errc::corrupt;
    fix_input input;
    input.title = text_of(object, "title");
    input.body = text_of(object, "body");
    input.base_branch = text_of(object, "base_branch");
    input.comment = text_of(object, "comment");
    for (const json::value& one : files->get_array()) {
        if (!one.is_object())
            return errc::corrupt;
        forge::changed_file file;
        file.path = text_of(one.get_object(), "path");
        const json::value* content = one.get_object().if_contains("content");
        if (content != nullptr && content->is_string())
            file.content = std::string(content->get_string());
        input.files.push_back(std::move(file));
    }
    return input;
}

}  // namespace reprise::runs
