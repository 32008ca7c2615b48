#pragma once

#include "commands.hpp"
#include "replay_gate.hpp"
#include "sendable.hpp"

#include "reprise/net/client.hpp"
#include "reprise/replay/drive.hpp"

#include <memory>
#include <optional>
#include <vector>

// From the command line to a drive; the same for `replay` and `measure`.
namespace reprise::app {

// Everything the command line said, checked; a problem was printed.
struct replay_setup {
    replay::target target;
    std::vector<replay_gate> gates;
    model::header_list headers;
    replay::timing timing;
    net::client_transport transport;
};

std::optional<replay_setup> check_replay_options(const replay_options& options);

net::client_limits limits_of(const replay_options& options, std::uint32_t in_flight);

// A plan with what it refers to, but for the exchanges.
struct prepared_drive {
    std::vector<replay::planned_send> sends;
    telemetry::value_flows flows;
    replay::drive_plan plan;
};

// Null, and a problem was printed, when nothing can be planned. `sent` must outlive it.
std::unique_ptr<prepared_drive> prepare_drive(
    const replay_options& options, const replay_setup& setup, const sendable& sent
);

}  // namespace reprise::app
