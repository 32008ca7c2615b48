#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/ingest/hooks.hpp"
#include "reprise/net/message.hpp"
#include "reprise/store/audit.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::ingest {

// Requests that were refused, in the audit: at most hook_refusals_audited_max a minute and source, so that nobody
// fills it from outside; how many were left out stands in the next row. Any thread.
class hook_refusals {
public:
    hook_refusals(store::database& store, const clock& time, metrics& numbers);

    // Writes the row, or counts. A row that cannot be written is logged: the request is refused all the same.
    boost::asio::awaitable<void> note(std::string source, std::string_view reason, const net::request& req);

    // Rows for what was left out in minutes that are over. Now and then.
    boost::asio::awaitable<void> write_suppressed();

private:
    struct minute {
        std::int64_t begin_ns = 0;
        std::size_t written = 0;
        std::uint64_t suppressed = 0;
    };

    // Nothing: not this one. Otherwise how many were left out before it.
    std::optional<std::uint64_t> admit(const std::string& source, std::int64_t now_ns);
    boost::asio::awaitable<void> write(store::audit_entry entry);

    store::database& store_;
    const clock& time_;
    counter& suppressed_;
    std::mutex mutex_;
    std::map<std::string, minute> minutes_;  // By source: as many as are configured.
};

}  // namespace reprise::ingest
