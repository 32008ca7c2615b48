#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/pipeline/committer.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace reprise::pipeline {

// What the evidence of signals is written with, whoever found them. All of it outlives the writing.
struct evidence_writing {
    evidence_writing(
        boost::asio::any_io_executor blocking_pool_, store::database& database_, const clock& time_,
        const committer_config& config_, counter& bundles_, counter& failures_
    )
        : blocking_pool(std::move(blocking_pool_)), database(database_), time(time_), config(config_),
          bundles(bundles_), failures(failures_)
    {
    }

    boost::asio::any_io_executor blocking_pool;
    store::database& database;
    const clock& time;
    const committer_config& config;
    counter& bundles;   // Written ...
    counter& failures;  // ... and not, which is said and holds nothing up.
};

// Gives each signal its id and archives a bundle where the problem needs one; bundles[i] is that of found[i].
boost::asio::awaitable<std::vector<std::optional<model::evidence>>> archive_signals(
    evidence_writing with, std::vector<found_signal>& found, std::span<const raw_record> session
);

}  // namespace reprise::pipeline
