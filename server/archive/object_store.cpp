#include "reprise/archive/object_store.hpp"

#include <stdexcept>

namespace reprise::archive {

void throw_exception_from_error(const store_failure& error, const boost::source_location&)
{
    throw std::logic_error("value of a failed store_result taken: " + error.text);
}

bool is_passing(const store_failure& failure) noexcept
{
    return failure.code == reprise::errc::unavailable || failure.code == reprise::errc::timed_out;
}

bool concerns_whole_store(const store_failure& failure) noexcept
{
    return is_passing(failure) || failure.code == reprise::errc::denied || failure.code == errc::bucket_missing ||
           failure.code == errc::wrong_place || failure.code == errc::answer_malformed ||
           failure.code == errc::not_trusted;
}

std::string_view reason_of(const store_failure& failure) noexcept
{
    if (failure.code == reprise::errc::unavailable)
        return "unreachable";
    if (failure.code == reprise::errc::timed_out)
        return "slow";
    if (failure.code == reprise::errc::denied)
        return "denied";
    if (failure.code == reprise::errc::not_found)
        return "missing";
    if (failure.code == reprise::errc::too_large)
        return "too_large";
    if (failure.code == reprise::errc::corrupt)
        return "damaged";
    if (failure.code == errc::not_trusted)
        return "tls";
    if (failure.code == errc::bucket_missing)
        return "bucket";
    if (failure.code == errc::wrong_place)
        return "region";
    if (failure.code == errc::request_refused)
        return "refused";
    if (failure.code == errc::answer_malformed)
        return "malformed";
    return "disk";
}

}  // namespace reprise::archive
