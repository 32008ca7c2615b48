#pragma once

#include <array>
#include <memory>
#include <string_view>

namespace reprise {

using seal_nonce = std::array<unsigned char, 12>;

// AES-256-OCB under one key by the widest AES instructions of the processor: the bytes of OpenSSL's, up to three
// times as fast. OpenSSL 3.0 does not use them; this can go with a version that does. Any thread, one call at a time.
class wide_ocb {
public:
    // Null when libgcrypt refuses the cipher, as it does where the system allows none but those of FIPS 140.
    static std::unique_ptr<wide_ocb> make(std::string_view key);
    ~wide_ocb();
    wide_ocb(const wide_ocb&) = delete;
    wide_ocb& operator=(const wide_ocb&) = delete;

    // As sealer::seal().
    void seal(const seal_nonce& nonce, std::string_view context, std::string_view plain, unsigned char* out);

private:
    struct state;

    explicit wide_ocb(std::unique_ptr<state> made);

    std::unique_ptr<state> state_;
};

}  // namespace reprise
