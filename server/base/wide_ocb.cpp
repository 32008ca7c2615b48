#include "wide_ocb.hpp"

#include "reprise/base/seal.hpp"

#include <gcrypt.h>

#include <cassert>
#include <cstdlib>
#include <utility>

namespace reprise {
namespace {

// What cannot fail for valid arguments; going on without would write secrets in clear.
void require(gcry_error_t answer)
{
    if (answer != 0)
        std::abort();
}

// The library wants to be asked for its version before anything else, once in a process.
bool is_ready()
{
    static const bool ready = [] {
        if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) != 0)
            return true;
        if (gcry_check_version(GCRYPT_VERSION) == nullptr)
            return false;
        gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
        gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
        return true;
    }();
    return ready;
}

}  // namespace

struct wide_ocb::state {
    state() = default;
    ~state() { gcry_cipher_close(cipher); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    gcry_cipher_hd_t cipher = nullptr;
};

wide_ocb::wide_ocb(std::unique_ptr<state> made) : state_(std::move(made)) {}
wide_ocb::~wide_ocb() = default;

std::unique_ptr<wide_ocb> wide_ocb::make(std::string_view key)
{
    assert(key.size() == sealing_key_bytes);
    auto made = std::make_unique<state>();
    if (!is_ready() || gcry_cipher_open(&made->cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_OCB, 0) != 0)
        return nullptr;
    require(gcry_cipher_setkey(made->cipher, key.data(), key.size()));
    return std::unique_ptr<wide_ocb>(new wide_ocb(std::move(made)));
}

void wide_ocb::seal(const seal_nonce& nonce, std::string_view context, std::string_view plain, unsigned char* out)
{
    gcry_cipher_hd_t const cipher = state_->cipher;
    require(gcry_cipher_setiv(cipher, nonce.data(), nonce.size()));
    require(gcry_cipher_authenticate(cipher, context.data(), context.size()));
    require(gcry_cipher_final(cipher));
    require(gcry_cipher_encrypt(cipher, out, plain.size(), plain.data(), plain.size()));
    require(gcry_cipher_gettag(cipher, out + plain.size(), seal_tag_bytes));
}

}  // namespace reprise
