#pragma once

#include "reprise/base/error.hpp"
#include "reprise/runs/dispatch.hpp"

#include <worker.pb.h>

// Values of runs as messages of the worker protocol and back. Pure. What comes from the other side is checked:
// errc::invalid_argument for a word that is none of an enum's.
namespace reprise::rpc {

namespace wire = ::reprise::worker::v1;

void put(const runs::replay_lease& from, wire::Lease& to);
runs::replay_lease take(const wire::Lease& from);

void put(const runs::worker_identity& from, wire::ClaimRequest& to);
runs::worker_identity take(const wire::ClaimRequest& from);

void put(const runs::replay_job& from, wire::Job& to);
result<runs::replay_job> take(const wire::Job& from);

void put(const model::observation& from, wire::Observation& to);
result<model::observation> take(const wire::Observation& from);

void put(const model::trace_id& from, wire::TraceId& to);
model::trace_id take(const wire::TraceId& from);

void put(const replay::replayed_answers& from, wire::Answers& to);
// Of that trial.
result<replay::replayed_answers> take(const wire::Answers& from, const replay::trial& measured);

void put(const runs::finished_replay& from, wire::FinishRequest& to);
result<runs::finished_replay> take(const wire::FinishRequest& from);

}  // namespace reprise::rpc
