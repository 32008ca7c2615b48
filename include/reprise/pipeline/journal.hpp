#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/pipeline/journal_entry.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

class journal_files;

// When an entry counts as kept. Whatever the policy, kill -9 loses nothing that was kept.
enum class sync_policy : std::uint8_t {
    always,    // Synced to disk; entries that wait together share one sync. A power cut loses nothing.
    interval,  // Written; synced every sync_interval. A power cut loses up to that much.
    never,     // Written; the operating system syncs when it likes. A power cut loses up to what it holds back.
};

struct journal_config {
    sync_policy sync = sync_policy::always;
    std::chrono::milliseconds sync_interval{200};
    std::uint64_t bytes_max = 4ULL << 30;        // Of all segments. Beyond it has_room() is false.
    std::uint64_t segment_bytes_max = 64U << 20; // A segment that has grown to this is followed by the next.
    std::uint64_t unsynced_bytes_max = 16U << 20; // With sync_policy::interval: synced early beyond this.
    std::int64_t repeats_horizon_ns = 600LL * 1'000'000'000;  // How long a body is remembered; 0: not at all.
    std::size_t repeats_max = 128 * 1024;        // How many bodies are remembered.
};

// An entry as a replay finds it.
struct stored_entry {
    entry_kind kind = entry_kind::logs;
    std::uint64_t number = 0;
    std::int64_t time_ns = 0;
    std::string payload;
    shared_hold hold;
};

// Bytes of a segment that say nothing any more.
struct journal_damage {
    std::string segment;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    bool torn = false;  // The end of a write that nobody was told of. Else bytes that changed afterwards.
};

struct replay_report {
    std::uint64_t segments = 0;
    std::uint64_t entries = 0;
    std::vector<journal_damage> damages;  // At most damages_listed_max; all are counted in the metrics.
};

constexpr std::size_t damages_listed_max = 1000;

// Keeps accepted requests in sealed, append-only segment files until the windows they
// feed are committed. One thread of its own writes: entries that wait together are written and synced
// together. The order it gives them is the order in which they are answered.
//
// open(), then replay() once, then start(); append() and the rest from any thread until stop(). None
// of them but open(), replay(), settle() and stop() blocks; each has returned before it ends. Clock and metrics
// must outlive it; holds may, too.
class journal {
public:
    // The segments of `directory`, sealed under a key made from `master_key`. On failure `problem` says
    // what, where and the way out.
    static result<std::unique_ptr<journal>> open(
        const std::filesystem::path& directory, journal_config config, std::string_view master_key, const clock& time,
        metrics& numbers, std::string& problem
    );
    // As above on other files; for tests.
    journal(
        std::unique_ptr<journal_files> files, journal_config config, std::string_view master_key, const clock& time,
        metrics& numbers
    );
    ~journal();  // stop()
    journal(const journal&) = delete;
    journal& operator=(const journal&) = delete;

    // Hands over what the last process left, in order, on this thread; `pace` is called after each
    // segment and may wait. Torn ends are cut off, changed bytes copied to `damaged`, both counted and
    // logged. errc::denied: sealed under another key. errc::conflict: written by a later version of the server.
    // errc::io: cannot be read.
    result<replay_report> replay(
        const std::function<void(stored_entry)>& take, const std::function<void()>& pace = [] {}
    );

    void start();

    // False: too much waits for its commit already; do not append.
    bool has_room(std::size_t bytes) const noexcept;
    // False after a failed write, until one succeeds again.
    bool healthy() const noexcept;

    content_hash hash_of(std::string_view payload) const noexcept;

    // `done` is called exactly once, on the journal's thread, in the order of the entries; it must not
    // block and must not throw.
    void append(journal_entry entry, std::function<void(placed_entry)> done);

    // Returns when everything appended so far is answered. Blocks.
    void settle();

    // Writes and answers what waits, syncs, deletes what has served; later appends are refused and holds
    // delete nothing any more. Idempotent.
    void stop();

private:
    struct parts;

    std::unique_ptr<parts> parts_;
};

// What lies in a journal's directory, for a person; changes nothing. Damaged payloads are found only under the
// right key; without one, or under another, what is damaged in heads is.
struct journal_summary {
    std::uint64_t segments = 0;
    std::uint64_t other_key = 0;          // Segments that were sealed under another than the key given.
    std::uint64_t later_version = 0;      // Segments that only a later version of the server can read.
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::uint64_t set_aside = 0;          // Files of damaged bytes.
    std::vector<journal_damage> damages;  // Found now, not yet set aside.
};
result<journal_summary> inspect_journal(const std::filesystem::path& directory, std::string_view master_key);

// Whether there is anything to replay.
bool has_segments(const std::filesystem::path& directory);

}  // namespace reprise::pipeline
