#include "segment_book.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace reprise::pipeline {
namespace {

constexpr std::size_t name_digits = 12;

}  // namespace

std::string segment_name(std::uint64_t ordinal)
{
    const std::string digits = std::to_string(ordinal);
    return digits.size() < name_digits ? std::string(name_digits - digits.size(), '0') + digits : digits;
}

std::uint64_t parse_segment_name(const std::string& name)
{
    std::uint64_t ordinal = 0;
    const auto [end, ec] = std::from_chars(name.data(), name.data() + name.size(), ordinal);
    const bool whole = ec == std::errc() && end == name.data() + name.size();
    return whole && segment_name(ordinal) == name ? ordinal : 0;
}

shared_hold segment_book::add(std::uint64_t ordinal, std::uint64_t bytes)
{
    newest_ = std::max(newest_, ordinal);
    resize(ordinal, bytes);
    {
        // So that the end of a hold never needs memory.
        const std::lock_guard lock(served_->mutex);
        served_->ordinals.reserve(bytes_of_.size());
    }
    return std::make_shared<segment_hold>([served = served_, ordinal] {
        const std::lock_guard lock(served->mutex);
        if (!served->closed)
            served->ordinals.push_back(ordinal);
    });
}

void segment_book::resize(std::uint64_t ordinal, std::uint64_t bytes)
{
    std::uint64_t& known = bytes_of_[ordinal];
    bytes_.fetch_add(bytes - known, std::memory_order_relaxed);  // Wraps around when it shrinks.
    known = bytes;
}

void segment_book::erase(std::uint64_t ordinal)
{
    resize(ordinal, 0);
    bytes_of_.erase(ordinal);
}

std::vector<std::uint64_t> segment_book::take_served()
{
    const std::lock_guard lock(served_->mutex);
    return std::exchange(served_->ordinals, {});
}

void segment_book::serve_again(std::uint64_t ordinal)
{
    const std::lock_guard lock(served_->mutex);
    served_->ordinals.push_back(ordinal);
}

void segment_book::close()
{
    const std::lock_guard lock(served_->mutex);
    served_->closed = true;
}

}  // namespace reprise::pipeline
