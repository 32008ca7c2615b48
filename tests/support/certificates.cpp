#include "certificates.hpp"

#include "reprise/base/hash.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace reprise::test {
namespace {

constexpr long day_s = 24 * 3600;

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using cert_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using file_ptr = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

struct identity {
    key_ptr key{nullptr, EVP_PKEY_free};
    cert_ptr cert{nullptr, X509_free};
};

void check(bool good, const char* what)
{
    if (!good)
        throw std::runtime_error(what);
}

void add_extension(X509* cert, X509* issuer, int kind, const char* value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
    check(extension != nullptr, value);
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
}

constexpr const char* local_names = "DNS:localhost,IP:127.0.0.1,IP:::1";

// Signed by `authority`, or by itself.
identity make(
    const char* name, const identity* authority, const char* alternatives = local_names, long last_day_s = day_s
)
{
    identity made;
    made.key.reset(EVP_EC_gen("P-256"));
    made.cert.reset(X509_new());
    check(made.key && made.cert, "EVP_EC_gen");
    X509* const cert = made.cert.get();
    X509_set_version(cert, 2);
    static long serial = 1;
    ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(cert), -10 * day_s);
    X509_gmtime_adj(X509_getm_notAfter(cert), last_day_s);
    X509_set_pubkey(cert, made.key.get());
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(cert), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0
    );
    X509* const issuer = authority == nullptr ? cert : authority->cert.get();
    X509_set_issuer_name(cert, X509_get_subject_name(issuer));
    if (authority == nullptr) {
        add_extension(cert, issuer, NID_basic_constraints, "critical,CA:TRUE");
        add_extension(cert, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    } else {
        add_extension(cert, issuer, NID_subject_alt_name, alternatives);
        add_extension(cert, issuer, NID_ext_key_usage, "serverAuth,clientAuth");
    }
    EVP_PKEY* const signer = authority == nullptr ? made.key.get() : authority->key.get();
    check(X509_sign(cert, signer, EVP_sha256()) > 0, "X509_sign");
    return made;
}

void write(const identity& from, const std::string& cert_file, const std::string& key_file)
{
    const file_ptr cert(std::fopen(cert_file.c_str(), "wb"), std::fclose);
    const file_ptr key(std::fopen(key_file.c_str(), "wb"), std::fclose);
    check(cert && key, "fopen");
    check(PEM_write_X509(cert.get(), from.cert.get()) == 1, "PEM_write_X509");
    check(
        PEM_write_PrivateKey(key.get(), from.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
        "PEM_write_PrivateKey"
    );
}

}  // namespace

certificates::certificates()
    : directory_(std::filesystem::temp_directory_path() / ("reprise-certificates-" + random_token(8)))
{
    std::filesystem::create_directories(directory_);
    const identity authority = make("Test Authority", nullptr);
    const identity other = make("Other Authority", nullptr);
    write(authority, path("ca.pem"), path("ca.key"));
    write(make("localhost", &authority), server_cert(), server_key());
    write(make("localhost", &authority, local_names, -day_s), expired_cert(), expired_key());
    write(make("elsewhere", &authority, "DNS:elsewhere.test"), elsewhere_cert(), elsewhere_key());
    write(make("sender", &authority), client_cert(), client_key());
    write(make("stranger", &other), stranger_cert(), stranger_key());
}

certificates::~certificates()
{
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

std::string read_text(const std::string& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace reprise::test
