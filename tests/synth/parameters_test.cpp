#include "../../server/synth/parameters.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <gtest/gtest.h>

namespace reprise::synth {
namespace {

namespace json = boost::json;
using pairs = std::vector<std::pair<std::string, std::string>>;

net::request ask(pairs query)
{
    net::request req;
    req.query = std::move(query);
    return req;
}

TEST(parameters, have_the_documented_defaults)
{
    const auto run = std::get<run_parameters>(parse_run(ask({})));
    EXPECT_EQ(run.scenario, scenario::fanout);
    EXPECT_EQ(run.fanout, 100);
    EXPECT_EQ(run.concurrency, 20);
    EXPECT_EQ(run.delay_ms, 80);
    EXPECT_EQ(run.depth, 60);
    EXPECT_EQ(run.error_rate, 0.1);
    EXPECT_EQ(run.max_retries, 3);
    EXPECT_EQ(run.max_steps, 10);
    EXPECT_EQ(run.human_delay_s, 1.0);
    EXPECT_EQ(run.rag_chunks, 5);
    EXPECT_EQ(run.rag_chunk_size_kb, 2);
    EXPECT_FALSE(run.more.seed);
    EXPECT_EQ(run.more.straggler_index, -1);
    EXPECT_EQ(run.more.fail_index, -1);
    EXPECT_EQ(run.more.jitter_ms, 0);
    EXPECT_FALSE(run.more.task_ids);
    EXPECT_FALSE(run.more.token_events);

    const auto stream = std::get<stream_parameters>(parse_stream(ask({})));
    EXPECT_EQ(stream.duration_s, 20);
    EXPECT_EQ(stream.tool_delay_ms, 400);
    EXPECT_EQ(stream.background_fanout, 50);

    tool_defaults defaults;
    defaults.delay_ms = 70;
    defaults.error_rate = 0.25;
    const auto tool = std::get<tool_parameters>(parse_tool(ask({}), defaults));
    EXPECT_EQ(tool.delay_ms, 70);
    EXPECT_EQ(tool.error_rate, 0.25);
    EXPECT_FALSE(tool.stream);
    EXPECT_EQ(tool.payload_size_kb, 0);
}

TEST(parameters, are_taken_as_given_and_those_of_other_scenarios_are_ignored)
{
    const auto run = std::get<run_parameters>(parse_run(ask({{"scenario", "chain"},
                                                             {"depth", "+40"},
                                                             {"delay_ms", "30"},
                                                             {"error_rate", "1e-1"},
                                                             {"rag_chunks", "8000"},
                                                             {"rag_chunk_size_kb", "8000"},
                                                             {"unheard_of", "x"},
                                                             {"seed", "9223372036854775807"}})));

    EXPECT_EQ(run.scenario, scenario::chain);
    EXPECT_EQ(run.depth, 40);
    EXPECT_EQ(run.delay_ms, 30);
    EXPECT_EQ(run.error_rate, 0.1);
    EXPECT_EQ(run.more.seed, 9223372036854775807U);
}

TEST(parameters, the_last_of_a_name_counts)
{
    const auto run = std::get<run_parameters>(parse_run(ask({{"fanout", "x"}, {"fanout", "5"}})));

    EXPECT_EQ(run.fanout, 5);
}

struct fault_case {
    std::string name;
    std::string value;
    std::string type;
    std::string scenario = "fanout";
};

class run_refuses : public testing::TestWithParam<fault_case> {};

TEST_P(run_refuses, with_422_and_says_which_and_why)
{
    const auto& [name, value, type, what] = GetParam();
    pairs query;
    if (name != "scenario")
        query.emplace_back("scenario", what);
    query.emplace_back(name, value);

    const auto parsed = parse_run(ask(std::move(query)));

    const auto* const refusal = std::get_if<net::response>(&parsed);
    ASSERT_NE(refusal, nullptr);
    EXPECT_EQ(refusal->status, 422);
    EXPECT_EQ(refusal->content_type, "application/json");
    const json::value body = json::parse(net::view(refusal->body));
    const json::array& detail = body.at("detail").as_array();
    ASSERT_EQ(detail.size(), 1U) << net::view(refusal->body);
    EXPECT_EQ(detail[0].at("type").as_string(), type);
    EXPECT_EQ(detail[0].at("loc"), (json::array{"query", json::string(name)}));
    EXPECT_EQ(detail[0].at("input").as_string(), value);
    EXPECT_FALSE(detail[0].at("msg").as_string().empty());
}

INSTANTIATE_TEST_SUITE_P(
    cases,
    run_refuses,
    testing::Values(
        fault_case{"scenario", "nonsense", "literal_error"},
        fault_case{"scenario", "", "literal_error"},
        fault_case{"scenario", "Fanout", "literal_error"},
        fault_case{"fanout", "many", "int_parsing"},
        fault_case{"fanout", "", "int_parsing"},
        fault_case{"fanout", "1.5", "int_parsing"},
        fault_case{"fanout", "99999999999999999999", "int_parsing"},
        fault_case{"fanout", "-1", "greater_than_equal"},
        fault_case{"fanout", "10001", "less_than_equal"},
        fault_case{"concurrency", "0", "greater_than_equal"},
        fault_case{"concurrency", "-3", "greater_than_equal"},
        fault_case{"concurrency", "4294967297", "less_than_equal"},
        fault_case{"delay_ms", "-1", "greater_than_equal"},
        fault_case{"delay_ms", "60001", "less_than_equal"},
        fault_case{"depth", "10001", "less_than_equal"},
        fault_case{"error_rate", "1.01", "less_than_equal"},
        fault_case{"error_rate", "-0.1", "greater_than_equal"},
        fault_case{"error_rate", "nan", "finite_number"},
        fault_case{"error_rate", "inf", "finite_number"},
        fault_case{"error_rate", "0.1x", "float_parsing"},
        fault_case{"max_retries", "21", "less_than_equal"},
        fault_case{"max_steps", "1001", "less_than_equal"},
        fault_case{"human_delay_s", "-1", "greater_than_equal"},
        fault_case{"human_delay_s", "3601", "less_than_equal"},
        fault_case{"rag_chunks", "8193", "less_than_equal"},
        fault_case{"rag_chunk_size_kb", "8193", "less_than_equal"},
        fault_case{"rag_chunk_size_kb", "2000", "value_error", "rag"},
        fault_case{"seed", "-1", "int_parsing"},
        fault_case{"seed", "9223372036854775808", "int_parsing"},
        fault_case{"jitter_ms", "60001", "less_than_equal"},
        fault_case{"jitter_ms", "59921", "value_error"},
        fault_case{"straggler_index", "-1", "greater_than_equal"},
        fault_case{"straggler_factor", "0.5", "greater_than_equal"},
        fault_case{"fail_index", "10000", "less_than_equal"},
        fault_case{"task_ids", "yes", "int_parsing"},
        fault_case{"token_events", "2", "less_than_equal"}
    )
);

TEST(parameters, a_straggler_that_would_outlast_the_limit_is_refused)
{
    const auto parsed = parse_run(ask({{"straggler_index", "1"}, {"straggler_factor", "751"}}));

    ASSERT_TRUE(std::holds_alternative<net::response>(parsed));
    const json::value body = json::parse(net::view(std::get<net::response>(parsed).body));
    EXPECT_EQ(body.at("detail").at(0).at("loc").at(1).as_string(), "straggler_factor");
}

TEST(parameters, one_answer_names_every_fault)
{
    const auto parsed = parse_run(ask({{"scenario", "x"}, {"concurrency", "0"}, {"delay_ms", "abc"}}));

    const json::value body = json::parse(net::view(std::get<net::response>(parsed).body));
    EXPECT_EQ(body.at("detail").as_array().size(), 3U);
}

TEST(parameters, stream_and_tool_refuse_in_the_same_way)
{
    for (const pairs& query : {pairs{{"duration_s", "-1"}}, pairs{{"duration_s", "3601"}},
                               pairs{{"tool_delay_ms", "x"}}, pairs{{"background_fanout", "10001"}}})
        EXPECT_TRUE(std::holds_alternative<net::response>(parse_stream(ask(query)))) << query[0].second;
    for (const pairs& query : {pairs{{"delay_ms", "-1"}}, pairs{{"error_rate", "7"}}, pairs{{"stream", "2"}},
                               pairs{{"payload_size_kb", "8193"}}, pairs{{"seed", "x"}}})
        EXPECT_TRUE(std::holds_alternative<net::response>(parse_tool(ask(query), {}))) << query[0].second;
}

}  // namespace
}  // namespace reprise::synth
