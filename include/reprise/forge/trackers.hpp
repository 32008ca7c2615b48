#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/base/secret.hpp"
#include "reprise/forge/effect.hpp"
#include "reprise/net/rs256.hpp"
#include "reprise/net/tls.hpp"
#include "reprise/net/url.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The kinds of trackers: a directory, GitHub, GitLab, Linear, Jira. docs/trackers.md says what each looks for before
// it creates, and what it cannot see. A tracker contacts its configured API and nothing else, follows no redirect,
// and names no secret in an error. `time` and `numbers` outlive the trackers.
namespace reprise::forge {

struct api_limits {
    std::chrono::milliseconds connect{5'000};
    std::chrono::milliseconds write{10'000};
    std::chrono::milliseconds answer{20'000};          // Until the header of the answer is there ...
    std::chrono::milliseconds body{20'000};            // ... and until its end.
    std::size_t answer_bytes_max = 16U << 20;          // A page of 50 issues with the longest bodies fits.
};

// Where an API is and how it is reached.
struct api_place {
    net::url base;                                     // "https://api.github.com": nothing else is contacted.
    std::vector<std::string> networks;                 // That a self-hosted one may be in: "10.0.0.0/8".
    std::shared_ptr<net::client_tls> tls;              // Null: whom the system trusts.
    api_limits limits;
};

constexpr std::size_t look_pages_max = 20;             // Of look_page_size entries; more, and nothing is created.
constexpr std::size_t look_page_size = 50;
constexpr std::size_t changed_files_max = 50;
constexpr std::size_t changed_bytes_max = 4U << 20;    // All files of one change.
constexpr std::size_t directories_read_max = 200;      // Of a repository, to learn the modes of changed files.

// Whether branches may be made below this: the beginning of a name that git takes, with '/' at its end.
bool is_branch_prefix(std::string_view text);

// Who is there, for `doctor`: "GitHub answers; signed in as app reprise (installation 12)". Changes nothing.
using check_result = boost::system::result<std::string, effect_failure>;

class remote_tracker : public tracker {
public:
    virtual boost::asio::awaitable<check_result> check() = 0;
};

// "file:tickets": Markdown files below the data directory. Other kinds of effects are refused. Writes on
// `blocking_pool`.
std::unique_ptr<tracker> make_file_tracker(std::filesystem::path data_dir, boost::asio::any_io_executor blocking_pool);

struct github_app {
    std::uint64_t id = 0;
    net::rs256_signer key;
    std::uint64_t installation_id = 0;                 // 0: asked for by repository.
};

// "github:owner/name". Either token or app.
struct github_config {
    api_place api;
    secret token;
    std::optional<github_app> app;
    std::string branch_prefix = "reprise/";
    std::vector<std::string> labels;                   // Of issues; GitHub drops them when we may not push.
};
std::unique_ptr<remote_tracker> make_github_tracker(github_config config, const clock& time, metrics& numbers);

// "gitlab:group/project".
struct gitlab_config {
    api_place api;                                     // "https://gitlab.com/api/v4".
    secret token;
    std::string branch_prefix = "reprise/";
    std::vector<std::string> labels;
};
std::unique_ptr<remote_tracker> make_gitlab_tracker(gitlab_config config, const clock& time, metrics& numbers);

// "linear:TEAM". Issues and comments; pull requests are refused.
struct linear_config {
    api_place api;                                     // "https://api.linear.app/graphql".
    secret token;                                      // "lin_api_...": as it is; else as a bearer token.
};
std::unique_ptr<remote_tracker> make_linear_tracker(linear_config config, const clock& time, metrics& numbers);

enum class jira_flavour : std::uint8_t {
    cloud,   // REST v3, Atlassian Document Format.
    server,  // Data Center and Server: REST v2, wiki text.
};

// "jira:KEY". Issues and comments; pull requests are refused.
struct jira_config {
    api_place api;                                     // "https://team.atlassian.net", without "/rest".
    std::string user;                                  // Empty: the token alone, as a bearer token.
    secret token;
    jira_flavour flavour = jira_flavour::cloud;
    std::string issue_type = "Bug";
};
std::unique_ptr<remote_tracker> make_jira_tracker(jira_config config, const clock& time, metrics& numbers);

}  // namespace reprise::forge
