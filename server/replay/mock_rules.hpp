#pragma once

#include "mock_fields.hpp"

#include "reprise/replay/mock.hpp"
#include "reprise/telemetry/drift.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Which fields of which requests count. Pure.
namespace reprise::replay {

// 128 bits that name everything of a request that counts.
struct match_key {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    bool operator==(const match_key&) const = default;
};

// `relaxed` leaves out the fields rules were learned for. `bare` is the same for a request that names no host.
struct match_keys {
    match_key exact;
    match_key relaxed;
};

// The rules of requests of one method and route.
class endpoint_rules {
public:
    void add_always(std::string pattern) { always_.insert(std::move(pattern)); }
    void add_relaxed(std::string pattern) { relaxed_.insert(std::move(pattern)); }
    void add_all(const endpoint_rules& other);

    bool is_always_ignored(const std::string& pattern) const;
    bool is_ignored(const std::string& pattern) const;

private:
    std::set<std::string, std::less<>> always_;
    std::set<std::string, std::less<>> relaxed_;
};

match_keys make_keys(const match_request& request, const endpoint_rules& rules, bool with_host);

// What is known of a recording when rules are made. All by reference outlives the call.
struct recorded_call {
    const match_request* request = nullptr;
    std::vector<std::pair<std::string, ignore_rule>> secrets;  // Fields that cannot or must not be compared.
    int status = 0;
    std::uint64_t answer_hash = 0;
};

// A request with secrets taken out, for people, and which fields held redaction tokens or credentials.
struct request_secrets {
    match_request shown;
    std::string name;  // "GET api.test/x?page=2"
    std::vector<std::pair<std::string, ignore_rule>> fields;
};
request_secrets find_secrets(
    const model::exchange& recorded, const match_request& request, const mock_options& options
);

// The rules of one endpoint, and the same as a list for people (with `endpoint` as its name).
endpoint_rules make_rules(
    std::span<const recorded_call> calls, const std::string& endpoint, const mock_options& options,
    const telemetry::time_interval& captured, std::vector<ignore_rule>& told
);

}  // namespace reprise::replay
