#pragma once

#include <boost/system/result.hpp>

#include <memory>
#include <string>

// TLS for both sides: what a server shows and whom it lets in, whom a client believes. TLS 1.2 and newer.
namespace reprise::net {

struct tls_files {
    std::string cert_file;       // PEM: the server's certificate, then those between it and the root.
    std::string key_file;        // PEM, not encrypted.
    std::string client_ca_file;  // PEM; when set, only clients with a certificate of these are served.

    bool empty() const noexcept { return cert_file.empty() && key_file.empty() && client_ca_file.empty(); }
};

// Checked files, for servers that speak TLS by another library.
struct tls_pem {
    std::string cert;
    std::string key;
    std::string client_ca;  // Empty: every client is served.
};

// Which file, what is wrong with it and the way out, as one line for a person.
struct tls_error {
    std::string text;
};

// Immutable; may be shared by servers and threads.
class tls_context;

// Blocks: reads the files. The key must belong to the certificate.
boost::system::result<std::shared_ptr<tls_context>, tls_error> load_tls(const tls_files& files);

const tls_pem& pem_of(const tls_context& context) noexcept;

struct client_tls_files {
    std::string ca_file;    // PEM; empty: what the system trusts.
    std::string cert_file;  // PEM; what the client shows of itself. Empty: nothing.
    std::string key_file;
    // Lets anybody be the server: for a test system with a certificate of its own. The traffic is still
    // encrypted, but nobody knows to whom.
    bool insecure = false;
};

// Immutable; may be shared by clients and threads.
class client_tls;

// Blocks: reads the files, or the system's list of authorities.
boost::system::result<std::shared_ptr<client_tls>, tls_error> load_client_tls(const client_tls_files& files = {});

// Taking the value of a failed result is a bug.
[[noreturn]] void throw_exception_from_error(const tls_error& error, const boost::source_location& where);

}  // namespace reprise::net
