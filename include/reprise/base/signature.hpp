#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

struct evp_pkey_st;

// Signatures by public key: those of others, which are only checked, and our own.
namespace reprise {

enum class signature_kind : std::uint8_t {
    rsa_sha256,    // RSASSA-PKCS1-v1_5, 2048 bits and more.
    p256_sha256,   // ECDSA on P-256; a signature is r and s, 32 bytes each.
    ed25519,
};

// Somebody's public key. Immutable and cheap to copy; safe from any thread.
class public_key {
public:
    // Numbers are big-endian bytes. Nothing when they are no key of that kind.
    static std::optional<public_key> from_rsa(std::string_view modulus, std::string_view exponent);
    static std::optional<public_key> from_p256(std::string_view x, std::string_view y);
    static std::optional<public_key> from_ed25519(std::string_view bytes);

    signature_kind kind() const noexcept { return kind_; }
    bool verifies(std::string_view message, std::string_view signature) const;

private:
    public_key(std::shared_ptr<evp_pkey_st> key, signature_kind kind) : key_(std::move(key)), kind_(kind) {}

    std::shared_ptr<evp_pkey_st> key_;
    signature_kind kind_;
};

constexpr std::size_t ed25519_seed_bytes = 32;

// An Ed25519 key of our own. Immutable and cheap to copy; safe from any thread.
class signing_key {
public:
    // Nothing unless `seed` has ed25519_seed_bytes.
    static std::optional<signing_key> from_seed(std::string_view seed);

    std::string sign(std::string_view message) const;      // 64 bytes.
    const std::string& public_bytes() const noexcept { return public_bytes_; }  // 32 bytes.

private:
    signing_key(std::shared_ptr<evp_pkey_st> key, std::string public_bytes)
        : key_(std::move(key)), public_bytes_(std::move(public_bytes))
    {
    }

    std::shared_ptr<evp_pkey_st> key_;
    std::string public_bytes_;
};

}  // namespace reprise
