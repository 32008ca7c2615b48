#pragma once

#include "work_error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace reprise {
class task_group;
}

namespace reprise::synth {

// Several pieces of work at once, each a task of its own. The first failure is told at once; the others go on all the
// same, and go on too when whoever waits is cancelled. On the loop only.
class joint_work : public std::enable_shared_from_this<joint_work> {
public:
    using piece = boost::asio::awaitable<work_result>;

    // Begins all of them, in order.
    static std::shared_ptr<joint_work> begin(
        boost::asio::any_io_executor loop, task_group& tasks, std::vector<piece> pieces
    );

    // Until all have ended or one has failed. One caller.
    boost::asio::awaitable<work_result> wait();

private:
    explicit joint_work(const boost::asio::any_io_executor& loop, std::size_t count)
        : left_(count), done_(loop, boost::asio::steady_timer::time_point::max())
    {
    }
    static boost::asio::awaitable<void> run_piece(std::shared_ptr<joint_work> all, piece one);
    void end_one(work_result result);

    std::size_t left_;
    std::optional<work_error> first_error_;
    boost::asio::steady_timer done_;
};

}  // namespace reprise::synth
