#include "../../server/synth/command_line.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <initializer_list>
#include <vector>

namespace reprise::synth {
namespace {

command parse(std::initializer_list<const char*> words)
{
    std::vector<const char*> argv = {"reprise-synth"};
    argv.insert(argv.end(), words);
    return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

// A variable for the time of one test.
class with_variable {
public:
    with_variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
    ~with_variable() { ::unsetenv(name_); }
    with_variable(const with_variable&) = delete;
    with_variable& operator=(const with_variable&) = delete;

private:
    const char* name_;
};

TEST(command_line, an_agent_has_the_documented_defaults)
{
    const auto agent = std::get<agent_config>(parse({"agent"}));

    EXPECT_EQ(agent.listen.host, "127.0.0.1");
    EXPECT_EQ(agent.listen.port, 8080);
    EXPECT_EQ(agent.service_name, "synthetic-agent-app");
    EXPECT_EQ(agent.agent_name, "");
    EXPECT_EQ(agent.tool_base.origin(), "http://localhost:8081");
    EXPECT_EQ(agent.otlp_endpoint.origin(), "http://localhost:4318");
    EXPECT_EQ(agent.batches.queue_max, 2048U);
    EXPECT_EQ(agent.batches.batch_max, 512U);
    EXPECT_EQ(agent.batches.delay, std::chrono::seconds(5));
    EXPECT_EQ(agent.batches.timeout, std::chrono::seconds(30));
}

TEST(command_line, variables_stand_in_for_flags_and_flags_win)
{
    const with_variable service("SERVICE_NAME", "synthetic-agent-secondary");
    const with_variable name("AGENT_NAME", "SecondaryAgent");
    const with_variable tools("TOOL_BASE", "http://tool-service:8081");
    const with_variable endpoint("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel-collector:4318");
    const with_variable delay("OTEL_BSP_SCHEDULE_DELAY", "200");
    const with_variable queue("OTEL_BSP_MAX_QUEUE_SIZE", "100");
    const with_variable batch("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10");

    const auto agent = std::get<agent_config>(parse({"agent", "--agent-name", "Third", "--listen", "[::1]:0"}));

    EXPECT_EQ(agent.service_name, "synthetic-agent-secondary");
    EXPECT_EQ(agent.agent_name, "Third");
    EXPECT_EQ(agent.tool_base.host, "tool-service");
    EXPECT_EQ(agent.otlp_endpoint.host, "otel-collector");
    EXPECT_EQ(agent.batches.delay, std::chrono::milliseconds(200));
    EXPECT_EQ(agent.batches.queue_max, 100U);
    EXPECT_EQ(agent.batches.batch_max, 10U);
    EXPECT_EQ(agent.listen.host, "::1");
    EXPECT_EQ(agent.listen.port, 0);
}

TEST(command_line, a_tool_takes_its_defaults_from_variables)
{
    EXPECT_EQ(std::get<tool_config>(parse({"tool"})).defaults.delay_ms, 80);
    EXPECT_EQ(std::get<tool_config>(parse({"tool"})).listen.port, 8081);
    const with_variable delay("TOOL_DELAY_MS", "15");
    const with_variable rate("TOOL_ERROR_RATE", "0.5");

    const auto tool = std::get<tool_config>(parse({"tool", "--seed", "4"}));

    EXPECT_EQ(tool.defaults.delay_ms, 15);
    EXPECT_EQ(tool.defaults.error_rate, 0.5);
    EXPECT_EQ(tool.seed, 4U);
}

TEST(command_line, mistakes_end_with_64_and_one_line_that_says_what_is_wrong)
{
    const std::vector<std::vector<const char*>> wrong = {
        {},
        {"nonsense"},
        {"agent", "--listen", "localhost"},
        {"agent", "--listen", "127.0.0.1:port"},
        {"agent", "--listen", ":8080"},
        {"agent", "--tool-base", "tool-service:8081"},
        {"agent", "--otlp-endpoint", "/v1/traces"},
        {"agent", "--export-batch", "0"},
        {"agent", "--export-delay-ms", "x"},
        {"agent", "--tool-delay-ms", "5"},
        {"tool", "--tool-error-rate", "2"},
        {"tool", "--tool-delay-ms", "-1"},
        {"tool", "--listen", "127.0.0.1:65536"},
        {"tool", "--seed", "many"},
    };
    for (std::vector<const char*> words : wrong) {
        words.insert(words.begin(), "reprise-synth");
        const auto asked = parse_command_line(static_cast<int>(words.size()), words.data());
        const auto* const end = std::get_if<command_end>(&asked);
        ASSERT_NE(end, nullptr) << words.back();
        EXPECT_EQ(end->exit_code, 64) << words.back();
        EXPECT_TRUE(end->is_error);
        EXPECT_EQ(end->text.find('\n'), end->text.size() - 1) << end->text;
    }
}

TEST(command_line, help_names_every_variable)
{
    const auto end = std::get<command_end>(parse({"agent", "--help"}));

    EXPECT_EQ(end.exit_code, 0);
    EXPECT_FALSE(end.is_error);
    for (const std::string name : {"SERVICE_NAME", "TOOL_BASE", "OTEL_EXPORTER_OTLP_ENDPOINT", "AGENT_NAME",
                                   "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_MAX_QUEUE_SIZE"})
        EXPECT_NE(end.text.find(name), std::string::npos) << name;
    EXPECT_EQ(std::get<command_end>(parse({"--version"})).text, "reprise-synth " REPRISE_VERSION "\n");
}

}  // namespace
}  // namespace reprise::synth
