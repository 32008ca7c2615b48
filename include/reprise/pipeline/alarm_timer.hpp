#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/pipeline/alarms.hpp"

#include <boost/asio/awaitable.hpp>

namespace reprise::store {
class database;
}

namespace reprise::pipeline {

// Every five seconds: incidents that waited for captured traffic long enough go to a person. Until cancelled. What
// comes by reference must outlive it.
boost::asio::awaitable<void> run_alarm_timer(store::database& database, const clock& time, alarm_policy policy);

}  // namespace reprise::pipeline
