#pragma once

#include "reprise/base/error.hpp"

#include <string>

namespace reprise::replay {

enum class errc {
    bad_target = 1,     // The target's URL cannot be used.
    not_allowed,        // The target is not on the allow-list.
    nothing_to_replay,  // The evidence holds no request that can be sent again.
    bad_record,         // A stored trial does not say what it should.
    bad_timing,         // No known pace.
    not_comparable,     // Two measurements that were not made alike.
    too_many,           // More requests than one replay sends.
    bad_condition,      // A condition (--still, --fail-if) cannot be read.
    bad_state,          // The state of an earlier minimisation is not of these exchanges.
    not_exportable,     // The form cannot say what the reproducer needs.
    nothing_to_mock,    // The recordings hold no call that could be answered, or too many.
    bad_rule,           // A fault, latency or ignore rule that says nothing usable.
};

const boost::system::error_category& replay_category() noexcept;
error_code make_error_code(errc code) noexcept;

// Why something was refused: the code for programs, one sentence (what, where, the way out) for people.
struct refusal {
    replay::errc code = errc::bad_target;
    std::string reason;
};

template <class T>
using checked = boost::system::result<T, refusal>;

// Reading the value of a refused result is a bug: throws std::logic_error with the reason.
[[noreturn]] void throw_exception_from_error(const refusal& what, const boost::source_location& where);

}  // namespace reprise::replay

template <>
struct boost::system::is_error_code_enum<reprise::replay::errc> : std::true_type {};
