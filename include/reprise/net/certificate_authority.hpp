#pragma once

#include "reprise/net/tls.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

// A certificate authority of our own, for servers that speak in the name of others: it makes a certificate for
// whatever host a client asks for. Clients trust it only where somebody tells them to.
namespace reprise::net {

// Certificates are made when a host is asked for the first time, and kept. Safe from any thread.
class certificate_authority;

struct authority_description {
    std::string cert_file;    // What clients are to trust, PEM.
    std::string key_file;     // Mode 0600.
    std::string fingerprint;  // SHA-256 of the certificate, hex.
    std::int64_t expires_ns = 0;
    bool made_now = false;    // False: both files were there.
};

constexpr std::int64_t authority_days = 365;
constexpr std::int64_t host_certificate_days = 30;
constexpr std::size_t host_certificates_max = 1024;  // Kept; at the limit all are forgotten and made again.

// Opens ca.pem and ca.key of `directory`, or makes them (EC P-256, mode 0600) where neither is there. Blocks on
// disk. Refused: one file without the other, a key of another certificate, a certificate that is no authority's or
// ends within a week.
boost::system::result<std::shared_ptr<certificate_authority>, tls_error> open_certificate_authority(
    const std::filesystem::path& directory, std::int64_t now_ns
);

const authority_description& describe(const certificate_authority& authority) noexcept;

}  // namespace reprise::net
