#pragma once

#include "reprise/base/error.hpp"
#include "reprise/detect/burst.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/net/raw_message.hpp"
#include "reprise/replay/mock.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

// Every request a mock saw, stamped when its first bytes were there, whatever became of it.
namespace reprise::replay {

struct arrival {
    std::uint64_t number = 0;        // From 1, in the order in which they ended.
    std::int64_t wall_ns = 0;        // Of the arrival.
    std::int64_t steady_ns = 0;
    std::int64_t end_ns = 0;         // Of the steady clock: see net::raw_finish::steady_ns.
    model::trace_id trace;           // Of its traceparent.
    std::uint32_t recording = no_recording;
    std::uint16_t status = 0;        // What was sent; 0 for nothing.
    mock_label label = mock_label::miss;
    net::raw_end end = net::raw_end::answered;
    bool relaxed = false;
};

struct arrival_limits {
    std::size_t arrivals_max = 2'000'000;             // Kept; further ones are counted.
    std::size_t spool_bytes_max = 4UL << 30;          // Requests on disk; further ones are counted.
    std::size_t batches_max = 64;                     // Of batch_bytes, waiting for the disk; further ones are counted.
    std::size_t batch_bytes = 256 * 1024;
    std::size_t body_bytes_max = 64 * 1024;           // Of a request's body in its file.
    std::size_t files_max = 200'000;                  // Of an export; further arrivals stand in arrivals.jsonl only.
};

struct arrival_losses {
    std::uint64_t arrivals = 0;  // Over arrivals_max: not in any figure.
    std::uint64_t requests = 0;  // Whose text was not kept: the disk was too slow, full or failed.
    std::string reason;          // The first error of the disk.
};

// Append-only. add() never waits for a disk: requests are collected in batches, which a thread of its own seals
// (AES-256-GCM under a key that is never stored) and writes to a file without a name, so that nothing of them is
// left behind, whatever happens to this process. Safe from any thread; the export blocks on disk.
class arrival_log {
public:
    // Keeps the requests' text in `spool_directory` for an export; an empty path keeps none.
    arrival_log(std::filesystem::path spool_directory, const arrival_limits& limits = {});
    ~arrival_log();
    arrival_log(const arrival_log&) = delete;
    arrival_log& operator=(const arrival_log&) = delete;

    void add(const net::raw_request& request, arrival what) noexcept;

    std::uint64_t size() const;  // All that were added.
    // In the order of their arrival.
    std::vector<arrival> list() const;
    arrival_losses losses() const;

    // Makes `directory` with arrivals.jsonl and one RRPair for each request, requests/<host>/<time>_<number>.json,
    // redacted; whole or not at all. Errors: conflict when it is there already, denied, io. Nothing may be added
    // any more.
    struct export_result {
        std::uint64_t lines = 0;
        std::uint64_t files = 0;
    };
    result<export_result> export_to(
        const std::filesystem::path& directory, const mock& answers, const std::string& redaction_key,
        const std::function<void()>& on_each = {}
    );

private:
    struct state;
    std::unique_ptr<state> state_;
};

// What the arrivals say about concurrency: of all, whatever the answers were.
detect::burst_summary summarise(std::span<const arrival> arrivals);

}  // namespace reprise::replay
