#include "slots.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace asio = boost::asio;

namespace reprise::synth {

// Leaves the line however the wait ends; a slot that was handed over and not taken goes to the next.
class slots::place_in_line {
public:
    place_in_line(slots& of, waiter& who) : of_(of), who_(who) { of_.line_.push_back(&who_); }
    ~place_in_line()
    {
        if (who_.has_slot)
            of_.give_back();
        else
            of_.line_.remove(&who_);
    }
    place_in_line(const place_in_line&) = delete;
    place_in_line& operator=(const place_in_line&) = delete;

    // The slot that was handed over; the line is left with it.
    slot take_over()
    {
        who_.has_slot = false;
        return slot(of_);
    }

private:
    slots& of_;
    waiter& who_;
};

asio::awaitable<slots::slot> slots::take()
{
    if (free_ > 0) {
        --free_;
        co_return slot(*this);
    }
    waiter who(loop_);
    place_in_line place(*this, who);
    boost::system::error_code ignored;  // A cancelled timer is the good case: has_slot tells.
    co_await who.turn.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (!who.has_slot)
        throw boost::system::system_error(asio::error::operation_aborted);
    co_return place.take_over();
}

void slots::give_back()
{
    if (line_.empty()) {
        ++free_;
        return;
    }
    waiter& next = *line_.front();
    line_.pop_front();
    next.has_slot = true;
    next.turn.cancel();
}

}  // namespace reprise::synth
