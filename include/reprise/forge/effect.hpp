#pragma once

#include "reprise/base/error.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What happens outside after a release, in one form whatever the tracker.
namespace reprise::forge {

enum class effect_kind : std::uint8_t { ticket, pull_request, comment };

// One file of a change, whole: text of the new content, or gone.
struct changed_file {
    std::string path;  // Relative, forward slashes, no "..".
    std::optional<std::string> content;
};

struct effect {
    effect_kind kind = effect_kind::ticket;
    std::string key;           // Idempotency key; written into the text, where looking finds it again.
    std::string target;        // "file:tickets", "github:owner/name", "gitlab:group/name", "linear:TEAM", "jira:KEY".
    std::string title;
    std::string body;          // Markdown.
    std::string content_hash;  // Of what was released.

    // Pull requests.
    std::string base_branch;   // Empty: the repository's default branch.
    std::string head_branch;   // Below the configured prefix.
    std::string commit_message;
    std::vector<changed_file> files;

    std::string parent;        // Comments: the URL of the issue or pull request.
};

struct published_effect {
    std::string url;           // Or a path below the data directory.
    bool adopted = false;      // It was there already: an earlier try made it and could not say so.
    bool same_content = true;  // False: what was there was made for other content.
};

// Why an effect did not happen, or nobody knows whether it did.
struct effect_failure {
    enum class kind : std::uint8_t {
        refused,       // Credentials, permissions, validation: another try cannot help. A person must act.
        later,         // Rate limit, 5xx before anything was sent, no connection: try again, not before `retry_after`.
        unknown,       // Sent, but no answer: look before anything else is tried.
    };
    effect_failure::kind kind = kind::later;
    std::string text;  // What, where, and the way out; without secrets.
    std::optional<std::chrono::seconds> retry_after;
    int status = 0;    // HTTP status where there was one.
};

using effect_result = boost::system::result<published_effect, effect_failure>;
[[noreturn]] void throw_exception_from_error(const effect_failure& failure, const boost::source_location& where);

// One kind of tracker. publish() looks for `key` first and creates only when nothing is there; after a
// failure of kind unknown the next call's look decides. Safe from any strand.
class tracker {
public:
    virtual ~tracker() = default;
    virtual bool takes(std::string_view target) const noexcept = 0;
    virtual boost::asio::awaitable<effect_result> publish(effect wanted) = 0;
};

std::string_view to_text(effect_kind value) noexcept;
std::optional<effect_kind> find_effect_kind(std::string_view text) noexcept;

}  // namespace reprise::forge
