#pragma once

#include "hook_source.hpp"

#include "reprise/ingest/hooks.hpp"
#include "reprise/net/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Whether a request comes from who it says it does, and which delivery it is. SNS is in sns_verify.hpp.
namespace reprise::ingest {

// Which delivery this is, and of what kind.
struct hook_identity {
    std::string key;    // The sender's name for it, or the hash of its body.
    std::string event;  // What the sender calls its kind; may be empty.
    // Equal bodies are the same event: the key came in a header that is not signed, so that a copy under another
    // key must be known, too.
    bool body_is_identity = false;
};

// Why a request is not taken.
struct hook_refusal {
    int status = 401;         // 400, 401, 503.
    std::string_view reason;  // For the audit: "mismatch".
    std::string detail;       // For the sender.
};

// Over the raw bytes; takes as long as hashing them. Nothing: it is good.
std::optional<hook_refusal> verify_hook(
    const hook_settings& settings, hook_source source, std::string_view name, const net::request& req,
    std::int64_t now_ns
);

// Of a request that is verified.
boost::system::result<hook_identity, hook_refusal> identify_hook(hook_source source, const net::request& req);

[[noreturn]] void throw_exception_from_error(const hook_refusal& what, const boost::source_location& where);

// A key that is short and printable as it is, any other by its hash.
std::string dedup_key_of(std::string_view text);

}  // namespace reprise::ingest
