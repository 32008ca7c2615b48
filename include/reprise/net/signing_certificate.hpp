#pragma once

#include "reprise/net/error.hpp"
#include "reprise/net/tls.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

// A certificate that signs messages, not connections: Amazon SNS names where its own lies in each message.
namespace reprise::net {

// Whose signature a certificate must bear. Immutable; may be shared by threads.
class certificate_trust;

// Whom the system trusts, and the PEM certificates of `ca_file` when there is one: roots, or authorities between a
// root and the certificate. Blocks: reads files.
boost::system::result<std::shared_ptr<certificate_trust>, tls_error> load_certificate_trust(
    const std::string& ca_file = {}
);

enum class signing_digest : std::uint8_t { sha1, sha256 };

// Immutable, cheap to copy; any thread.
class signing_certificate {
public:
    // The first certificate of `pem`; the others may stand between it and a root. It must lead to one that is
    // trusted, be valid now, have an RSA key, and be made for one of `names`. Errors: net::errc::bad_message
    // (none of these), tls_untrusted, tls_expired, tls_wrong_host.
    static result<signing_certificate> open(
        std::string_view pem, const certificate_trust& trust, std::span<const std::string> names, std::int64_t now_ns
    );

    // RSA with PKCS #1 v1.5 padding.
    bool made(std::string_view signature, std::string_view text, signing_digest digest) const;

    // When it ends.
    std::int64_t ends_ns() const noexcept { return ends_ns_; }

private:
    struct key;

    signing_certificate(std::shared_ptr<const key> made, std::int64_t ends_ns);

    std::shared_ptr<const key> key_;
    std::int64_t ends_ns_ = 0;
};

}  // namespace reprise::net
