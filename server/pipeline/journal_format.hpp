#pragma once

#include "reprise/base/error.hpp"
#include "reprise/pipeline/journal_entry.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// The bytes of a journal segment, docs/formats/journal.md. Pure: neither files nor keys.
namespace reprise::pipeline {

constexpr std::size_t segment_header_bytes = 72;
constexpr std::size_t frame_head_bytes = 40;
constexpr std::size_t salt_bytes = 32;
constexpr std::size_t frame_bytes_max = 512UL * 1024 * 1024;  // A longer frame is damage.

enum class segment_version : std::uint8_t {
    first = 1,   // With a checksum of each payload, which its seal makes needless.
    second = 2,  // Sealed with AES-256-GCM, like the first.
    third = 3,   // Sealed with AES-256-OCB. The one that is written.
};

struct segment_header {
    segment_version version = segment_version::third;
    std::uint64_t first_number = 0;        // Of the first entry that may be in here.
    std::array<char, 16> key_id{};         // Tells whether a key is the right one, and nothing about it.
    std::array<char, salt_bytes> salt{};   // The segment's own key is made from this and the master key.

    friend bool operator==(const segment_header&, const segment_header&) = default;
};

struct frame_head {
    std::uint64_t number = 0;  // Rises by one with each entry; the nonce of the seal.
    std::uint64_t synced = 0;  // Entries up to this number were safe on disk when this was written.
    std::int64_t time_ns = 0;  // Of arrival; the windows go by it.
    entry_kind kind = entry_kind::logs;
};

// A frame inside the bytes that were parsed.
struct frame_view {
    frame_head head;
    std::string_view context;  // What the seal covers beside the payload.
    std::string_view sealed;
    std::size_t offset = 0;
    std::size_t bytes = 0;     // Head and payload.
};

// Whether the seal of a frame is right. Without one, nothing is known of payloads: every frame whose head is
// right counts.
using seal_check = std::function<bool(const frame_view&)>;

enum class damage_kind : std::uint8_t {
    torn,     // A write that never ended: nothing in it was reported as synced.
    flipped,  // Bytes that were whole once and are not what was written.
};

struct damage {
    damage_kind kind = damage_kind::torn;
    std::size_t offset = 0;
    std::size_t bytes = 0;

    friend bool operator==(const damage&, const damage&) = default;
};

struct parsed_segment {
    segment_header header;
    std::vector<frame_view> frames;  // In order; whatever lies between is in `damages`.
    std::vector<damage> damages;
    std::size_t good_bytes = 0;      // Where the last good frame ends.
};

std::string encode_header(const segment_header& header);

// The head's bytes for `sealed_bytes` of payload, without the checksum: what the seal must cover.
std::string frame_context(const frame_head& head, std::size_t sealed_bytes);

// The frame_head_bytes that stand before a payload that was sealed with `context`.
void write_head(const segment_header& of, std::string_view context, char* out);

// errc::corrupt when the bytes do not begin with a whole header; errc::conflict when it is of a later version.
result<segment_header> parse_header(std::string_view bytes);

// Every frame that is whole, wherever it lies, and what kind of damage lies between them. A frame is
// torn when it ends beyond the file or lacks whole sectors, as a power cut leaves it; or when a later
// frame shows that it was not synced yet. Zeros that fill the last block are no damage. The views point
// into `bytes`. errc::corrupt as above.
result<parsed_segment> parse_segment(std::string_view bytes, const seal_check& is_sealed = {});

}  // namespace reprise::pipeline
