#include "reprise/base/seal.hpp"

#include "wide_ocb.hpp"

#include <openssl/evp.h>

#include <cassert>
#include <cstdlib>

namespace reprise {
namespace {

seal_nonce to_nonce(std::uint64_t number)
{
    seal_nonce made{};
    for (std::size_t i = 0; i < 8; ++i)
        made[i] = static_cast<unsigned char>(number >> (8 * i));
    return made;
}

const unsigned char* octets(std::string_view bytes)
{
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* octets(std::string& bytes, std::size_t at)
{
    return reinterpret_cast<unsigned char*>(bytes.data() + at);
}

int length_of(std::string_view bytes)
{
    return static_cast<int>(bytes.size());
}

// What cannot fail for valid arguments; going on without would write secrets in clear.
void require(int answer)
{
    if (answer != 1)
        std::abort();
}

EVP_CIPHER_CTX* make_context(std::string_view key, seal_cipher cipher, bool sealing)
{
    EVP_CIPHER_CTX* made = EVP_CIPHER_CTX_new();
    if (made == nullptr)
        std::abort();
    const EVP_CIPHER* const kind = cipher == seal_cipher::aes_256_gcm ? EVP_aes_256_gcm() : EVP_aes_256_ocb();
    require(EVP_CipherInit_ex(made, kind, nullptr, octets(key), nullptr, sealing ? 1 : 0));
    return made;
}

}  // namespace

struct sealer::state {
    state(std::string_view key, seal_cipher cipher, sealed_by how)
        : sealing(make_context(key, cipher, true)), opening(make_context(key, cipher, false))
    {
        if (cipher == seal_cipher::aes_256_ocb && how == sealed_by::widest)
            wide = wide_ocb::make(key);
    }
    ~state()
    {
        EVP_CIPHER_CTX_free(sealing);
        EVP_CIPHER_CTX_free(opening);
    }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    EVP_CIPHER_CTX* sealing;
    EVP_CIPHER_CTX* opening;
    std::unique_ptr<wide_ocb> wide;  // Null: OpenSSL seals.
};

sealer::sealer(std::string_view key, seal_cipher cipher, sealed_by how)
{
    assert(key.size() == sealing_key_bytes);
    state_ = std::make_unique<state>(key, cipher, how);
}

sealer::~sealer() = default;
sealer::sealer(sealer&&) noexcept = default;
sealer& sealer::operator=(sealer&&) noexcept = default;

void sealer::seal(std::uint64_t number, std::string_view context, std::string_view plain, char* out)
{
    const seal_nonce with = to_nonce(number);
    auto* const to = reinterpret_cast<unsigned char*>(out);
    if (state_->wide) {
        state_->wide->seal(with, context, plain, to);
        return;
    }
    EVP_CIPHER_CTX* const cipher = state_->sealing;
    int written = 0;
    require(EVP_EncryptInit_ex(cipher, nullptr, nullptr, nullptr, with.data()));
    require(EVP_EncryptUpdate(cipher, nullptr, &written, octets(context), length_of(context)));
    require(EVP_EncryptUpdate(cipher, to, &written, octets(plain), length_of(plain)));
    require(EVP_EncryptFinal_ex(cipher, to + written, &written));  // OCB keeps the last block until here.
    constexpr int tag_bytes = static_cast<int>(seal_tag_bytes);
    require(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, tag_bytes, to + plain.size()));
}

result<std::string> sealer::open(std::uint64_t number, std::string_view context, std::string_view sealed)
{
    if (sealed.size() < seal_tag_bytes)
        return errc::corrupt;
    EVP_CIPHER_CTX* const cipher = state_->opening;
    const seal_nonce with = to_nonce(number);
    std::string tag(sealed.substr(sealed.size() - seal_tag_bytes));
    sealed.remove_suffix(seal_tag_bytes);
    int written = 0;
    require(EVP_DecryptInit_ex(cipher, nullptr, nullptr, nullptr, with.data()));
    require(EVP_DecryptUpdate(cipher, nullptr, &written, octets(context), length_of(context)));
    std::string plain(sealed.size(), '\0');
    require(EVP_DecryptUpdate(cipher, octets(plain, 0), &written, octets(sealed), length_of(sealed)));
    require(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(seal_tag_bytes), octets(tag, 0)));
    if (EVP_DecryptFinal_ex(cipher, octets(plain, static_cast<std::size_t>(written)), &written) != 1)
        return errc::corrupt;
    return plain;
}

}  // namespace reprise
