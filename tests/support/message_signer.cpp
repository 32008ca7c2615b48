#include "message_signer.hpp"

#include "reprise/base/hash.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace reprise::test {
namespace {

constexpr long day_s = 24 * 3600;

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using cert_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

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

identity make(const signer_options& options, const identity* authority)
{
    identity made;
    made.key.reset(options.has_rsa_key ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    made.cert.reset(X509_new());
    check(made.key && made.cert, "key");
    X509* const cert = made.cert.get();
    X509_set_version(cert, 2);
    static long serial = 1000;
    ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(cert), options.first_day * day_s);
    X509_gmtime_adj(X509_getm_notAfter(cert), options.last_day * day_s);
    X509_set_pubkey(cert, made.key.get());
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(cert), "CN", MBSTRING_ASC,
        reinterpret_cast<const unsigned char*>(options.common_name.c_str()), -1, -1, 0
    );
    X509* const issuer = authority == nullptr ? cert : authority->cert.get();
    X509_set_issuer_name(cert, X509_get_subject_name(issuer));
    if (authority == nullptr) {
        add_extension(cert, issuer, NID_basic_constraints, "critical,CA:TRUE");
        add_extension(cert, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    } else if (!options.alternatives.empty()) {
        add_extension(cert, issuer, NID_subject_alt_name, options.alternatives.c_str());
    }
    EVP_PKEY* const signer = authority == nullptr ? made.key.get() : authority->key.get();
    check(X509_sign(cert, signer, EVP_sha256()) > 0, "X509_sign");
    return made;
}

std::string pem_of(X509* cert)
{
    BIO* const out = BIO_new(BIO_s_mem());
    check(out != nullptr && PEM_write_bio_X509(out, cert) == 1, "PEM_write_bio_X509");
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out, &bytes);
    std::string text(bytes, static_cast<std::size_t>(size));
    BIO_free(out);
    return text;
}

std::string sign(EVP_PKEY* key, std::string_view text, const EVP_MD* kind)
{
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    check(EVP_DigestSignInit(context, nullptr, kind, nullptr, key) == 1, "EVP_DigestSignInit");
    check(EVP_DigestSign(context, nullptr, &size, bytes, text.size()) == 1, "EVP_DigestSign");
    std::string made(size, '\0');
    auto* const into = reinterpret_cast<unsigned char*>(made.data());
    check(EVP_DigestSign(context, into, &size, bytes, text.size()) == 1, "EVP_DigestSign");
    EVP_MD_CTX_free(context);
    made.resize(size);
    return made;
}

}  // namespace

struct message_authority::parts {
    identity self;
};

struct message_signer::parts {
    identity self;
};

message_authority::message_authority() : parts_(std::make_unique<parts>())
{
    signer_options options;
    options.common_name = "Message Authority " + random_token(4);
    parts_->self = make(options, nullptr);
    const auto file = std::filesystem::temp_directory_path() / ("reprise-authority-" + random_token(8) + ".pem");
    ca_file_ = file.string();
    std::ofstream(file, std::ios::binary) << pem_of(parts_->self.cert.get());
}

message_authority::~message_authority()
{
    std::error_code ignored;
    std::filesystem::remove(ca_file_, ignored);
}

message_signer::message_signer(const message_authority& authority, const signer_options& options)
    : parts_(std::make_unique<parts>())
{
    parts_->self = make(options, &authority.parts_->self);
    pem_ = pem_of(parts_->self.cert.get());
}

message_signer::~message_signer() = default;

std::string message_signer::sign_sha1(std::string_view text) const
{
    return sign(parts_->self.key.get(), text, EVP_sha1());
}

std::string message_signer::sign_sha256(std::string_view text) const
{
    return sign(parts_->self.key.get(), text, EVP_sha256());
}

}  // namespace reprise::test
