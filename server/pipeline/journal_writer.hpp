#pragma once

#include "block_buffer.hpp"
#include "journal_files.hpp"
#include "journal_keys.hpp"
#include "recent_bodies.hpp"
#include "segment_book.hpp"

#include "reprise/base/metrics.hpp"
#include "reprise/pipeline/journal.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace reprise::pipeline {

struct journal_numbers {
    explicit journal_numbers(metrics& numbers);

    counter& entries;
    counter& bytes_written;
    counter& groups;
    counter& syncs;
    counter& failures;
    counter& refused;
    counter& repeated;
    counter& replayed;
    counter& torn_bytes;
    counter& damaged_bytes;
    gauge& bytes;
    gauge& segments;
    gauge& healthy;
};

// Puts entries into segments, in order, and says what became of each. Everything that decides is here,
// without a thread or a clock: tests step it by hand. Blocks on the files. One caller at a time.
//
// After a failed write or sync nobody knows what the file holds. Then nothing of the group is kept,
// the segment is never written again, and the next attempt, after retry_delay, begins a new one: first
// with what was kept but not yet synced, then with what comes.
class journal_writer {
public:
    using time_point = std::chrono::steady_clock::time_point;

    static constexpr std::chrono::seconds retry_delay{1};

    journal_writer(
        const journal_config& config, const journal_keys& keys, journal_files& files, segment_book& segments,
        recent_bodies& recent, journal_numbers& numbers, std::uint64_t next_number
    );
    ~journal_writer();
    journal_writer(const journal_writer&) = delete;
    journal_writer& operator=(const journal_writer&) = delete;

    // One fate per entry, in order. `time_ns` is when they came.
    std::vector<placed_entry> write(std::span<const journal_entry> group, std::int64_t time_ns, time_point now);

    // What is due without anybody writing: syncs, and after a failure the next attempt.
    void tend(time_point now);
    std::optional<time_point> next_sync() const noexcept;

    // Deletes segments that have served, the current one, too, when nobody is fed from it.
    void sweep();

    // Syncs what was written unless the policy is never.
    void close(time_point now);

    bool healthy() const noexcept { return healthy_; }

private:
    struct unsynced_entry {
        journal_entry entry;
        placed_entry placed;
    };
    struct open_segment;

    bool is_repeated(const journal_entry& entry, std::int64_t time_ns, const std::unordered_set<content_hash>& group);
    bool make_ready(time_point now);
    bool open_next(time_point now);
    bool rewrite_unsynced();
    void buffer(const journal_entry& entry, std::uint64_t number, std::int64_t time_ns);
    bool try_write(
        std::span<const journal_entry> group, std::vector<placed_entry>& placed, std::int64_t time_ns, time_point now
    );
    bool write_all(
        std::span<const journal_entry> group, std::vector<placed_entry>& placed, std::int64_t time_ns, time_point now
    );
    bool flush();
    bool flush_if_large();
    bool sync(time_point now);
    void keep_unsynced(std::span<const journal_entry> group, const std::vector<placed_entry>& placed);
    void abandon(time_point now);
    void show();

    const journal_config& config_;
    const journal_keys& keys_;
    journal_files& files_;
    segment_book& segments_;
    recent_bodies& recent_;
    journal_numbers& numbers_;
    std::unique_ptr<open_segment> current_;
    block_buffer buffer_;
    std::uint64_t next_number_;
    std::uint64_t synced_number_;
    std::deque<unsynced_entry> unsynced_;   // Only with sync_policy::interval.
    std::uint64_t unsynced_bytes_ = 0;
    time_point last_sync_{};
    time_point retry_at_{};
    bool healthy_ = true;
};

}  // namespace reprise::pipeline
