#include "reprise/base/signature.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <array>
#include <cstdlib>

namespace reprise {
namespace {

constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 8192;
constexpr std::size_t p256_number_bytes = 32;
constexpr std::size_t ed25519_signature_bytes = 64;

template <auto Free>
struct freed_by {
    template <class T>
    void operator()(T* value) const noexcept
    {
        Free(value);
    }
};
using key_context = std::unique_ptr<EVP_PKEY_CTX, freed_by<EVP_PKEY_CTX_free>>;
using digest_context = std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>>;
using big_number = std::unique_ptr<BIGNUM, freed_by<BN_free>>;
using parameter_builder = std::unique_ptr<OSSL_PARAM_BLD, freed_by<OSSL_PARAM_BLD_free>>;
using parameters = std::unique_ptr<OSSL_PARAM, freed_by<OSSL_PARAM_free>>;
using ecdsa_signature = std::unique_ptr<ECDSA_SIG, freed_by<ECDSA_SIG_free>>;
using shared_key = std::shared_ptr<EVP_PKEY>;

const unsigned char* octets(std::string_view bytes)
{
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

big_number number_of(std::string_view bytes)
{
    return big_number(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
}

shared_key key_of(const char* type, OSSL_PARAM_BLD* builder)
{
    const parameters all(OSSL_PARAM_BLD_to_param(builder));
    const key_context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!all || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, all.get()) != 1)
        return nullptr;
    return {key, EVP_PKEY_free};
}

// As DER, which is what the library takes; empty when it is no pair of numbers.
std::string der_of_p256(std::string_view signature)
{
    if (signature.size() != 2 * p256_number_bytes)
        return {};
    const ecdsa_signature pair(ECDSA_SIG_new());
    big_number r = number_of(signature.substr(0, p256_number_bytes));
    big_number s = number_of(signature.substr(p256_number_bytes));
    if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1)
        return {};
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    std::string out;
    if (size > 0)
        out.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

}  // namespace

std::optional<public_key> public_key::from_rsa(std::string_view modulus, std::string_view exponent)
{
    if (modulus.size() > rsa_bits_max / 8 + 1 || exponent.size() > 8 || exponent.empty())
        return std::nullopt;
    const big_number n = number_of(modulus);
    const big_number e = number_of(exponent);
    const parameter_builder builder(OSSL_PARAM_BLD_new());
    if (!n || !e || !builder || BN_num_bits(n.get()) < rsa_bits_min || BN_is_odd(n.get()) != 1 ||
        BN_is_odd(e.get()) != 1 || BN_is_one(e.get()) == 1)
        return std::nullopt;
    if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return std::nullopt;
    shared_key key = key_of("RSA", builder.get());
    if (!key)
        return std::nullopt;
    return public_key(std::move(key), signature_kind::rsa_sha256);
}

std::optional<public_key> public_key::from_p256(std::string_view x, std::string_view y)
{
    if (x.size() != p256_number_bytes || y.size() != p256_number_bytes)
        return std::nullopt;
    std::string point("\x04");
    point += x;
    point += y;
    const parameter_builder builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
        return std::nullopt;
    shared_key key = key_of("EC", builder.get());
    if (!key)
        return std::nullopt;
    return public_key(std::move(key), signature_kind::p256_sha256);
}

std::optional<public_key> public_key::from_ed25519(std::string_view bytes)
{
    if (bytes.size() != ed25519_seed_bytes)
        return std::nullopt;
    shared_key key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(bytes), bytes.size()), EVP_PKEY_free
    );
    if (!key)
        return std::nullopt;
    return public_key(std::move(key), signature_kind::ed25519);
}

bool public_key::verifies(std::string_view message, std::string_view signature) const
{
    const std::string der = kind_ == signature_kind::p256_sha256 ? der_of_p256(signature) : std::string();
    const std::string_view given = kind_ == signature_kind::p256_sha256 ? std::string_view(der) : signature;
    const EVP_MD* digest = kind_ == signature_kind::ed25519 ? nullptr : EVP_sha256();
    const digest_context context(EVP_MD_CTX_new());
    if (given.empty() || !context ||
        EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1)
        return false;
    return EVP_DigestVerify(context.get(), octets(given), given.size(), octets(message), message.size()) == 1;
}

std::optional<signing_key> signing_key::from_seed(std::string_view seed)
{
    if (seed.size() != ed25519_seed_bytes)
        return std::nullopt;
    shared_key key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(seed), seed.size()), EVP_PKEY_free
    );
    std::array<unsigned char, ed25519_seed_bytes> bytes{};
    std::size_t size = bytes.size();
    if (!key || EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) != 1)
        return std::nullopt;
    return signing_key(std::move(key), std::string(reinterpret_cast<const char*>(bytes.data()), size));
}

std::string signing_key::sign(std::string_view message) const
{
    std::array<unsigned char, ed25519_signature_bytes> signature{};
    std::size_t size = signature.size();
    const digest_context context(EVP_MD_CTX_new());
    const bool done = context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
                      EVP_DigestSign(context.get(), signature.data(), &size, octets(message), message.size()) == 1;
    // Only a machine without memory gets here; an unsigned checkpoint must not look like one.
    if (!done)
        std::abort();
    return {reinterpret_cast<const char*>(signature.data()), size};
}

}  // namespace reprise
