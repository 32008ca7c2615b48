#include "reprise/lifecycle/protected_paths.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace reprise::lifecycle {
namespace {

struct protection {
    std::string_view glob;  // Lower case; matched against "/" + the path, so that "**/x" means x at any depth.
    std::string_view kind;
};

constexpr std::string_view migration = "database migration";
constexpr std::string_view authentication = "authentication";
constexpr std::string_view workflow = "CI workflow";
constexpr std::string_view lock = "lock file";
constexpr std::string_view secret = "secret or environment file";
constexpr std::string_view owners = "code owners";

constexpr std::array protections = {
    protection{"**/migrations/**", migration},
    protection{"**/migration/**", migration},
    protection{"**/migrate/**", migration},
    protection{"**/db/schema.*", migration},
    protection{"**/schema.prisma", migration},
    protection{"**/auth/**", authentication},
    protection{"**/auth.*", authentication},
    protection{"**/authentication/**", authentication},
    protection{"**/authorization/**", authentication},
    protection{"**/oauth*/**", authentication},
    protection{"**/.github/**", workflow},
    protection{"**/.gitlab-ci.y*ml", workflow},
    protection{"**/.gitlab/**", workflow},
    protection{"**/.circleci/**", workflow},
    protection{"**/.buildkite/**", workflow},
    protection{"**/jenkinsfile*", workflow},
    protection{"**/azure-pipelines*.y*ml", workflow},
    protection{"**/bitbucket-pipelines.yml", workflow},
    protection{"**/.travis.yml", workflow},
    protection{"**/*.lock", lock},
    protection{"**/*.lockb", lock},
    protection{"**/package-lock.json", lock},
    protection{"**/npm-shrinkwrap.json", lock},
    protection{"**/pnpm-lock.y*ml", lock},
    protection{"**/go.sum", lock},
    protection{"**/gradle.lockfile", lock},
    protection{"**/packages.lock.json", lock},
    protection{"**/.env", secret},
    protection{"**/.env.*", secret},
    protection{"**/*.env", secret},
    protection{"**/.npmrc", secret},
    protection{"**/.pypirc", secret},
    protection{"**/.netrc", secret},
    protection{"**/*.pem", secret},
    protection{"**/*.key", secret},
    protection{"**/*.p12", secret},
    protection{"**/*.pfx", secret},
    protection{"**/*.jks", secret},
    protection{"**/secrets/**", secret},
    protection{"**/secrets.*", secret},
    protection{"**/credentials*", secret},
    protection{"**/codeowners", owners},
};

bool is_control(char one) noexcept
{
    const auto byte = static_cast<unsigned char>(one);
    return byte < 0x20 || byte == 0x7F;
}

// Some file systems do not tell the cases apart.
bool is_git(std::string_view segment) noexcept
{
    return segment.size() == 4 && segment[0] == '.' && (segment[1] | 0x20) == 'g' && (segment[2] | 0x20) == 'i'
        && (segment[3] | 0x20) == 't';
}

// Segment by segment; empty when all of them are names.
std::optional<std::string_view> find_segment_fault(std::string_view path) noexcept
{
    while (true) {
        const std::string_view segment = path.substr(0, path.find('/'));
        if (segment.empty())
            return "has an empty segment";
        if (segment == "." || segment == "..")
            return "leaves its directory by \".\" or \"..\"";
        if (is_git(segment))
            return "is inside of .git";
        if (segment.size() == path.size())
            return std::nullopt;
        path.remove_prefix(segment.size() + 1);
    }
}

}  // namespace

std::optional<std::string_view> find_path_fault(std::string_view path) noexcept
{
    if (path.empty())
        return "is empty";
    if (path.size() > change_path_bytes_max)
        return "is longer than 240 bytes";
    if (path.front() == '/')
        return "is absolute";
    if (path.find('\\') != std::string_view::npos || path.find(':') != std::string_view::npos)
        return "has a backslash or colon";
    if (std::any_of(path.begin(), path.end(), is_control))
        return "has a control character";
    return find_segment_fault(path);
}

bool matches_glob(std::string_view glob, std::string_view path) noexcept
{
    while (!glob.empty()) {
        if (glob.front() == '*') {
            const bool crosses = glob.starts_with("**");
            const std::string_view rest = glob.substr(crosses ? 2 : 1);
            for (std::size_t taken = 0; taken <= path.size(); ++taken) {
                if (matches_glob(rest, path.substr(taken)))
                    return true;
                if (taken < path.size() && !crosses && path[taken] == '/')
                    return false;
            }
            return false;
        }
        if (path.empty())
            return false;
        const bool is_any = glob.front() == '?' && path.front() != '/';
        if (glob.front() != path.front() && !is_any)
            return false;
        glob.remove_prefix(1);
        path.remove_prefix(1);
    }
    return path.empty();
}

std::optional<std::string_view> find_protection(std::string_view path)
{
    std::string whole = "/" + std::string(path);
    std::transform(whole.begin(), whole.end(), whole.begin(), [](unsigned char one) {
        return static_cast<char>(std::tolower(one));
    });
    for (const protection& one : protections) {
        if (matches_glob(one.glob, whole))
            return one.kind;
    }
    return std::nullopt;
}

}  // namespace reprise::lifecycle
