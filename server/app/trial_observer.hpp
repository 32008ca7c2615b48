#pragma once

#include "settings.hpp"

#include "reprise/model/observation.hpp"
#include "reprise/replay/condition.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

namespace reprise::app {

// Receives what the target itself reports while trials run: OTLP over HTTP (protobuf and JSON, gzip) on one address, on
// a thread of its own. Only calls of the run's trials are kept. Its functions are for one thread, and begin_trial() is
// called before the first request of each trial.
class trial_observer {
public:
    // Blocks until it listens or cannot; the error is one line for a person. `mark` is the upper half of the trace ids.
    static std::variant<std::unique_ptr<trial_observer>, std::string> start(const endpoint& at, std::uint64_t mark);

    ~trial_observer();
    trial_observer(const trial_observer&) = delete;
    trial_observer& operator=(const trial_observer&) = delete;

    std::string address() const;  // "127.0.0.1:4390"

    void begin_trial();
    // Blocks until every trace is complete, `limit` has passed or `stop` says so, which is asked now and then.
    void wait(
        std::span<const model::trace_id> traces, std::chrono::milliseconds limit, const std::function<bool()>& stop
    );
    std::optional<replay::call_figures> find(const model::trace_id& trace) const;

private:
    struct parts;
    explicit trial_observer(std::unique_ptr<parts> made);

    std::unique_ptr<parts> parts_;
};

}  // namespace reprise::app
