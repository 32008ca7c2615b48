#pragma once

#include "reprise/archive/object_store.hpp"
#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/net/sigv4.hpp"
#include "reprise/net/tls.hpp"
#include "reprise/net/url.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

// Objects in a bucket of S3 or of anything that speaks its protocol.
namespace reprise::archive {

enum class bucket_style : std::uint8_t {
    path,         // https://host/bucket/key
    host,         // https://bucket.host/key
};

struct s3_limits {
    std::uint32_t attempts_max = 5;                  // Of one request.
    std::chrono::milliseconds delay_first{200};      // Before the second; doubles.
    std::chrono::milliseconds delay_max{10'000};
    std::size_t multipart_from_bytes = 16U << 20;    // Objects from this size go in parts ...
    std::size_t part_bytes = 8U << 20;               // ... of this size; S3 takes none below 5 MiB.
    std::size_t answer_bytes_max = 4U << 20;         // Of an answer that is not an object.
    std::size_t page_max = object_page_max;
    std::chrono::milliseconds connect{5'000};
    std::chrono::milliseconds write{120'000};        // One object or part.
    std::chrono::milliseconds answer{30'000};
    std::chrono::milliseconds read{120'000};         // One object: a server at a byte a second ends here ...
    std::chrono::milliseconds read_answer{30'000};   // ... and here, when it is another answer.
};

struct s3_config {
    net::url endpoint;            // Scheme, host and port; no path.
    std::string bucket;
    std::string region = "us-east-1";
    std::string prefix;           // "" or "reprise/": before every key.
    bucket_style style = bucket_style::path;
    net::aws_credentials keys;
    std::shared_ptr<net::client_tls> tls;  // Null: whom the system trusts.
    s3_limits limits;
};

// One sentence about what is wrong with it; nothing when it can be used.
std::optional<std::string> find_fault(const s3_config& config);

// Signs by Signature Version 4, never follows a redirect, sends again what S3 calls passing (500, 502, 503,
// 504, 429, SlowDown, RequestTimeout), and after a lost connection what can be sent twice. `config` has no
// fault; `time` and `numbers` outlive the store.
std::unique_ptr<object_store> make_s3_store(s3_config config, const clock& time, metrics& numbers);

}  // namespace reprise::archive
