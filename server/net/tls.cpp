#include "reprise/net/tls.hpp"

#include "tls_context.hpp"

#include "reprise/base/error.hpp"

#include <boost/asio/buffer.hpp>

#include <openssl/ssl.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

namespace reprise::net {
namespace {

constexpr std::size_t pem_bytes_max = 1024 * 1024;
constexpr std::string_view session_name = "reprise";

using problem_text = std::optional<tls_error>;

problem_text complain(const std::string& file, std::string_view what)
{
    return tls_error{file + ": " + std::string(what)};
}

problem_text read_file(const std::string& file, std::string& into)
{
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return complain(file, "cannot be read; does it exist, and may this user read it?");
    into.assign(std::istreambuf_iterator<char>(stream), {});
    if (!stream.good() && !stream.eof())
        return complain(file, "cannot be read to its end");
    if (into.size() > pem_bytes_max)
        return complain(file, "is larger than 1 MiB; that is no PEM file");
    return std::nullopt;
}

// The only application protocol; a client that offers others alone is served all the same.
int choose_protocol(
    SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered, unsigned offered_size, void*
)
{
    static constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    const int found = SSL_select_next_proto(&chosen, out_size, http_1_1, sizeof http_1_1, offered, offered_size);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

struct identity_files {
    const std::string& cert;
    const std::string& key;
};

problem_text use_certificate(ssl::context& context, const identity_files& files, tls_pem& read)
{
    if (files.cert.empty() || files.key.empty())
        return tls_error{"a certificate needs its key and a key its certificate: set both cert_file and key_file"};
    if (auto wrong = read_file(files.cert, read.cert))
        return wrong;
    if (auto wrong = read_file(files.key, read.key))
        return wrong;
    error_code ec;
    context.use_certificate_chain(asio::buffer(read.cert), ec);
    if (ec)
        return complain(files.cert, "holds no PEM certificate (" + ec.message() + ")");
    // Without this OpenSSL would ask on the terminal.
    context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); });
    context.use_private_key(asio::buffer(read.key), ssl::context::pem, ec);
    if (ec && SSL_CTX_get0_privatekey(context.native_handle()) == nullptr &&
        ec.message().find("mismatch") == std::string::npos)
        return complain(files.key, "holds no PEM private key without a password (" + ec.message() + ")");
    if (ec || SSL_CTX_check_private_key(context.native_handle()) != 1)
        return complain(files.key, "is not the key of the certificate in " + files.cert);
    return std::nullopt;
}

problem_text trust_authority(ssl::context& context, const std::string& file, std::string& read)
{
    if (auto wrong = read_file(file, read))
        return wrong;
    error_code ec;
    context.add_certificate_authority(asio::buffer(read), ec);
    // What holds nothing is no error to OpenSSL, and would lock everybody out.
    if (ec || read.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
        return complain(file, "holds no PEM certificate of an authority");
    return std::nullopt;
}

problem_text demand_client_certificates(tls_context& made, const std::string& file)
{
    if (auto wrong = trust_authority(made.context, file, made.pem.client_ca))
        return wrong;
    error_code ec;
    made.context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, ec);
    if (ec)
        return complain(file, ec.message());
    return std::nullopt;
}

}  // namespace

void harden(ssl::context& context)
{
    SSL_CTX* const native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
    // A session that was begun elsewhere in this program is not taken up here with other rights.
    SSL_CTX_set_session_id_context(
        native, reinterpret_cast<const unsigned char*>(session_name.data()), static_cast<unsigned>(session_name.size())
    );
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
}

boost::system::result<std::shared_ptr<tls_context>, tls_error> load_tls(const tls_files& files)
{
    auto made = std::make_shared<tls_context>();
    harden(made->context);
    if (auto wrong = use_certificate(made->context, {files.cert_file, files.key_file}, made->pem))
        return *wrong;
    if (!files.client_ca_file.empty()) {
        if (auto wrong = demand_client_certificates(*made, files.client_ca_file))
            return *wrong;
    }
    return made;
}

boost::system::result<std::shared_ptr<client_tls>, tls_error> load_client_tls(const client_tls_files& files)
{
    auto made = std::make_shared<client_tls>();
    SSL_CTX* const native = made->context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    tls_pem read;
    if (!files.ca_file.empty()) {
        if (auto wrong = trust_authority(made->context, files.ca_file, read.client_ca))
            return *wrong;
    } else if (SSL_CTX_set_default_verify_paths(native) != 1) {
        return tls_error{"the system's certificate authorities cannot be read; name a file with them"};
    }
    if (!files.cert_file.empty() || !files.key_file.empty()) {
        if (auto wrong = use_certificate(made->context, {files.cert_file, files.key_file}, read))
            return *wrong;
    }
    made->insecure = files.insecure;
    SSL_CTX_set_verify(native, files.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
    return made;
}

const tls_pem& pem_of(const tls_context& context) noexcept
{
    return context.pem;
}

void throw_exception_from_error(const tls_error& error, const boost::source_location&)
{
    throw std::logic_error("value of a failed load_tls taken: " + error.text);
}

}  // namespace reprise::net
