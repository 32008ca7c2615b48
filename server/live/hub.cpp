#include "reprise/live/hub.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace asio = boost::asio;

namespace reprise::live {

subscriber::subscriber(hub& home, asio::any_io_executor strand, queue_limits limits)
    : home_(home), strand_(std::move(strand)), timer_(std::make_shared<asio::steady_timer>(strand_)), pending_(limits)
{
}

subscriber::~subscriber()
{
    home_.drop(this);
}

result<void> subscriber::add_topic(std::string_view topic)
{
    const std::lock_guard lock(home_.mutex_);
    if (std::find(topics_.begin(), topics_.end(), topic) != topics_.end())
        return {};
    if (topics_.size() >= topics_max)
        return errc::too_large;
    topics_.emplace_back(topic);
    home_.readers_[topics_.back()].push_back(this);
    return {};
}

void subscriber::drop_topic(std::string_view topic)
{
    const std::lock_guard lock(home_.mutex_);
    if (std::erase(topics_, topic) == 0)
        return;
    const auto found = home_.readers_.find(topic);
    assert(found != home_.readers_.end());
    std::erase(found->second, this);
    if (found->second.empty())
        home_.readers_.erase(found);
}

std::size_t subscriber::topic_count() const
{
    const std::lock_guard lock(home_.mutex_);
    return topics_.size();
}

asio::awaitable<result<std::vector<message>>> subscriber::next(std::size_t count_max, std::chrono::milliseconds wait)
{
    for (bool waited = false;; waited = true) {
        {
            const std::lock_guard lock(mutex_);
            waiting_ = false;
            if (closed_)
                co_return errc::unavailable;
            if (pending_.overflowed())
                co_return errc::too_large;
            if (!pending_.empty() || waited || std::exchange(interrupted_, false))
                co_return pending_.take(count_max);
            waiting_ = true;
        }
        // wake() is posted to this strand, so it cannot come before the wait has begun.
        timer_->expires_after(wait);
        error_code ignored;  // Woken or not: the queue tells.
        co_await timer_->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

void subscriber::wake()
{
    auto cancel = [timer = timer_] { timer->cancel(); };
    asio::post(strand_, std::move(cancel));
}

void subscriber::offer(const message& what)
{
    bool wake_up = false;
    {
        const std::lock_guard lock(mutex_);
        const bool overflowed_before = pending_.overflowed();
        const bool fits = pending_.push(what);
        if (!fits && !overflowed_before)
            home_.overflows_.fetch_add(1, std::memory_order_relaxed);
        wake_up = std::exchange(waiting_, false);
    }
    if (wake_up)
        wake();
}

void subscriber::interrupt()
{
    bool wake_up = false;
    {
        const std::lock_guard lock(mutex_);
        wake_up = std::exchange(waiting_, false);
        interrupted_ = !wake_up;
    }
    if (wake_up)
        wake();
}

void subscriber::close()
{
    bool wake_up = false;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        wake_up = std::exchange(waiting_, false);
    }
    if (wake_up)
        wake();
}

hub::hub(queue_limits limits) : limits_(limits) {}

hub::~hub()
{
    assert(all_.empty());
}

result<std::shared_ptr<subscriber>> hub::subscribe(asio::any_io_executor strand)
{
    const std::lock_guard lock(mutex_);
    if (closed_ || all_.size() >= subscribers_max)
        return errc::unavailable;
    auto reader = std::make_shared<subscriber>(*this, std::move(strand), limits_);
    all_.push_back(reader.get());
    return reader;
}

void hub::publish(const message& what)
{
    assert(what.text);
    const std::lock_guard lock(mutex_);
    const auto found = readers_.find(what.topic);
    if (found == readers_.end())
        return;
    for (subscriber* reader : found->second)
        reader->offer(what);
}

void hub::close()
{
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (subscriber* reader : all_)
        reader->close();
}

std::size_t hub::subscriber_count() const
{
    const std::lock_guard lock(mutex_);
    return all_.size();
}

void hub::drop(subscriber* reader)
{
    const std::lock_guard lock(mutex_);
    for (const std::string& topic : reader->topics_) {
        const auto found = readers_.find(topic);
        std::erase(found->second, reader);
        if (found->second.empty())
            readers_.erase(found);
    }
    std::erase(all_, reader);
}

}  // namespace reprise::live
