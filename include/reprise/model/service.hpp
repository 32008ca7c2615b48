#pragma once

#include <cstdint>
#include <string>

namespace reprise::model {

// Settings of one observed service, edited by API or dashboard. Created on first sight.
struct service {
    std::string name;
    std::string replay_target;          // "http://127.0.0.1:3000"; empty: none. Must be on the allow-list.
    std::string replay_last_good_target; // An instance of the last good version to compare with; the same rules.
    bool replay_unsafe_methods = false; // Whether POST, PUT, PATCH, DELETE may be replayed without a gate.
    std::string owner;
    std::string tracker = "file:tickets";  // Where its tickets go: "github:owner/name", "jira:KEY", ...
    std::string repository;             // Where its pull requests go: "github:owner/name"; empty: it takes none.
    std::int64_t first_seen_ns = 0;
    std::int64_t last_seen_ns = 0;
    std::uint64_t records = 0;
    std::int64_t version = 1;
};

}  // namespace reprise::model
