#pragma once

#include "hook_source.hpp"
#include "hook_verify.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/hook_deliveries.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <string_view>

namespace reprise::ingest {

enum class hook_result : std::uint8_t {
    accepted,
    duplicate,
    refused,    // Not signed by whom it should be, or not readable.
    deferred,   // Trouble of ours: the sender shall come back.
};

constexpr std::array<std::string_view, 4> hook_result_texts = {"accepted", "duplicate", "refused", "deferred"};

// Where deliveries are kept. Bodies are sealed, each with a key of its own that is made from ours and its id: nobody
// reads them on the disk, and a body does not open under another delivery. Any thread.
class hook_box {
public:
    hook_box(store::database& store, const clock& time, metrics& numbers, std::string sealing_key);

    // Durable when it answers. reprise::errc::unavailable while hooks_waiting_max wait, and the store's errors.
    boost::asio::awaitable<result<store::hook_receipt>> keep(
        std::string_view source, const hook_identity& identity, const std::string& body
    );

    // reprise::errc::corrupt when it was not sealed by us for this delivery.
    result<std::string> open(const store::kept_hook& kept) const;

    void count(hook_source source, hook_result what);

    // How many wait, as the processor counts them.
    void set_waiting(std::uint64_t count);
    void take_waiting(std::uint64_t count);
    // Never less than none, though counting and being counted cross.
    std::uint64_t waiting() const noexcept
    {
        return static_cast<std::uint64_t>(std::max(waiting_.load(), std::int64_t{0}));
    }

private:
    std::string key_of(std::string_view id) const;
    std::string seal(std::string_view id, std::string_view source, std::string_view body) const;

    store::database& store_;
    const clock& time_;
    const std::string sealing_key_;
    std::array<std::array<counter*, hook_result_texts.size()>, hook_source_texts.size()> counts_{};
    std::atomic<std::int64_t> waiting_{0};
    gauge& waiting_gauge_;
};

}  // namespace reprise::ingest
