#include "parameters.hpp"

#include "limits.hpp"
#include "query_reader.hpp"

#include <algorithm>
#include <array>

namespace reprise::synth {
namespace {

constexpr std::array<std::string_view, 7> scenario_words = {
    "fanout", "chain", "retry", "dag", "react", "human", "rag",
};

// `delay_ms` is what the straggler multiplies.
extras read_extras(query_reader& query, int delay_ms)
{
    extras out;
    out.seed = query.seed("seed");
    out.jitter_ms = query.integer("jitter_ms", out.jitter_ms, 0, delay_ms_max);
    out.straggler_index = query.integer("straggler_index", out.straggler_index, 0, fanout_max - 1);
    out.straggler_factor = query.real("straggler_factor", out.straggler_factor, 1, straggler_factor_max);
    out.fail_index = query.integer("fail_index", out.fail_index, 0, fanout_max - 1);
    out.task_ids = query.flag("task_ids");
    out.token_events = query.flag("token_events");
    const double slowest = delay_ms * (out.straggler_index < 0 ? 1 : out.straggler_factor) + out.jitter_ms;
    if (slowest > delay_ms_max) {
        const auto* const name = out.straggler_index < 0 ? "jitter_ms" : "straggler_factor";
        query.refuse(name, "delay, factor and jitter make more than 60000 ms together");
    }
    return out;
}

}  // namespace

std::string_view to_text(scenario value) noexcept
{
    return scenario_words[static_cast<std::size_t>(value)];
}

std::variant<run_parameters, net::response> parse_run(const net::request& req)
{
    query_reader query(req);
    run_parameters out;
    out.scenario = static_cast<scenario>(query.word("scenario", scenario_words));
    out.fanout = query.integer("fanout", out.fanout, 0, fanout_max);
    out.concurrency = query.integer("concurrency", out.concurrency, 1, concurrency_max);
    out.delay_ms = query.integer("delay_ms", out.delay_ms, 0, delay_ms_max);
    out.depth = query.integer("depth", out.depth, 0, depth_max);
    out.error_rate = query.real("error_rate", out.error_rate, 0, 1);
    out.max_retries = query.integer("max_retries", out.max_retries, 0, retries_max);
    out.max_steps = query.integer("max_steps", out.max_steps, 0, steps_max);
    out.human_delay_s = query.real("human_delay_s", out.human_delay_s, 0, human_delay_s_max);
    out.rag_chunks = query.integer("rag_chunks", out.rag_chunks, 0, rag_chunks_max);
    out.rag_chunk_size_kb = query.integer("rag_chunk_size_kb", out.rag_chunk_size_kb, 0, payload_kb_max);
    out.more = read_extras(query, out.delay_ms);
    const bool is_rag = out.scenario == scenario::rag;
    if (is_rag && std::int64_t{out.rag_chunks} * out.rag_chunk_size_kb > payload_kb_max)
        query.refuse("rag_chunk_size_kb", "all chunks together must be at most 8192 KB");
    if (!query.sound())
        return query.refusal();
    return out;
}

std::variant<stream_parameters, net::response> parse_stream(const net::request& req)
{
    query_reader query(req);
    stream_parameters out;
    out.duration_s = query.integer("duration_s", out.duration_s, 0, duration_s_max);
    out.tool_delay_ms = query.integer("tool_delay_ms", out.tool_delay_ms, 0, delay_ms_max);
    out.background_fanout = query.integer("background_fanout", out.background_fanout, 0, fanout_max);
    out.more = read_extras(query, out.tool_delay_ms);
    if (!query.sound())
        return query.refusal();
    return out;
}

std::variant<tool_parameters, net::response> parse_tool(const net::request& req, const tool_defaults& defaults)
{
    query_reader query(req);
    tool_parameters out;
    out.delay_ms = query.integer("delay_ms", defaults.delay_ms, 0, delay_ms_max);
    out.error_rate = query.real("error_rate", defaults.error_rate, 0, 1);
    out.stream = query.flag("stream");
    out.payload_size_kb = query.integer("payload_size_kb", out.payload_size_kb, 0, payload_kb_max);
    out.seed = query.seed("seed");
    if (!query.sound())
        return query.refusal();
    return out;
}

}  // namespace reprise::synth
