#include "wide_gcm.hpp"

#include "reprise/base/seal.hpp"

#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>

#include <cassert>
#include <utility>

namespace reprise {
namespace {

const unsigned char* octets(std::string_view bytes)
{
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Null: not here. Its functions for whole messages change nothing in it.
IMB_MGR* find_instructions()
{
    IMB_MGR* const made = alloc_mb_mgr(0);
    if (made == nullptr)
        return nullptr;
    IMB_ARCH widest = IMB_ARCH_NONE;
    init_mb_mgr_auto(made, &widest);
    constexpr std::uint64_t wanted = IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ | IMB_FEATURE_SELF_TEST_PASS;
    if (widest == IMB_ARCH_AVX512 && (made->features & wanted) == wanted)
        return made;
    free_mb_mgr(made);
    return nullptr;
}

IMB_MGR* instructions()
{
    static IMB_MGR* const found = find_instructions();
    return found;
}

}  // namespace

struct wide_gcm::state {
    ~state()
    {
        OPENSSL_cleanse(&key, sizeof key);
        OPENSSL_cleanse(&message, sizeof message);
    }

    alignas(64) gcm_key_data key{};
    alignas(64) gcm_context_data message{};
};

wide_gcm::wide_gcm(std::unique_ptr<state> made) : state_(std::move(made)) {}
wide_gcm::~wide_gcm() = default;

std::unique_ptr<wide_gcm> wide_gcm::make(std::string_view key)
{
    assert(key.size() == sealing_key_bytes);
    if (instructions() == nullptr)
        return nullptr;
    auto made = std::make_unique<state>();
    IMB_AES256_GCM_PRE(instructions(), octets(key), &made->key);
    return std::unique_ptr<wide_gcm>(new wide_gcm(std::move(made)));
}

void wide_gcm::seal(const gcm_nonce& nonce, std::string_view context, std::string_view plain, unsigned char* out)
{
    IMB_AES256_GCM_ENC(
        instructions(), &state_->key, &state_->message, out, octets(plain), plain.size(), nonce.data(),
        octets(context), context.size(), out + plain.size(), seal_tag_bytes
    );
}

}  // namespace reprise
