#pragma once

#include "mock_answer.hpp"
#include "mock_rules.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// The recordings of a mock and where each is found. Built once, then only read.
namespace reprise::replay {

struct recording {
    match_request request;
    match_request shown;  // Without secrets.
    std::string name;     // The same, on one line.
    wire_answer answer;
    std::int64_t start_ns = 0;
    std::int64_t duration_ns = 0;
    std::uint32_t endpoint = 0;
};

struct endpoint {
    std::string name;  // "GET api.test/orders/{id}"
    endpoint_rules rules;
    std::vector<std::uint32_t> recordings;
};

struct key_hash {
    std::size_t operator()(const match_key& key) const noexcept { return key.low; }
};

// A request, seen with the rules that hold for it.
struct described_request {
    match_request request;
    match_keys keys;
    bool bare = false;  // It names no recorded host and came to the mock itself.
    const endpoint_rules* rules = nullptr;
    const endpoint* place = nullptr;  // Null: no recording is of its method, host and route.
};

class mock_index {
public:
    // HTTP calls only, in the order of their start.
    mock_index(std::vector<model::exchange> recorded, const mock_options& options);
    mock_index(const mock_index&) = delete;
    mock_index& operator=(const mock_index&) = delete;

    described_request describe(const request_parts& parts, bool proxied) const;

    const std::vector<recording>& recordings() const noexcept { return recordings_; }
    const std::vector<endpoint>& endpoints() const noexcept { return endpoints_; }
    const std::vector<ignore_rule>& rules() const noexcept { return told_; }
    // The group of recordings with that key: its number, or npos.
    static constexpr std::uint32_t npos = UINT32_MAX;
    std::uint32_t find_group(const match_key& key) const;
    const std::vector<std::uint32_t>& group(std::uint32_t number) const { return groups_[number]; }
    std::size_t group_count() const noexcept { return groups_.size(); }

private:
    void add_endpoint_of(recording& made);
    void make_all_rules(const std::vector<recorded_call>& calls);
    void add_to_group(const match_key& key, std::uint32_t number);
    void file(std::uint32_t number);
    std::string known_host(std::string host) const;

    const mock_options& options_;
    std::vector<recording> recordings_;
    std::vector<endpoint> endpoints_;
    std::map<std::string, std::uint32_t, std::less<>> endpoint_of_name_;
    std::map<std::string, endpoint_rules, std::less<>> bare_rules_;  // By method and route, hosts together.
    std::set<std::string, std::less<>> hosts_;
    endpoint_rules default_rules_;
    std::vector<ignore_rule> told_;
    std::unordered_map<match_key, std::uint32_t, key_hash> group_of_key_;
    std::vector<std::vector<std::uint32_t>> groups_;
};

}  // namespace reprise::replay
