#include "reprise/net/webhook_signature.hpp"

#include "webhook_text.hpp"

#include "reprise/base/hash.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <utility>

namespace reprise::net {
namespace {

constexpr std::string_view shared_prefix = "whsec_";
constexpr std::string_view private_prefix = "whsk_";
constexpr std::string_view public_prefix = "whpk_";
constexpr std::string_view shared_version = "v1,";
constexpr std::string_view ed25519_version = "v1a,";
constexpr std::size_t shared_bytes_min = 24;
constexpr std::size_t shared_bytes_max = 64;
constexpr std::size_t made_bytes = 32;
constexpr std::size_t ed25519_key_bytes = 32;
constexpr std::size_t ed25519_signature_bytes = 64;
constexpr std::size_t id_bytes_max = 256;
constexpr std::size_t signatures_max = 16;  // In one header; those behind are not looked at.

struct key_deleter {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
struct digest_deleter {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using key_pointer = std::unique_ptr<EVP_PKEY, key_deleter>;
using digest_pointer = std::unique_ptr<EVP_MD_CTX, digest_deleter>;

const unsigned char* octets(std::string_view bytes) noexcept
{
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

key_pointer private_key(std::string_view seed)
{
    return key_pointer(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(seed), seed.size()));
}

// Empty when the seed is none.
std::string public_bytes_of(std::string_view seed)
{
    std::array<unsigned char, ed25519_key_bytes> bytes{};
    std::size_t size = bytes.size();
    const key_pointer key = private_key(seed);
    if (!key || EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) != 1)
        return {};
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string ed25519_sign(std::string_view seed, std::string_view text)
{
    std::array<unsigned char, ed25519_signature_bytes> bytes{};
    std::size_t size = bytes.size();
    const key_pointer key = private_key(seed);
    const digest_pointer context(EVP_MD_CTX_new());
    if (!key || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), bytes.data(), &size, octets(text), text.size()) != 1)
        return {};
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

bool ed25519_made(std::string_view public_bytes, std::string_view signature, std::string_view text)
{
    if (signature.size() != ed25519_signature_bytes)
        return false;
    const key_pointer key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(public_bytes), public_bytes.size())
    );
    const digest_pointer context(EVP_MD_CTX_new());
    return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(text), text.size()) == 1;
}

std::string shared_signature(std::string_view secret, std::string_view text)
{
    const sha256_digest digest = hmac_sha256(secret, text);
    return to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string signed_text(std::string_view id, std::string_view timestamp, std::string_view body)
{
    std::string text;
    text.reserve(id.size() + timestamp.size() + body.size() + 2);
    return text.append(id).append(".").append(timestamp).append(".").append(body);
}

}  // namespace

webhook_key::webhook_key(kind which, std::string bytes, std::string public_bytes)
    : kind_(which), bytes_(std::move(bytes)), public_bytes_(std::move(public_bytes))
{
}

result<webhook_key> webhook_key::parse(std::string_view text)
{
    if (text.starts_with(shared_prefix)) {
        std::string bytes = from_base64(text.substr(shared_prefix.size()));
        if (bytes.size() < shared_bytes_min || bytes.size() > shared_bytes_max)
            return reprise::errc::invalid_argument;
        return webhook_key(kind::shared, std::move(bytes), {});
    }
    if (text.starts_with(private_prefix)) {
        std::string bytes = from_base64(text.substr(private_prefix.size()));
        if (bytes.size() != ed25519_key_bytes && bytes.size() != 2 * ed25519_key_bytes)
            return reprise::errc::invalid_argument;
        std::string seed = bytes.substr(0, ed25519_key_bytes);
        std::string public_bytes = public_bytes_of(seed);
        const bool names_other_key =
            bytes.size() > ed25519_key_bytes && bytes.substr(ed25519_key_bytes) != public_bytes;
        if (public_bytes.empty() || names_other_key)
            return reprise::errc::invalid_argument;
        return webhook_key(kind::private_key, std::move(seed), std::move(public_bytes));
    }
    if (text.starts_with(public_prefix)) {
        std::string bytes = from_base64(text.substr(public_prefix.size()));
        if (bytes.size() != ed25519_key_bytes)
            return reprise::errc::invalid_argument;
        return webhook_key(kind::public_key, {}, std::move(bytes));
    }
    return reprise::errc::invalid_argument;
}

std::string webhook_key::make_secret()
{
    return std::string(shared_prefix) + to_base64(random_bytes(made_bytes));
}

result<std::string> webhook_key::sign(std::string_view id, std::int64_t timestamp_s, std::string_view body) const
{
    if (!is_webhook_id(id) || !can_sign())
        return reprise::errc::invalid_argument;
    const std::string text = signed_text(id, std::to_string(timestamp_s), body);
    if (kind_ == kind::shared)
        return std::string(shared_version) + shared_signature(bytes_, text);
    return std::string(ed25519_version) + to_base64(ed25519_sign(bytes_, text));
}

bool webhook_key::made(std::string_view signature, std::string_view signed_text) const
{
    if (kind_ == kind::shared) {
        return signature.starts_with(shared_version) &&
               equal_in_constant_time(
                   signature.substr(shared_version.size()), shared_signature(bytes_, signed_text)
               );
    }
    return signature.starts_with(ed25519_version) &&
           ed25519_made(public_bytes_, from_base64(signature.substr(ed25519_version.size())), signed_text);
}

bool is_webhook_id(std::string_view id) noexcept
{
    const auto is_allowed = [](char c) { return c > 0x20 && c < 0x7f && c != '.'; };
    return !id.empty() && id.size() <= id_bytes_max && std::all_of(id.begin(), id.end(), is_allowed);
}

signature_check check_standard(
    std::span<const webhook_key> keys, std::string_view body, const standard_headers& headers, std::int64_t now_ns
)
{
    std::string_view signatures = trimmed(headers.signature);
    if (headers.id.empty() || headers.timestamp.empty() || signatures.empty())
        return signature_check::missing;
    const auto signed_ns = find_seconds(headers.timestamp);
    if (!is_webhook_id(headers.id) || !signed_ns)
        return signature_check::malformed;
    const std::string text = signed_text(headers.id, headers.timestamp, body);
    bool found = false;
    bool is_known_form = false;
    for (std::size_t count = 0; count < signatures_max && !signatures.empty(); ++count) {
        const std::string_view one = take_until(signatures, ' ');
        is_known_form |= one.starts_with(shared_version) || one.starts_with(ed25519_version);
        for (const webhook_key& key : keys)
            found |= key.made(one, text);
    }
    if (!found)
        return is_known_form ? signature_check::mismatch : signature_check::malformed;
    return is_near(*signed_ns, now_ns) ? signature_check::good : signature_check::stale;
}

}  // namespace reprise::net
