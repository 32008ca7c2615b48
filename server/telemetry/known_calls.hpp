#pragma once

#include "call.hpp"

#include "reprise/model/operation.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace reprise::telemetry {

// What raw calls were normalised to, over many batches: services send the same routes and statements all
// day. Bounded: when calls_max or texts_bytes_max is reached, everything is forgotten and learned again. A
// call is kept when it is seen for the second time, so that paths with ids in them, which never come back,
// do not push the others out. Not for several threads.
class known_calls {
public:
    static constexpr std::size_t calls_max = 4096;
    static constexpr std::size_t texts_bytes_max = 1024 * 1024;
    static constexpr std::size_t call_bytes_max = 1024;  // Raw and normalised texts of one call.

    struct known {
        model::operation_view operation;
        std::uint64_t id = 0;  // operation_id() of it.
    };

    known_calls();

    // Null when it is not known; valid until the next note(). `hash` is any hash of the call that equal
    // calls share, the same one as for note().
    const known* find(const call_view& call, std::uint64_t hash) const noexcept;
    void note(const call_view& call, std::uint64_t hash, const known& is);

    std::size_t size() const noexcept { return entries_.size(); }

private:
    struct entry {
        model::source source{};
        model::operation_kind kind{};
        target_form form{};
        std::string_view service;
        std::string_view protocol;
        std::string_view method;
        std::string_view target;
        known is;
    };
    // Small, because most look-ups of paths with ids find nothing and should push little out of the cache.
    struct slot {
        std::uint32_t tag = 0;           // High half of the hash.
        std::uint32_t index_plus_1 = 0;  // 0: free.
    };

    std::string_view keep(std::string_view text) noexcept;
    void forget() noexcept;

    std::vector<slot> slots_;           // Open addressing, at most half full.
    std::vector<std::uint32_t> seen_;   // Tags of calls seen once, by the low bits of their hashes.
    std::vector<entry> entries_;
    std::unique_ptr<char[]> texts_;
    std::size_t texts_bytes_ = 0;
};

}  // namespace reprise::telemetry
