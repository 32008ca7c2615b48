#pragma once

#include "reprise/net/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// What the three endpoints are asked for, with the defaults of their parameters. Pure.
namespace reprise::synth {

enum class scenario : unsigned char { fanout, chain, retry, dag, react, human, rag };

std::string_view to_text(scenario value) noexcept;

// Off unless asked for. An index counts a scenario's workers, branches, tasks, steps or calls from 0.
struct extras {
    std::optional<std::uint64_t> seed;
    int jitter_ms = 0;             // Each tool call takes up to so much longer.
    int straggler_index = -1;      // Its calls take straggler_factor times as long.
    double straggler_factor = 10;
    int fail_index = -1;           // Its calls fail, whatever error_rate says.
    bool task_ids = false;         // Retries say which task they belong to and what they waited.
    bool token_events = false;     // Streams say when their tokens went out.
};

struct run_parameters {
    synth::scenario scenario = synth::scenario::fanout;
    int fanout = 100;
    int concurrency = 20;
    int delay_ms = 80;
    int depth = 60;
    double error_rate = 0.1;
    int max_retries = 3;
    int max_steps = 10;
    double human_delay_s = 1.0;
    int rag_chunks = 5;
    int rag_chunk_size_kb = 2;
    extras more;
};

struct stream_parameters {
    int duration_s = 20;
    int tool_delay_ms = 400;
    int background_fanout = 50;
    extras more;
};

// What a tool does when its caller says nothing.
struct tool_defaults {
    int delay_ms = 80;
    double error_rate = 0;
};

struct tool_parameters {
    int delay_ms = 80;
    double error_rate = 0;
    bool stream = false;
    int payload_size_kb = 0;
    std::optional<std::uint64_t> seed;  // Decides whether the call fails.
};

// The answer is a 422 that names every fault.
std::variant<run_parameters, net::response> parse_run(const net::request& req);
std::variant<stream_parameters, net::response> parse_stream(const net::request& req);
std::variant<tool_parameters, net::response> parse_tool(const net::request& req, const tool_defaults& defaults);

}  // namespace reprise::synth
