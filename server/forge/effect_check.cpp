#include "effect_check.hpp"

#include "reprise/forge/ticket.hpp"
#include "reprise/forge/trackers.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace reprise::forge {
namespace {

bool is_key(std::string_view key)
{
    return !key.empty() && key.size() <= key_bytes_max && std::all_of(key.begin(), key.end(), [](unsigned char one) {
        return std::isalnum(one) != 0 || one == '-' || one == '_' || one == '.';
    });
}

bool is_hash(std::string_view text)
{
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::string> find_change_fault(const effect& wanted)
{
    if (wanted.files.empty())
        return "a pull request without changed files";
    if (wanted.files.size() > changed_files_max)
        return "a pull request with more than " + std::to_string(changed_files_max) + " changed files";
    std::size_t bytes = 0;
    std::set<std::string_view> paths;
    for (const changed_file& file : wanted.files) {
        if (!is_repository_path(file.path))
            return "a changed file whose path may not be written";
        if (!paths.insert(file.path).second)
            return "two changes of one file";
        bytes += file.content ? file.content->size() : 0;
    }
    if (bytes > changed_bytes_max)
        return "changed files of more than " + std::to_string(changed_bytes_max) + " bytes";
    if (wanted.commit_message.empty() || wanted.commit_message.size() > commit_message_bytes_max)
        return "a commit message that is empty or longer than " + std::to_string(commit_message_bytes_max) + " bytes";
    if (!wanted.base_branch.empty() && !is_branch_name(wanted.base_branch))
        return "a base branch with a name that git does not take";
    return std::nullopt;
}

}  // namespace

bool is_branch_name(std::string_view name)
{
    if (name.empty() || name.size() > branch_bytes_max || name.front() == '/' || name.back() == '/' ||
        name.front() == '-' || name.back() == '.' || name == "HEAD" || name.starts_with("refs/"))
        return false;
    for (const std::string_view part : {"..", "//", "@{", "/.", ".lock/"}) {
        if (name.find(part) != std::string_view::npos)
            return false;
    }
    if (name.front() == '.' || name.ends_with(".lock"))
        return false;
    return std::all_of(name.begin(), name.end(), [](unsigned char one) {
        constexpr std::string_view refused = " ~^:?*[\\";
        return one > 0x20 && one < 0x7F && refused.find(static_cast<char>(one)) == std::string_view::npos;
    });
}

bool is_branch_prefix(std::string_view text)
{
    return text.ends_with('/') && is_branch_name(std::string(text) + "x");
}

std::optional<std::string> find_branch_fault(std::string_view branch, std::string_view prefix)
{
    if (prefix.empty())
        return "no branch may be made: the configured branch prefix is empty";
    if (!branch.starts_with(prefix) || branch.size() == prefix.size())
        return "the branch '" + std::string(branch.substr(0, branch_bytes_max)) + "' is not below '" +
               std::string(prefix) + "', where alone branches are made";
    if (!is_branch_name(branch))
        return "git takes no branch of this name";
    return std::nullopt;
}

bool is_repository_path(std::string_view path)
{
    if (path.empty() || path.size() > path_bytes_max || path.back() == '/')
        return false;
    const bool is_clean = std::all_of(path.begin(), path.end(), [](unsigned char one) {
        return one >= 0x20 && one != 0x7F && one != '\\';
    });
    if (!is_clean)
        return false;
    while (!path.empty()) {
        const auto slash = path.find('/');
        std::string segment(path.substr(0, slash));
        std::transform(segment.begin(), segment.end(), segment.begin(), [](unsigned char one) {
            return static_cast<char>(std::tolower(one));
        });
        if (segment.empty() || segment == "." || segment == ".." || segment == ".git")
            return false;
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    }
    return true;
}

std::optional<std::string> find_fault(const effect& wanted)
{
    if (!is_key(wanted.key))
        return "an effect whose key is empty, too long or not of letters, digits, '-', '_' and '.'";
    if (!is_hash(wanted.content_hash))
        return "an effect without the SHA-256 of what was released";
    if (wanted.body.size() > body_bytes_max)
        return "a text of more than " + std::to_string(body_bytes_max) + " bytes";
    if (wanted.kind == effect_kind::comment)
        return wanted.parent.empty() ? std::optional<std::string>("a comment on nothing") : std::nullopt;
    if (wanted.title.empty() || wanted.title.size() > title_bytes_max ||
        wanted.title.find('\n') != std::string::npos)
        return "a title that is empty, longer than " + std::to_string(title_bytes_max) + " bytes or of several lines";
    return wanted.kind == effect_kind::pull_request ? find_change_fault(wanted) : std::nullopt;
}

}  // namespace reprise::forge
