#pragma once

#include "reprise/base/error.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace reprise::net {

constexpr int rsa_bits_min = 2048;

// Signs with an RSA key as RS256 does (RSASSA-PKCS1-v1_5 over SHA-256; RFC 7518, 3.3). Movable; sign() is safe from
// any thread and takes about a millisecond.
class rs256_signer {
public:
    // `pem` holds a private key without a password. invalid_argument when it does not, or the key is no RSA key
    // of at least rsa_bits_min bits.
    static result<rs256_signer> parse(std::string_view pem);

    ~rs256_signer();
    rs256_signer(rs256_signer&&) noexcept;
    rs256_signer& operator=(rs256_signer&&) noexcept;

    // The raw signature of `bytes`. errc::io when the library refuses.
    result<std::string> sign(std::string_view bytes) const;

    // A JSON Web Token (RFC 7519) with these claims, in compact form.
    result<std::string> sign_token(std::string_view claims_json) const;

private:
    struct state;
    explicit rs256_signer(std::unique_ptr<state> made);

    std::unique_ptr<state> state_;
};

// base64url without padding (RFC 4648, 5).
std::string to_base64url(std::string_view bytes);

}  // namespace reprise::net
