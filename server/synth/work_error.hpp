#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <utility>

namespace reprise::synth {

// Why a piece of work failed. It travels up from the call that failed through every span around it.
struct work_error {
    std::string type;     // timeout, rate_limit, tool_error, network: what ati.retry.reason knows.
    std::string message;
    std::string stack;    // A line per span it has come through, the first where it began.

    work_error() = default;  // What a result that is none holds instead.
    work_error(std::string type_, std::string message_) : type(std::move(type_)), message(std::move(message_)) {}
};

// Taking the value of a failed result is a bug.
[[noreturn]] void throw_exception_from_error(const work_error& error, const boost::source_location& where);

using work_result = boost::system::result<void, work_error>;

}  // namespace reprise::synth
