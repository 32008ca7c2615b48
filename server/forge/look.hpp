#pragma once

#include "api_client.hpp"

#include "reprise/forge/trackers.hpp"

#include <optional>
#include <string>
#include <string_view>

// Looking for an effect in a list that comes in pages. Pure.
namespace reprise::forge {

struct listing {
    std::string what;      // "issues of a/b": in sentences.
    std::string needs;
    std::string path;      // With a query, to which the page is added.
    std::string text;      // The member of an entry that holds the text: "body".
    std::string link;      // ... its address; empty: made by the caller from `id`.
    std::string created;   // ... its time, where entries come newest first; empty: they do not.
    std::string not_with;  // Entries with this member are something else; empty: none.
};

struct page_end {
    std::optional<published_effect> found;
    std::string id;        // Of what was found, where entries have one.
    bool is_last = false;  // No further page can hold it.
};

page_end search_page(const json::array& entries, const listing& list, const effect& wanted);

// "&per_page=50&page=2"
std::string page_query(std::size_t page);

// "&since=2026-11-21T03:49:35.123Z": some minutes before the incident of `key` was made, for nothing of it is older.
// Empty when the key does not say.
std::string since_query(std::string_view name, std::string_view key);

// The list has more pages than are read: nobody can tell that it is not there.
effect_failure too_many(const listing& list, const effect& wanted);

// "12" of "https://github.com/a/b/issues/12#issuecomment-1" for the path "/a/b/issues/".
std::optional<std::string> find_parent_number(std::string_view url, std::string_view path);

}  // namespace reprise::forge
