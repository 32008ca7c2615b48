#include "reprise/live/queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace reprise::live {

std::string queue::key(const message& what)
{
    return what.topic + '\n' + what.entity;
}

void queue::erase(std::list<message>::iterator at)
{
    bytes_ -= at->text->size();
    if (!at->entity.empty())
        latest_.erase(key(*at));
    messages_.erase(at);
}

bool queue::push(const message& what)
{
    if (overflowed_)
        return false;
    if (!what.entity.empty()) {
        const auto earlier = latest_.find(key(what));
        if (earlier != latest_.end() && earlier->second->rev > what.rev)
            return true;
        if (earlier != latest_.end())
            erase(earlier->second);
    }
    if (messages_.size() + 1 > limits_.messages_max || bytes_ + what.text->size() > limits_.bytes_max) {
        overflowed_ = true;
        messages_.clear();
        latest_.clear();
        bytes_ = 0;
        return false;
    }
    messages_.push_back(what);
    bytes_ += what.text->size();
    if (!what.entity.empty())
        latest_[key(what)] = std::prev(messages_.end());
    return true;
}

std::vector<message> queue::take(std::size_t count_max)
{
    std::vector<message> out;
    out.reserve(std::min(count_max, messages_.size()));
    while (out.size() < count_max && !messages_.empty()) {
        out.push_back(messages_.front());
        erase(messages_.begin());
    }
    return out;
}

}  // namespace reprise::live
