#include "reprise/net/signing_certificate.hpp"

#include "reprise/base/clock.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <utility>
#include <vector>

namespace reprise::net {
namespace {

constexpr std::size_t certificates_max = 8;  // Of one file.

template <auto Free>
struct freed_by {
    template <class T>
    void operator()(T* value) const noexcept
    {
        Free(value);
    }
};
using bio_pointer = std::unique_ptr<BIO, freed_by<BIO_free>>;
using certificate_pointer = std::unique_ptr<X509, freed_by<X509_free>>;
using check_pointer = std::unique_ptr<X509_STORE_CTX, freed_by<X509_STORE_CTX_free>>;
using digest_pointer = std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>>;
using key_pointer = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using trust_pointer = std::unique_ptr<X509_STORE, freed_by<X509_STORE_free>>;

struct stack_deleter {
    void operator()(STACK_OF(X509) * list) const noexcept { sk_X509_free(list); }
};
using stack_pointer = std::unique_ptr<STACK_OF(X509), stack_deleter>;

std::vector<certificate_pointer> read_certificates(std::string_view pem)
{
    std::vector<certificate_pointer> found;
    const bio_pointer from(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    while (from && found.size() < certificates_max) {
        certificate_pointer one(PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr));
        if (!one)
            break;
        found.push_back(std::move(one));
    }
    ERR_clear_error();  // The end of the file is one to OpenSSL.
    return found;
}

std::int64_t end_of(const X509* certificate)
{
    std::tm parts{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1)
        return 0;
    return static_cast<std::int64_t>(timegm(&parts)) * ns_per_s;
}

errc reason_of(int failure)
{
    switch (failure) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD: return errc::tls_expired;
    default: return errc::tls_untrusted;
    }
}

result<void> check_chain(
    const std::vector<certificate_pointer>& chain, X509_STORE* trust, std::int64_t now_ns
)
{
    const stack_pointer between(sk_X509_new_null());
    const check_pointer check(X509_STORE_CTX_new());
    if (!between || !check)
        return reprise::errc::unavailable;
    for (std::size_t i = 1; i < chain.size(); ++i) {
        if (sk_X509_push(between.get(), chain[i].get()) == 0)
            return reprise::errc::unavailable;
    }
    if (X509_STORE_CTX_init(check.get(), trust, chain.front().get(), between.get()) != 1)
        return reprise::errc::unavailable;
    X509_STORE_CTX_set_time(check.get(), 0, static_cast<std::time_t>(now_ns / ns_per_s));
    const bool good = X509_verify_cert(check.get()) == 1;
    const int failure = X509_STORE_CTX_get_error(check.get());
    ERR_clear_error();
    if (!good)
        return reason_of(failure);
    return {};
}

bool is_made_for(X509* certificate, std::span<const std::string> names)
{
    return std::any_of(names.begin(), names.end(), [certificate](const std::string& name) {
        return X509_check_host(certificate, name.data(), name.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) ==
               1;
    });
}

}  // namespace

class certificate_trust {
public:
    trust_pointer store{X509_STORE_new()};
};

struct signing_certificate::key {
    key_pointer bytes;
};

boost::system::result<std::shared_ptr<certificate_trust>, tls_error> load_certificate_trust(
    const std::string& ca_file
)
{
    auto made = std::make_shared<certificate_trust>();
    X509_STORE* const store = made->store.get();
    if (store == nullptr || X509_STORE_set_default_paths(store) != 1)
        return tls_error{"the system's list of authorities cannot be opened"};
    // One of ours may be no root; then the way ends there.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    if (!ca_file.empty() && X509_STORE_load_file(store, ca_file.c_str()) != 1) {
        ERR_clear_error();
        return tls_error{ca_file + ": cannot be read, or holds no PEM certificate of an authority"};
    }
    ERR_clear_error();
    return made;
}

signing_certificate::signing_certificate(std::shared_ptr<const key> made, std::int64_t ends_ns)
    : key_(std::move(made)), ends_ns_(ends_ns)
{
}

result<signing_certificate> signing_certificate::open(
    std::string_view pem, const certificate_trust& trust, std::span<const std::string> names, std::int64_t now_ns
)
{
    const auto chain = read_certificates(pem);
    if (chain.empty())
        return errc::bad_message;
    X509* const certificate = chain.front().get();
    if (const auto trusted = check_chain(chain, trust.store.get(), now_ns); !trusted)
        return trusted.error();
    if (!is_made_for(certificate, names))
        return errc::tls_wrong_host;
    auto made = std::make_shared<key>();
    made->bytes.reset(X509_get_pubkey(certificate));
    if (!made->bytes || EVP_PKEY_get_base_id(made->bytes.get()) != EVP_PKEY_RSA)
        return errc::bad_message;
    return signing_certificate(std::move(made), end_of(certificate));
}

bool signing_certificate::made(std::string_view signature, std::string_view text, signing_digest digest) const
{
    const auto octets = [](std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); };
    const EVP_MD* const kind = digest == signing_digest::sha1 ? EVP_sha1() : EVP_sha256();
    const digest_pointer context(EVP_MD_CTX_new());
    EVP_PKEY* const public_key = key_->bytes.get();
    const bool good =
        context && EVP_DigestVerifyInit(context.get(), nullptr, kind, nullptr, public_key) == 1 &&
        EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(text), text.size()) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace reprise::net
