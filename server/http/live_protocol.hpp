#pragma once

#include "access.hpp"
#include "inputs.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What is said on the live channel, and the decision where a client goes on. Pure.
namespace reprise::http {

struct live_request {
    std::vector<std::string> topics;
    std::string epoch;                  // Empty: the client knows no history.
    std::optional<std::int64_t> after;  // The last sequence number it has.
};

// {"subscribe":[...], "epoch":"..", "after":1}.
checked<live_request> parse_live_request(std::string_view text);

// Who may read a topic; nothing for a topic that does not exist.
std::optional<need> find_topic_need(std::string_view topic) noexcept;

enum class resume_kind {
    fresh,   // Nothing was known: from now on.
    replay,  // What came after `after`.
    resync,  // A gap: load everything again.
};

struct history {
    std::string epoch;
    std::int64_t first_seq = 1;  // Oldest event kept.
    std::int64_t last_seq = 0;
};

resume_kind decide_resume(const live_request& request, const history& known) noexcept;

std::string hello_text(
    const history& known, std::string_view server_version, std::int64_t heartbeat_ms
);
std::string resync_text(std::int64_t as_of);

}  // namespace reprise::http
