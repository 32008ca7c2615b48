#include "command_line.hpp"

#include "limits.hpp"

#include "reprise/base/hash.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <optional>
#include <utility>

namespace reprise::synth {
namespace {

constexpr std::int64_t export_ms_max = 3'600'000;
constexpr std::size_t export_queue_max = 1'000'000;

// What the flags say, before it is looked at as a whole.
struct flag_values {
    std::string listen;
    std::string service_name = "synthetic-agent-app";
    std::string tool_base = "http://localhost:8081";
    std::string otlp_endpoint = "http://localhost:4318";
    std::string agent_name;
    std::int64_t export_delay_ms = 5'000;
    std::int64_t export_timeout_ms = 30'000;
    std::size_t export_queue = 2'048;
    std::size_t export_batch = 512;
    int tool_delay_ms = 80;
    double tool_error_rate = 0;
    std::uint64_t seed = load_short(random_bytes(8).data(), 8);
};

command_end wrong(std::string text)
{
    return {"reprise-synth: " + std::move(text) + " (try --help)\n", exit_usage, true};
}

std::optional<listen_address> parse_listen(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    listen_address at;
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    const std::string_view port = text.substr(colon + 1);
    const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), at.port);
    if (host.empty() || ec != std::errc() || end != port.data() + port.size())
        return std::nullopt;
    at.host = host;
    return at;
}

void add_common_flags(CLI::App& one, flag_values& values, const std::string& listen)
{
    one.add_option("--listen", values.listen, "Address and port; port 0 takes any free one [" + listen + "]");
    one.add_option("--seed", values.seed, "Makes chance repeatable from the start [another one each time]");
}

void add_agent_flags(CLI::App& one, flag_values& values)
{
    one.add_option("--service-name", values.service_name, "service.name of its spans")
        ->envname("SERVICE_NAME")->capture_default_str();
    one.add_option("--tool-base", values.tool_base, "Where the tool service is")
        ->envname("TOOL_BASE")->capture_default_str();
    one.add_option("--otlp-endpoint", values.otlp_endpoint, "Spans go to <endpoint>/v1/traces")
        ->envname("OTEL_EXPORTER_OTLP_ENDPOINT")->capture_default_str();
    one.add_option("--agent-name", values.agent_name, "Stands before every agent id, with a colon")
        ->envname("AGENT_NAME");
    one.add_option("--export-delay-ms", values.export_delay_ms, "Between two exports")
        ->envname("OTEL_BSP_SCHEDULE_DELAY")->check(CLI::Range(std::int64_t{1}, export_ms_max))->capture_default_str();
    one.add_option("--export-timeout-ms", values.export_timeout_ms, "For one export with its retries")
        ->envname("OTEL_BSP_EXPORT_TIMEOUT")->check(CLI::Range(std::int64_t{1}, export_ms_max))->capture_default_str();
    one.add_option("--export-queue", values.export_queue, "Spans that may wait; more are dropped")
        ->envname("OTEL_BSP_MAX_QUEUE_SIZE")->check(CLI::Range(std::size_t{1}, export_queue_max))
        ->capture_default_str();
    one.add_option("--export-batch", values.export_batch, "Spans of one export")
        ->envname("OTEL_BSP_MAX_EXPORT_BATCH_SIZE")->check(CLI::Range(std::size_t{1}, export_queue_max))
        ->capture_default_str();
}

void add_tool_flags(CLI::App& one, flag_values& values)
{
    one.add_option("--tool-delay-ms", values.tool_delay_ms, "What a call takes that does not say")
        ->envname("TOOL_DELAY_MS")->check(CLI::Range(0, delay_ms_max))->capture_default_str();
    one.add_option("--tool-error-rate", values.tool_error_rate, "How many of those fail, 0 to 1")
        ->envname("TOOL_ERROR_RATE")->check(CLI::Range(0.0, 1.0))->capture_default_str();
}

command agent_of(const flag_values& values)
{
    agent_config out;
    const auto listen = parse_listen(values.listen.empty() ? "127.0.0.1:8080" : values.listen);
    if (!listen)
        return wrong("--listen: '" + values.listen + "' is not like 127.0.0.1:8080 or [::1]:0");
    const auto tools = net::parse_url(values.tool_base);
    if (!tools)
        return wrong("--tool-base: '" + values.tool_base + "' is not like http://localhost:8081");
    const auto endpoint = net::parse_url(values.otlp_endpoint);
    if (!endpoint)
        return wrong("--otlp-endpoint: '" + values.otlp_endpoint + "' is not like http://localhost:4318");
    out.listen = *listen;
    out.service_name = values.service_name;
    out.agent_name = values.agent_name;
    out.tool_base = *tools;
    out.otlp_endpoint = *endpoint;
    out.batches.delay = std::chrono::milliseconds(values.export_delay_ms);
    out.batches.timeout = std::chrono::milliseconds(values.export_timeout_ms);
    out.batches.queue_max = values.export_queue;
    out.batches.batch_max = values.export_batch;
    out.seed = values.seed;
    return out;
}

command tool_of(const flag_values& values)
{
    tool_config out;
    const auto listen = parse_listen(values.listen.empty() ? "127.0.0.1:8081" : values.listen);
    if (!listen)
        return wrong("--listen: '" + values.listen + "' is not like 127.0.0.1:8081 or [::1]:0");
    out.listen = *listen;
    out.defaults.delay_ms = values.tool_delay_ms;
    out.defaults.error_rate = values.tool_error_rate;
    out.seed = values.seed;
    return out;
}

}  // namespace

command parse_command_line(int argc, const char* const* argv)
{
    CLI::App app("Synthetic agent and tool services whose traces show what goes wrong in agents.", "reprise-synth");
    app.set_version_flag("--version", "reprise-synth " REPRISE_VERSION);
    app.require_subcommand(1);
    flag_values values;
    auto& agent = *app.add_subcommand("agent", "Runs scenarios at /run and /stream and exports their spans");
    add_common_flags(agent, values, "127.0.0.1:8080");
    add_agent_flags(agent, values);
    auto& tool = *app.add_subcommand("tool", "Answers the calls of agents at /tool/{name}");
    add_common_flags(tool, values, "127.0.0.1:8081");
    add_tool_flags(tool, values);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return command_end{app.help(), 0, false};
    } catch (const CLI::CallForVersion&) {
        return command_end{app.version() + "\n", 0, false};
    } catch (const CLI::ParseError& error) {
        return wrong(error.what());
    }
    return agent.parsed() ? agent_of(values) : tool_of(values);
}

}  // namespace reprise::synth
