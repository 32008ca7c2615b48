#pragma once

#include "reprise/base/error.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace reprise::live {

// One committed change, rendered once for all its readers.
struct message {
    std::int64_t seq = 0;      // Global, growing.
    std::string topic;         // "incidents", "runs/01J...".
    std::shared_ptr<const std::string> text;  // The whole message as it goes out.
    std::string entity;        // "incident/01J..."; empty: never replaced by a later one.
    std::int64_t rev = 0;      // Of the entity; the latest wins.
};

struct queue_limits {
    std::size_t messages_max = 1'000;
    std::size_t bytes_max = 1024 * 1024;  // Of the texts.
};

// What one reader has not taken yet. A later state of an entity replaces the earlier one of the same
// topic and takes its own, later place, so that sequence numbers only grow. Past a limit the queue
// is emptied and stays overflowed: the reader has a gap and must start again. Not thread-safe.
class queue {
public:
    explicit queue(queue_limits limits) : limits_(limits) {}

    // False when this message made it overflow, or it had already.
    bool push(const message& what);
    // Oldest first, at most `count_max`.
    std::vector<message> take(std::size_t count_max);

    bool empty() const noexcept { return messages_.empty(); }
    bool overflowed() const noexcept { return overflowed_; }
    std::size_t size() const noexcept { return messages_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }

private:
    static std::string key(const message& what);
    void erase(std::list<message>::iterator at);

    queue_limits limits_;
    std::list<message> messages_;
    std::unordered_map<std::string, std::list<message>::iterator> latest_;  // By topic and entity.
    std::size_t bytes_ = 0;
    bool overflowed_ = false;
};

}  // namespace reprise::live
