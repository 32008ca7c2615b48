#pragma once

#include "config.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/ingest/log_poller.hpp"
#include "reprise/net/client.hpp"
#include "reprise/pipeline/alarms.hpp"

#include <memory>
#include <string>
#include <vector>

namespace reprise::store {
class database;
}

namespace reprise::app {

// What the configuration says about alarms; makes the redaction key when there is none.
config_result<pipeline::alarm_policy> load_alarm_policy(const config& settings);

// The log stores of intake.poll.sources_file with their tokens. Blocks. None without a file.
config_result<std::vector<ingest::poll_source_text>> load_poll_sources(const config& settings);

// Everything about alarms that runs by itself: the timer for incidents without evidence, and a poller per log
// store. Must outlive the tasks it spawns.
class alarm_parts {
public:
    alarm_parts(store::database& database, const clock& time, metrics& numbers, pipeline::alarm_policy policy);

    // Once, before spawn(). Errors name the source.
    std::optional<config_error> add_sources(std::vector<ingest::poll_source_text> sources);
    void spawn(task_group& tasks);

    // Names of the log stores.
    const std::vector<std::string>& list_sources() const noexcept { return sources_; }

private:
    store::database& database_;
    const clock& time_;
    metrics& numbers_;
    const pipeline::alarm_policy policy_;
    pipeline::alarm_counters counters_;
    std::vector<std::string> sources_;
    std::vector<std::unique_ptr<net::http_client>> clients_;  // Each may reach its own log store only.
    std::vector<std::unique_ptr<ingest::log_poller>> pollers_;
};

}  // namespace reprise::app
