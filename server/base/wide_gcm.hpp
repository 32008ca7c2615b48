#pragma once

#include <array>
#include <memory>
#include <string_view>

namespace reprise {

using gcm_nonce = std::array<unsigned char, 12>;

// AES-256-GCM under one key by the 512-bit instructions for it: the bytes of OpenSSL's, four times as fast.
// OpenSSL 3.0 does not use them; this can go with a version that does. Any thread, one call at a time.
class wide_gcm {
public:
    // Null when the processor, or what was there when this was built, does not have them.
    static std::unique_ptr<wide_gcm> make(std::string_view key);
    ~wide_gcm();
    wide_gcm(const wide_gcm&) = delete;
    wide_gcm& operator=(const wide_gcm&) = delete;

    // As sealer::seal().
    void seal(const gcm_nonce& nonce, std::string_view context, std::string_view plain, unsigned char* out);

private:
    struct state;

    explicit wide_gcm(std::unique_ptr<state> made);

    std::unique_ptr<state> state_;
};

}  // namespace reprise
