#include "reprise/model/trace_report.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace reprise::model {
namespace {

TEST(trace_report, names_of_patterns_classes_and_roles_are_known)
{
    for (std::size_t at = 0; at < trace_pattern_count; ++at) {
        const auto pattern = static_cast<trace_pattern>(at);
        EXPECT_EQ(find_trace_pattern(to_text(pattern)), pattern);
    }
    EXPECT_EQ(find_trace_pattern("tree"), std::nullopt);
    EXPECT_EQ(to_text(time_class::waiting_human), "waiting_human");
    EXPECT_EQ(to_text(time_class::untracked), "untracked");
    EXPECT_EQ(to_text(span_role::plain), "plain");
    EXPECT_EQ(to_text(span_role::stream), "stream");
    EXPECT_EQ(to_text(span_wait::none), "none");
    EXPECT_EQ(to_text(span_wait::other), "other");
}

TEST(trace_report, an_empty_one_leaves_out_what_was_not_found)
{
    const boost::json::value json = to_json(trace_report{});

    EXPECT_EQ(json, boost::json::parse(R"({
        "trace_id": "", "service": "", "agent": "", "started_at": "1970-01-01T00:00:00.000Z", "wall_ns": 0,
        "operation": {"id": ")" + std::string(json.at("operation").at("id").as_string()) + R"(", "source": "rrpair",
            "kind": "server", "service": "", "protocol": "", "method": "", "route": "", "name": ")"
            + std::string(json.at("operation").at("name").as_string()) + R"("},
        "pattern": "none", "span_count": 0, "failed_count": 0, "origin_count": 0, "service_count": 0, "depth": 0,
        "truncated": false, "has_root": true, "roots_extra": 0, "parents_missing": 0, "duplicates": 0, "cycles": 0,
        "negative": 0, "clamped": 0, "skew_ns": 0,
        "times": {"waiting_human": 0, "waiting_queue": 0, "waiting_backoff": 0, "waiting_tool": 0, "io": 0,
            "compute": 0, "untracked": 0},
        "path_count": 0, "path": [], "fanout_count": 0, "fanouts": [], "chain_count": 0, "chains": [],
        "oversized_count": 0, "large": [], "findings": []
    })"));
}

TEST(trace_report, the_path_and_the_fan_outs_have_the_names_of_their_members)
{
    trace_report report;
    report.id = {0x4bf92f3577b34da6, 0xa3ce929d0e0e4736};
    report.started_ns = 1'790'000'000'123'000'000;
    report.root = 0;
    report.first_origin = 5;
    report.path = {{0, 0, 7, time_class::io}, {no_span, 7, 9, time_class::untracked}};
    report.times[static_cast<std::size_t>(time_class::io)] = 7;
    fanout wide;
    wide.parent = 1;
    wide.members = 4;
    wide.limit = 2;
    wide.slow = straggler{3, 4, 90, 60, 30, 0.25};
    wide.join = 9;
    wide.branches = {{2, 1, 5, 3}};
    report.fanouts = {wide, fanout{}};
    report.chains = {{1, 12, 100, 0.95, 0.1, 6}};

    const boost::json::object json = to_json(report);

    EXPECT_EQ(json.at("trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(json.at("started_at"), "2026-09-21T14:13:20.123Z");
    EXPECT_EQ(json.at("root"), 0);
    EXPECT_EQ(json.at("first_origin"), 5);
    EXPECT_EQ(json.at("times").at("io"), 7);
    EXPECT_EQ(json.at("path"), boost::json::parse(R"([
        {"span": 0, "start_ns": 0, "end_ns": 7, "spent": "io"}, {"start_ns": 7, "end_ns": 9, "spent": "untracked"}
    ])"));
    EXPECT_EQ(json.at("fanouts"), boost::json::parse(R"([
        {"parent": 1, "members": 4, "peak": 0, "limit": 2, "waves": 0, "median_ns": 0, "longest_ns": 0, "queue_ns": 0,
         "queue_longest_ns": 0, "join_ns": 0, "join": 9, "slow": {"span": 3, "tool_span": 4, "duration_ns": 90,
         "limit_ns": 60, "delay_ns": 30, "parent_share": 0.25},
         "branches": [{"span": 2, "queue_ns": 1, "service_ns": 5, "slack_ns": 3}]},
        {"members": 0, "peak": 0, "waves": 0, "median_ns": 0, "longest_ns": 0, "queue_ns": 0, "queue_longest_ns": 0,
         "join_ns": 0, "branches": []}
    ])"));
    EXPECT_EQ(json.at("chains"), boost::json::parse(R"([
        {"parent": 1, "depth": 12, "total_ns": 100, "path_share": 0.95, "largest_share": 0.1, "largest": 6}
    ])"));
}

TEST(trace_report, what_agents_did_has_the_names_of_its_members)
{
    trace_report report;
    const retry_sequence sequence{1, {{2, 0, -1, true}, {3, 20, 20, false}}, true, false, 2, "503"};
    report.retried = retries{3, 2, 1.5, 1, 1, 2, 20, {sequence}};
    report.agents = agent_run{1, 2, 30, 160, 3, 4, {{0, 10, 80, 5}, {-1, 20, 80, no_span}}};
    report.human = human_wait{1, 1000, 200, 7};
    report.rag = retrieval{10.5, 80, 102, 8};
    report.oversized_count = 1;
    report.large = {{3, "ati.rag.content", 10'240}};

    const boost::json::object json = to_json(report);

    EXPECT_EQ(json.at("retried"), boost::json::parse(R"({
        "calls": 3, "tasks": 2, "amplification": 1.5, "sequence_count": 1, "exhausted_count": 1, "attempts_most": 2,
        "backoff_ns": 20, "sequences": [{"parent": 1, "exhausted": true, "ambiguous": false, "origin": 2,
            "reason": "503", "attempts": [{"span": 2, "gap_ns": 0, "failed": true},
                                          {"span": 3, "gap_ns": 20, "backoff_ns": 20, "failed": false}]}]
    })"));
    EXPECT_EQ(json.at("agents"), boost::json::parse(R"({
        "span": 1, "step_count": 2, "think_ns": 30, "tool_ns": 160, "repeats": 3, "repeated": 4,
        "steps": [{"step": 0, "think_ns": 10, "tool_ns": 80, "span": 5}, {"think_ns": 20, "tool_ns": 80}]
    })"));
    EXPECT_EQ(
        json.at("human"),
        boost::json::parse(R"({"waits": 1, "waited_ns": 1000, "processing_ns": 200, "longest": 7})")
    );
    EXPECT_EQ(
        json.at("rag"),
        boost::json::parse(R"({"payload_kb": 10.5, "retrieval_ns": 80, "generation_ns": 102, "generation": 8})")
    );
    EXPECT_EQ(json.at("large"), boost::json::parse(R"([{"span": 3, "key": "ati.rag.content", "bytes": 10240}])"));
}

TEST(trace_report, a_stream_says_only_what_is_known_of_it)
{
    trace_report report;
    report.stream = token_stream{};
    EXPECT_EQ(to_json(report).at("stream"), boost::json::parse(R"({"background_failures": 0, "token_ns": []})"));

    report.stream->span = 1;
    report.stream->first_token_ns = 0;
    report.stream->tokens = 2;
    report.stream->median_gap_ns = 50;
    report.stream->rate_after = 20.5;
    report.stream->tail_ns = 0;
    report.stream->token_ns = {0, 50};
    EXPECT_EQ(to_json(report).at("stream"), boost::json::parse(R"({
        "span": 1, "first_token_ns": 0, "tokens": 2, "median_gap_ns": 50, "rate_after": 20.5, "tail_ns": 0,
        "background_failures": 0, "token_ns": [0, 50]
    })"));
}

TEST(trace_report, a_finding_says_what_to_do)
{
    trace_finding found;
    found.kind = signal_kind::retry_storm;
    found.span = 4;
    found.agent = "planner:v1";
    found.service = "agents";
    found.observed = 1.2;
    found.expected = 1;
    found.unit = "attempts per task";
    found.confidence = 0.9;
    found.explanation = "20 of 100 tasks were tried again.";
    found.advice = {"Limit attempts", "They add load.", "Set ati.retry.max to 1."};
    trace_report report;
    report.findings = {found};

    EXPECT_EQ(to_json(report).at("findings"), boost::json::parse(R"([{
        "kind": "retry_storm", "span": 4, "agent": "planner:v1", "service": "agents", "observed": 1.2, "expected": 1e0,
        "unit": "attempts per task", "confidence": 0.9, "explanation": "20 of 100 tasks were tried again.",
        "advice": {"title": "Limit attempts", "reason": "They add load.", "change": "Set ati.retry.max to 1."}
    }])"));
}

}  // namespace
}  // namespace reprise::model
