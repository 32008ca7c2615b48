#pragma once

#include "span_blocks.hpp"

#include "reprise/model/observation.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace reprise::pipeline {

// A trace of which spans still come.
struct open_trace {
    model::trace_id id;
    std::uint64_t rank = 0;
    span_blocks::chain records;
    std::uint32_t spans = 0;
    bool truncated = false;
    bool has_root = false;
    std::int64_t last_arrival_ns = 0;  // By the steady clock, as the next one is.
    std::int64_t due_ns = 0;           // When it is looked at: done, or waiting for what is missing.
    std::int64_t arrived_ns = 0;       // Of the last span, by the wall clock.
};

// Open traces by id, all in one block of memory; nothing is allocated once there were as many before. References hold
// until a trace is added or removed.
class open_traces {
public:
    open_trace* find(const model::trace_id& id, std::uint64_t rank) noexcept;
    // Must not be there yet.
    open_trace& add(const model::trace_id& id, std::uint64_t rank);
    // The last one takes its place.
    void remove(std::size_t index) noexcept;
    std::size_t index_of(const open_trace& one) const noexcept
    {
        return static_cast<std::size_t>(&one - entries_.data());
    }

    std::size_t size() const noexcept { return entries_.size(); }
    open_trace& operator[](std::size_t index) noexcept { return entries_[index]; }

private:
    static constexpr std::uint32_t free_slot = UINT32_MAX;

    std::size_t home_of(std::uint64_t rank) const noexcept { return rank & (slots_.size() - 1); }
    std::size_t slot_of(std::size_t index) const noexcept;
    void place(std::size_t index) noexcept;
    void grow();

    std::vector<open_trace> entries_;
    std::vector<std::uint32_t> slots_;  // Index of an entry; the size is a power of two, at most half are used.
};

// Which traces were seen before and are open no more. Bounded: an old one gives way
// to a new one.
class recent_traces {
public:
    enum class fate : std::uint8_t { unknown, done, dropped };

    void note(std::uint64_t rank, bool dropped) noexcept;
    fate find(std::uint64_t rank) const noexcept;

private:
    static constexpr std::size_t places = 4;  // Where one of a rank may stand, the newest first.
    static constexpr std::size_t rows_max = 8192;

    static std::size_t row_of(std::uint64_t rank) noexcept { return (rank & (rows_max - 1)) * places; }
    // The last bit says what became of it.
    static std::uint64_t mark_of(std::uint64_t rank, bool dropped) noexcept
    {
        return (rank & ~std::uint64_t{1}) | (dropped ? 1U : 0U);
    }

    std::vector<std::uint64_t> marks_ = std::vector<std::uint64_t>(rows_max * places);
};

}  // namespace reprise::pipeline
