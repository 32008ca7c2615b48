#include "reprise/net/rs256.hpp"

#include "reprise/base/hash.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <utility>

namespace reprise::net {
namespace {

struct bio_end {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

struct key_end {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};

struct digest_end {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

// A key with a password is refused instead of asking for it on the terminal.
int no_password(char*, int, int, void*)
{
    return 0;
}

}  // namespace

struct rs256_signer::state {
    std::unique_ptr<EVP_PKEY, key_end> key;
};

rs256_signer::rs256_signer(std::unique_ptr<state> made) : state_(std::move(made)) {}
rs256_signer::~rs256_signer() = default;
rs256_signer::rs256_signer(rs256_signer&&) noexcept = default;
rs256_signer& rs256_signer::operator=(rs256_signer&&) noexcept = default;

result<rs256_signer> rs256_signer::parse(std::string_view pem)
{
    const std::unique_ptr<BIO, bio_end> source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    auto made = std::make_unique<state>();
    if (source)
        made->key.reset(PEM_read_bio_PrivateKey(source.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    const bool fits =
        made->key && EVP_PKEY_is_a(made->key.get(), "RSA") == 1 && EVP_PKEY_get_bits(made->key.get()) >= rsa_bits_min;
    if (!fits)
        return reprise::errc::invalid_argument;
    return rs256_signer(std::move(made));
}

result<std::string> rs256_signer::sign(std::string_view bytes) const
{
    const std::unique_ptr<EVP_MD_CTX, digest_end> context(EVP_MD_CTX_new());
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    std::size_t size = 0;
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, state_->key.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size()) != 1)
        return reprise::errc::io;
    std::string signature(size, '\0');
    auto* out = reinterpret_cast<unsigned char*>(signature.data());
    if (EVP_DigestSign(context.get(), out, &size, data, bytes.size()) != 1)
        return reprise::errc::io;
    signature.resize(size);
    return signature;
}

result<std::string> rs256_signer::sign_token(std::string_view claims_json) const
{
    std::string token = to_base64url(R"({"alg":"RS256","typ":"JWT"})");
    token += '.';
    token += to_base64url(claims_json);
    const auto signature = sign(token);
    if (!signature)
        return signature.error();
    token += '.';
    token += to_base64url(*signature);
    return token;
}

std::string to_base64url(std::string_view bytes)
{
    std::string text = to_base64(bytes);
    while (text.ends_with('='))
        text.pop_back();
    for (char& one : text) {
        if (one == '+')
            one = '-';
        else if (one == '/')
            one = '_';
    }
    return text;
}

}  // namespace reprise::net
