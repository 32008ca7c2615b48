#include "journal_keys.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace reprise::pipeline {
namespace {

// One key per purpose.
constexpr std::string_view id_purpose = "reprise journal key id";
constexpr std::string_view body_purpose = "reprise journal body hash";
constexpr std::string_view segment_purpose = "reprise journal segment ";

seal_cipher cipher_of(segment_version version)
{
    switch (version) {
    case segment_version::first:
    case segment_version::second: return seal_cipher::aes_256_gcm;
    case segment_version::third: break;
    }
    return seal_cipher::aes_256_ocb;
}

}  // namespace

journal_keys::journal_keys(std::string_view master_key) : master_key_(master_key)
{
    const sha256_digest id = hmac_sha256(master_key_, id_purpose);
    std::memcpy(id_.data(), id.data(), id_.size());
    const sha256_digest seed = hmac_sha256(master_key_, body_purpose);
    std::memcpy(&body_seed_, seed.data(), sizeof body_seed_);
}

sealer journal_keys::sealer_of(const segment_header& segment) const
{
    std::string purpose(segment_purpose);
    purpose.append(segment.salt.data(), segment.salt.size());
    const sha256_digest key = hmac_sha256(master_key_, purpose);
    return sealer({reinterpret_cast<const char*>(key.data()), key.size()}, cipher_of(segment.version));
}

seal_check journal_keys::check_of(const segment_header& segment) const
{
    auto seal = std::make_shared<sealer>(sealer_of(segment));
    return [seal](const frame_view& frame) {
        return seal->open(frame.head.number, frame.context, frame.sealed).has_value();
    };
}

}  // namespace reprise::pipeline
