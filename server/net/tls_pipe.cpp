#include "tls_pipe.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <climits>
#include <new>
#include <utility>

namespace reprise::net {

tls_pipe::tls_pipe(certificate_authority& authority, std::string fallback_host)
    : authority_(authority), fallback_host_(std::move(fallback_host)), ssl_(SSL_new(authority.context()), SSL_free),
      in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem()))
{
    if (!ssl_ || in_ == nullptr || out_ == nullptr) {
        BIO_free(in_);
        BIO_free(out_);
        throw std::bad_alloc();
    }
    SSL_set_bio(ssl_.get(), in_, out_);
    SSL_set_accept_state(ssl_.get());
    SSL_set_cert_cb(ssl_.get(), choose_certificate, this);
}

int tls_pipe::choose_certificate(SSL* connection, void* self) noexcept
{
    try {
        auto& pipe = *static_cast<tls_pipe*>(self);
        const char* const named = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
        return pipe.authority_.show(connection, named == nullptr ? pipe.fallback_host_ : named) ? 1 : 0;
    } catch (...) {
        return 0;  // Out of memory: no exception may cross OpenSSL.
    }
}

void tls_pipe::feed(std::string_view sealed)
{
    while (!sealed.empty()) {
        const auto part = static_cast<int>(std::min<std::size_t>(sealed.size(), INT_MAX));
        const int taken = BIO_write(in_, sealed.data(), part);
        if (taken <= 0)
            throw std::bad_alloc();
        sealed.remove_prefix(static_cast<std::size_t>(taken));
    }
}

tls_pipe::read_result tls_pipe::read(char* into, std::size_t size_max)
{
    ERR_clear_error();
    std::size_t size = 0;
    const int done = SSL_read_ex(ssl_.get(), into, size_max, &size);
    if (done == 1)
        return {step::bytes, size};
    switch (SSL_get_error(ssl_.get(), done)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return {step::more, 0};
    case SSL_ERROR_ZERO_RETURN: return {step::closed, 0};
    default: return {step::failed, 0};
    }
}

bool tls_pipe::write(std::string_view plain)
{
    ERR_clear_error();
    std::size_t size = 0;
    // A memory BIO takes everything, so that one call is enough.
    return plain.empty() || SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &size) == 1;
}

void tls_pipe::say_goodbye()
{
    ERR_clear_error();
    if (shook_hands())
        SSL_shutdown(ssl_.get());
}

std::string_view tls_pipe::sealed() const noexcept
{
    char* begin = nullptr;
    const long size = BIO_get_mem_data(out_, &begin);
    return size > 0 ? std::string_view(begin, static_cast<std::size_t>(size)) : std::string_view();
}

void tls_pipe::forget_sealed() noexcept
{
    BIO_reset(out_);
}

bool tls_pipe::shook_hands() const noexcept
{
    return SSL_is_init_finished(ssl_.get()) == 1;
}

}  // namespace reprise::net
