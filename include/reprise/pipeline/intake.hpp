#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/telemetry/otlp_json.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace reprise::pipeline {

// One decoded request on its way into the windows.
struct arrival {
    std::shared_ptr<const model::observation_batch> batch;
    telemetry::otlp_request signal = telemetry::otlp_request::logs;  // What batch->bytes are, as protobuf.
    std::shared_ptr<void> held;  // The sender's share of a limit; let go once the windows have the records.
};

enum class taken_as : std::uint8_t {
    counted,
    repeated,  // The same request is there already, sent before; it is not counted again.
};

// Called exactly once, on the caller's thread or another one; must not block and must not throw.
using taken_handler = std::function<void(result<taken_as>)>;

// Where decoded batches enter the stream.
class intake {
public:
    virtual ~intake() = default;

    // Asked before a request of so many bytes is worked on, so that turning it away costs next to nothing. Yes is no
    // promise; no counts as a refusal. Safe from any thread, does not block.
    virtual bool has_room(std::size_t /*bytes*/) { return true; }

    // Takes one batch and says when it is safe to tell the sender so. Safe from any thread, never
    // blocks on disk. Success: all of it is taken and as durable as the intake promises.
    // errc::unavailable: there is no room; errc::io: it cannot be kept now. Either way nothing was
    // taken and the sender shall come back. When offer() throws, `done` is not called.
    virtual void offer(arrival what, taken_handler done) = 0;
};

}  // namespace reprise::pipeline
