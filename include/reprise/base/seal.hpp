#pragma once

#include "reprise/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace reprise {

constexpr std::size_t sealing_key_bytes = 32;
constexpr std::size_t seal_tag_bytes = 16;

// Both encrypt and authenticate. What one sealed, the other does not open.
enum class seal_cipher : std::uint8_t {
    aes_256_gcm,
    aes_256_ocb,  // RFC 7253. For much: where the processor has wide AES instructions, it takes a third of the time.
};

// The bytes are the same.
enum class sealed_by : std::uint8_t {
    widest,  // The widest instructions that the processor has.
    common,  // Those that all have.
};

// Encrypts and authenticates under one key. Not for several threads at once.
class sealer {
public:
    explicit sealer(
        std::string_view key, seal_cipher cipher = seal_cipher::aes_256_gcm, sealed_by how = sealed_by::widest
    );
    ~sealer();
    sealer(sealer&&) noexcept;
    sealer& operator=(sealer&&) noexcept;

    // Writes `plain` sealed, seal_tag_bytes longer, to `out`. `number` is the nonce: under one key it must
    // never be used for two texts. `context` is not stored, but opening needs the same.
    void seal(std::uint64_t number, std::string_view context, std::string_view plain, char* out);

    // errc::corrupt unless key, number, context and bytes are those of a seal().
    result<std::string> open(std::uint64_t number, std::string_view context, std::string_view sealed);

private:
    struct state;

    std::unique_ptr<state> state_;
};

}  // namespace reprise
