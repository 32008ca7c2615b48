#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <list>
#include <utility>

namespace reprise::synth {

// A number of places; who finds none free waits in line. On the loop only. Outlives every slot and whoever waits.
class slots {
public:
    // Gives its place to the next in line when it goes.
    class slot {
    public:
        slot() = default;
        explicit slot(slots& of) : of_(&of) {}
        slot(slot&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        slot& operator=(slot&& other) noexcept
        {
            std::swap(of_, other.of_);
            return *this;
        }
        ~slot()
        {
            if (of_ != nullptr)
                of_->give_back();
        }

    private:
        slots* of_ = nullptr;
    };

    slots(boost::asio::any_io_executor loop, std::size_t count) : loop_(std::move(loop)), free_(count) {}
    slots(const slots&) = delete;
    slots& operator=(const slots&) = delete;

    boost::asio::awaitable<slot> take();

private:
    struct waiter {
        explicit waiter(const boost::asio::any_io_executor& loop)
            : turn(loop, boost::asio::steady_timer::time_point::max())
        {
        }

        boost::asio::steady_timer turn;
        bool has_slot = false;
    };
    class place_in_line;

    void give_back();

    boost::asio::any_io_executor loop_;
    std::size_t free_;
    std::list<waiter*> line_;
};

}  // namespace reprise::synth
