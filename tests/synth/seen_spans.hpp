#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// Spans as a receiver sees them: read from the wire by the generated types.
namespace reprise::synth::test {

// Values with their type: "str demo", "int 5", "double 0.1", "bool true".
using typed_texts = std::map<std::string, std::string>;

struct seen_event {
    std::int64_t time_ns = 0;
    std::string name;
    typed_texts attributes;
};

struct seen_span {
    std::string trace;
    std::string id;
    std::string parent;
    std::string name;
    bool is_internal = false;
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
    typed_texts attributes;
    std::vector<seen_event> events;
    bool failed = false;

    std::int64_t duration_ns() const { return end_ns - start_ns; }
    std::string at(const std::string& key) const;  // Empty when absent.
    std::string agent() const { return at("ati.agent.id").substr(4); }
};

struct seen_request {
    typed_texts resource;
    std::string scope;
    std::vector<seen_span> spans;
};

seen_span read_span(const std::string& bytes);
seen_request read_request(const std::string& bytes);

// All spans of one trace, in the order of their end.
class span_tree {
public:
    explicit span_tree(std::vector<seen_span> spans) : spans_(std::move(spans)) {}

    const std::vector<seen_span>& all() const { return spans_; }
    const seen_span& root() const;
    const seen_span& one(std::string_view name) const;           // The only one of that name.
    const seen_span& agent(std::string_view id) const;           // The only one of that agent id.
    std::vector<seen_span> named(std::string_view name) const;   // In the order of their start.
    std::vector<seen_span> children(const seen_span& of) const;  // Likewise.
    // "workflow>planner>worker": how often each path from the root is there.
    std::map<std::string, int> shape() const;
    int overlap_max(std::string_view name) const;

private:
    std::vector<seen_span> spans_;
};

}  // namespace reprise::synth::test
