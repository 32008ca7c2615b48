#pragma once

#include "reprise/forge/effect.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <string_view>
#include <utility>

namespace reprise::app {

// "file:tickets" as a tracker: tickets as files below the data directory, written on a pool that may block. It takes
// no pull requests and no comments.
class ticket_files final : public forge::tracker {
public:
    ticket_files(std::filesystem::path data_dir, boost::asio::any_io_executor blocking_pool)
        : data_dir_(std::move(data_dir)), blocking_pool_(std::move(blocking_pool))
    {
    }

    bool takes(std::string_view target) const noexcept override;
    boost::asio::awaitable<forge::effect_result> publish(forge::effect wanted) override;

private:
    std::filesystem::path data_dir_;
    boost::asio::any_io_executor blocking_pool_;
};

}  // namespace reprise::app
