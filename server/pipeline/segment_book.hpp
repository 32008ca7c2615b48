#pragma once

#include "reprise/pipeline/segment_hold.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace reprise::pipeline {

// The name of the n-th segment: sorts like its number.
std::string segment_name(std::uint64_t ordinal);
// 0 when the text is no such name.
std::uint64_t parse_segment_name(const std::string& name);

// Which segments there are, how large they are, and which have served. One caller at a time; bytes()
// and the holds from any thread. Holds may outlive the book.
class segment_book {
public:
    segment_book() : served_(std::make_shared<served_list>()) {}
    ~segment_book() { close(); }
    segment_book(const segment_book&) = delete;
    segment_book& operator=(const segment_book&) = delete;

    // The hold's end is told by take_served().
    shared_hold add(std::uint64_t ordinal, std::uint64_t bytes);
    void resize(std::uint64_t ordinal, std::uint64_t bytes);
    void erase(std::uint64_t ordinal);

    std::vector<std::uint64_t> take_served();
    // A segment that could not be deleted is served again.
    void serve_again(std::uint64_t ordinal);
    // Holds that end from here on say nothing.
    void close();

    std::uint64_t next_ordinal() const noexcept { return newest_ + 1; }
    std::size_t size() const noexcept { return bytes_of_.size(); }
    std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

private:
    struct served_list {
        std::mutex mutex;
        std::vector<std::uint64_t> ordinals;
        bool closed = false;
    };

    std::shared_ptr<served_list> served_;
    std::map<std::uint64_t, std::uint64_t> bytes_of_;
    std::uint64_t newest_ = 0;
    std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace reprise::pipeline
