#include "certificate_authority.hpp"

#include "tls_context.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/durable_file.hpp"
#include "reprise/base/hash.hpp"

#include <boost/asio/ip/address.hpp>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <optional>
#include <span>
#include <utility>

namespace asio = boost::asio;

namespace reprise::net {
namespace {

constexpr long day_s = 24 * 3600;
constexpr long clock_skew_s = day_s;  // Of clients whose clock is behind.
constexpr std::int64_t days_left_min = 7;
constexpr std::size_t pem_bytes_max = 64 * 1024;
constexpr std::size_t host_bytes_max = 253;
constexpr std::size_t common_name_bytes_max = 64;

using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using problem_text = std::optional<tls_error>;

tls_error complain(const std::filesystem::path& file, std::string_view what)
{
    return tls_error{file.string() + ": " + std::string(what)};
}

bool add_extension(X509* cert, X509* issuer, int kind, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    const bool added = extension != nullptr && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

bool set_name(X509* cert, const std::string& name)
{
    const auto* text = reinterpret_cast<const unsigned char*>(name.data());
    return X509_NAME_add_entry_by_txt(
               X509_get_subject_name(cert), "CN", MBSTRING_UTF8, text, static_cast<int>(name.size()), -1, 0
           ) == 1;
}

bool set_serial(X509* cert)
{
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] &= 0x7F;
    BIGNUM* const number = BN_bin2bn(bytes, sizeof bytes, nullptr);
    const bool set = number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != nullptr;
    BN_free(number);
    return set;
}

// What authority and host certificates have in common. Not signed yet; empty when OpenSSL has no memory.
cert_ptr begin_cert(EVP_PKEY* key, const std::string& name, long days)
{
    cert_ptr cert(X509_new(), X509_free);
    const bool good = cert && X509_set_version(cert.get(), 2) == 1 && set_serial(cert.get()) &&
                      X509_gmtime_adj(X509_getm_notBefore(cert.get()), -clock_skew_s) != nullptr &&
                      X509_gmtime_adj(X509_getm_notAfter(cert.get()), days * day_s) != nullptr &&
                      X509_set_pubkey(cert.get(), key) == 1 && set_name(cert.get(), name);
    return good ? std::move(cert) : cert_ptr(nullptr, X509_free);
}

cert_ptr make_root(EVP_PKEY* key)
{
    cert_ptr cert = begin_cert(key, "Reprise mock authority " + random_token(4), authority_days);
    X509* const it = cert.get();
    const bool good = it != nullptr && X509_set_issuer_name(it, X509_get_subject_name(it)) == 1 &&
                      add_extension(it, it, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                      add_extension(it, it, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                      add_extension(it, it, NID_subject_key_identifier, "hash") &&
                      X509_sign(it, key, EVP_sha256()) > 0;
    return good ? std::move(cert) : cert_ptr(nullptr, X509_free);
}

std::string text_of(BIO* bio)
{
    char* begin = nullptr;
    const long size = BIO_get_mem_data(bio, &begin);
    return size > 0 ? std::string(begin, static_cast<std::size_t>(size)) : std::string();
}

std::string to_pem(X509* cert)
{
    const bio_ptr bio(BIO_new(BIO_s_mem()), BIO_free);
    return bio && PEM_write_bio_X509(bio.get(), cert) == 1 ? text_of(bio.get()) : std::string();
}

std::string to_pem(EVP_PKEY* key)
{
    const bio_ptr bio(BIO_new(BIO_s_mem()), BIO_free);
    const bool written =
        bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
    return written ? text_of(bio.get()) : std::string();
}

bio_ptr reading(const std::string& text)
{
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

// Without a password callback OpenSSL would ask on the terminal.
int no_password(char*, int, int, void*)
{
    return -1;
}

authority_description describe_files(const std::filesystem::path& directory, X509* cert, bool made_now)
{
    authority_description about;
    about.cert_file = (directory / "ca.pem").string();
    about.key_file = (directory / "ca.key").string();
    about.made_now = made_now;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(cert, EVP_sha256(), digest, &size) == 1)
        about.fingerprint = to_hex(std::span<const unsigned char>(digest, size));
    std::tm parts{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(cert), &parts) == 1)
        about.expires_ns = static_cast<std::int64_t>(::timegm(&parts)) * ns_per_s;
    return about;
}

using opened = boost::system::result<std::shared_ptr<certificate_authority>, tls_error>;

opened make_authority(const std::filesystem::path& directory)
{
    key_ptr key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    cert_ptr cert = key ? make_root(key.get()) : cert_ptr(nullptr, X509_free);
    const std::string cert_text = cert ? to_pem(cert.get()) : std::string();
    const std::string key_text = key ? to_pem(key.get()) : std::string();
    if (cert_text.empty() || key_text.empty())
        return complain(directory, "OpenSSL cannot make a key and a certificate");
    // The key first: a certificate alone would be refused by the next start.
    for (const auto& [name, text] : {std::pair("ca.key", &key_text), std::pair("ca.pem", &cert_text)}) {
        const auto written = write_durable_file(directory / name, *text, when_present::replace);
        if (!written)
            return complain(directory / name, "cannot be written: " + written.error().message());
    }
    auto about = describe_files(directory, cert.get(), true);
    return std::make_shared<certificate_authority>(std::move(key), std::move(cert), std::move(about));
}

opened load_authority(const std::filesystem::path& directory, std::int64_t now_ns)
{
    const auto cert_file = directory / "ca.pem";
    const auto key_file = directory / "ca.key";
    const auto cert_text = read_small_file(cert_file, pem_bytes_max);
    if (!cert_text)
        return complain(cert_file, "cannot be read; delete " + key_file.string() + " to have a new authority made");
    const auto key_text = read_small_file(key_file, pem_bytes_max);
    if (!key_text)
        return complain(key_file, "cannot be read; delete " + cert_file.string() + " to have a new authority made");
    cert_ptr cert(PEM_read_bio_X509(reading(*cert_text).get(), nullptr, no_password, nullptr), X509_free);
    if (!cert)
        return complain(cert_file, "holds no PEM certificate");
    key_ptr key(PEM_read_bio_PrivateKey(reading(*key_text).get(), nullptr, no_password, nullptr), EVP_PKEY_free);
    if (!key)
        return complain(key_file, "holds no PEM private key without a password");
    if (X509_check_private_key(cert.get(), key.get()) != 1)
        return complain(key_file, "is not the key of the certificate in " + cert_file.string());
    if (X509_check_ca(cert.get()) != 1)
        return complain(cert_file, "is no certificate of an authority");
    auto about = describe_files(directory, cert.get(), false);
    if (about.expires_ns - now_ns < days_left_min * day_s * ns_per_s)
        return complain(cert_file, "ends within a week; delete it and ca.key to have a new authority made");
    return std::make_shared<certificate_authority>(std::move(key), std::move(cert), std::move(about));
}

// What may stand in a certificate: an address literal, or a name of letters, digits, '-', '_' and dots.
std::optional<std::string> alternative_name(const std::string& host)
{
    error_code ec;
    const auto address = asio::ip::make_address(host, ec);
    if (!ec)
        return "IP:" + address.to_string();
    const bool plain = host.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
                       ) == std::string::npos;
    if (!plain || host.empty() || host.size() > host_bytes_max || host.front() == '.')
        return std::nullopt;
    return "DNS:" + host;
}

}  // namespace

certificate_authority::certificate_authority(key_ptr key, cert_ptr cert, authority_description about)
    : key_(std::move(key)), cert_(std::move(cert)), about_(std::move(about)),
      host_key_(EVP_EC_gen("P-256"), EVP_PKEY_free), context_(asio::ssl::context::tls_server)
{
    harden(context_);
}

cert_ptr certificate_authority::make(const std::string& host) const
{
    const auto name = alternative_name(host);
    cert_ptr none(nullptr, X509_free);
    if (!name)
        return none;
    cert_ptr made = begin_cert(host_key_.get(), host.substr(0, common_name_bytes_max), host_certificate_days);
    X509* const it = made.get();
    const bool good = it != nullptr && X509_set_issuer_name(it, X509_get_subject_name(cert_.get())) == 1 &&
                      add_extension(it, cert_.get(), NID_subject_alt_name, *name) &&
                      add_extension(it, cert_.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                      add_extension(it, cert_.get(), NID_key_usage, "critical,digitalSignature") &&
                      add_extension(it, cert_.get(), NID_ext_key_usage, "serverAuth") &&
                      add_extension(it, cert_.get(), NID_authority_key_identifier, "keyid") &&
                      X509_sign(it, key_.get(), EVP_sha256()) > 0;
    return good ? std::move(made) : std::move(none);
}

bool certificate_authority::show(SSL* connection, const std::string& host)
{
    const std::lock_guard lock(mutex_);
    auto found = hosts_.find(host);
    if (found == hosts_.end()) {
        cert_ptr made = make(host);
        if (!made)
            return false;
        if (hosts_.size() == host_certificates_max)
            hosts_.clear();
        found = hosts_.emplace(host, std::move(made)).first;
    }
    return SSL_use_certificate(connection, found->second.get()) == 1 &&
           SSL_use_PrivateKey(connection, host_key_.get()) == 1;
}

opened open_certificate_authority(const std::filesystem::path& directory, std::int64_t now_ns)
{
    std::error_code ec;
    const bool has_cert = std::filesystem::exists(directory / "ca.pem", ec);
    const bool has_key = std::filesystem::exists(directory / "ca.key", ec);
    return has_cert || has_key ? load_authority(directory, now_ns) : make_authority(directory);
}

const authority_description& describe(const certificate_authority& authority) noexcept
{
    return authority.about();
}

}  // namespace reprise::net
