#pragma once

#include "config.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/forge/tracker_set.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

// The trackers that effects are published to, made from the configuration.
namespace reprise::app {

// What is wrong with section forge, without looking at a file.
std::optional<config_error> check_forge(const config& settings);

// The directory, and every tracker that has credentials. Reads their files; contacts nobody.
config_result<std::unique_ptr<forge::tracker_set>> make_trackers(
    const config& settings, boost::asio::any_io_executor blocking_pool, const clock& time, metrics& numbers
);

// Sentences about credentials that others can read, on the disk or on the way.
std::vector<std::string> list_forge_exposures(const config& settings);

struct tracker_probe {
    std::string name;    // "github"
    bool works = false;
    std::string text;    // Who we are there, or what is wrong and the way out.
};

// One harmless read at each tracker that has credentials. Blocks on the network.
std::vector<tracker_probe> probe_trackers(const config& settings);

}  // namespace reprise::app
