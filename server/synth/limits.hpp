#pragma once

#include <chrono>
#include <cstddef>

// The most one request may ask for, and the most that may wait. More is refused, never cut down in silence.
namespace reprise::synth {

constexpr int fanout_max = 10'000;
constexpr int concurrency_max = 10'000;
constexpr int depth_max = 10'000;
constexpr int steps_max = 1'000;
constexpr int retries_max = 20;
constexpr int delay_ms_max = 60'000;  // Of one tool call, straggler factor and jitter included.
constexpr int duration_s_max = 3'600;
constexpr double human_delay_s_max = 3'600;
constexpr double straggler_factor_max = 1'000;
constexpr int rag_chunks_max = 8 * 1024;
constexpr int payload_kb_max = 8 * 1024;  // Of a tool's answer; chunks x size of rag, too.
constexpr std::size_t tool_name_bytes_max = 128;

// Workers, branches and tasks of all requests together; then 503.
constexpr std::size_t tasks_max = 50'000;

// Connections from an agent to its tools. A call that finds none free waits.
constexpr std::size_t tool_connections_max = 100;
constexpr std::chrono::seconds tool_limit{30};  // For a free connection, for connecting, for the answer: each.

// Finished spans that wait for their export, beside the count that is configured.
constexpr std::size_t queue_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t batch_bytes_max = 8 * 1024 * 1024;

// `token` events of one stream: what the OpenTelemetry SDKs keep of any span.
constexpr std::size_t token_events_max = 128;

}  // namespace reprise::synth
