#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

// Expected failures are values. Each room has its own errc and category; this one holds the few
// that several rooms share. Foreign errors are translated at a room's door.
namespace reprise {

template <class T>
using result = boost::system::result<T>;
using boost::system::error_code;

enum class errc {
    invalid_argument = 1,  // The caller's input is malformed or out of range.
    not_found,             // No such thing.
    conflict,              // The thing is not in a state that allows this.
    stale,                 // The version named by the caller is not the current one.
    too_large,             // A named limit was passed.
    unavailable,           // Try again later.
    timed_out,             // The time limit passed first.
    denied,                // The caller may not do this.
    corrupt,               // Stored bytes do not say what they should.
    io,                    // The operating system refused.
};

const boost::system::error_category& base_category() noexcept;
error_code make_error_code(errc code) noexcept;

}  // namespace reprise

template <>
struct boost::system::is_error_code_enum<reprise::errc> : std::true_type {};
