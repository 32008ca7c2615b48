#pragma once

#include "reprise/base/error.hpp"
#include "reprise/base/seal.hpp"
#include "reprise/net/raw_message.hpp"
#include "reprise/replay/arrival_log.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace reprise::replay {

// A request as it was kept.
struct spooled_request {
    std::uint64_t number = 0;
    std::string_view method;
    std::string_view authority;
    std::string_view target;
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string_view body;
};

// Texts of requests on their way to disk and back: see arrival_log. add() is for one thread at a time.
class request_spool {
public:
    request_spool(const std::filesystem::path& directory, const arrival_limits& limits);
    ~request_spool();
    request_spool(const request_spool&) = delete;
    request_spool& operator=(const request_spool&) = delete;

    void add(std::uint64_t number, const net::raw_request& request);
    // Waits until everything is on disk. Nothing may be added any more.
    void finish();
    // Of each batch in turn. After finish().
    result<void> read(const std::function<void(const spooled_request&)>& take);

    std::uint64_t lost() const;
    std::string reason() const;

private:
    struct batch {
        std::string bytes;
        std::uint64_t requests = 0;
    };
    struct place {
        std::uint64_t offset = 0;
        std::size_t bytes = 0;
    };

    void hand_over();
    void run_writer();
    void write(const batch& full);

    const arrival_limits limits_;
    int descriptor_ = -1;
    sealer sealer_;
    batch open_;  // Of add() alone.
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<batch> waiting_;
    std::vector<std::string> spare_;  // Memory to be used again.
    bool finishing_ = false;
    std::uint64_t lost_ = 0;
    std::string reason_;
    std::vector<place> places_;  // Of the writer, then of read().
    std::string sealed_;
    std::uint64_t written_bytes_ = 0;
    std::thread writer_;
};

}  // namespace reprise::replay
