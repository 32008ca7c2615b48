#include "dial.hpp"

#include "reprise/base/within.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <optional>

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;

namespace reprise::net {
namespace {

using steady = std::chrono::steady_clock;
using address_list = std::vector<asio::ip::address>;

asio::awaitable<result<address_list>> resolve_now(std::string host)
{
    // RFC 6761, 6.3: such names are this machine, whatever a name server says; not every system knows.
    if (host.ends_with(".localhost"))
        co_return address_list{asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
    tcp::resolver resolver(co_await asio::this_coro::executor);
    constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
    const auto [ec, found] = co_await resolver.async_resolve(host, "", as_result);
    if (ec || found.empty())
        co_return errc::resolve_failed;
    address_list out;
    for (const auto& entry : found)
        out.push_back(entry.endpoint().address());
    co_return out;
}

// Whom we want to talk to and how, before the handshake. Null when OpenSSL cannot.
SSL* make_tls(client_tls& tls, const url& target, offer speak)
{
    SSL* const made = SSL_new(tls.context.native_handle());
    if (made == nullptr)
        return nullptr;
    error_code no_literal;
    asio::ip::make_address(target.host, no_literal);
    bool fine = true;
    if (no_literal) {
        // What SSL_set_tlsext_host_name() stands for, without its cast.
        char* const name = const_cast<char*>(target.host.c_str());
        SSL_set_hostflags(made, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        fine = SSL_set1_host(made, name) == 1 &&
               SSL_ctrl(made, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name) == 1;
    } else {
        fine = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(made), target.host.c_str()) == 1;
    }
    const std::string_view offered = speak == offer::http2 ? "\x02h2" : "\x08http/1.1";
    const auto* bytes = reinterpret_cast<const unsigned char*>(offered.data());
    if (fine && SSL_set_alpn_protos(made, bytes, static_cast<unsigned>(offered.size())) == 0)
        return made;
    SSL_free(made);
    return nullptr;
}

errc handshake_error(connection& stream, const error_code& ec)
{
    if (ec == beast::error::timeout)
        return errc::connect_timed_out;
    switch (SSL_get_verify_result(stream.tls()->native_handle())) {
    case X509_V_OK: return errc::tls_failed;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID: return errc::tls_expired;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return errc::tls_wrong_host;
    default: return errc::tls_untrusted;
    }
}

bool chose_http2(connection& stream)
{
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(stream.tls()->native_handle(), &name, &size);
    return std::string_view(reinterpret_cast<const char*>(name), size) == "h2";
}

}  // namespace

asio::awaitable<result<address_list>> find_addresses(
    const url& target, const target_guard& guard, std::chrono::milliseconds limit
)
{
    address_list found;
    error_code no_literal;
    const auto literal = asio::ip::make_address(target.host, no_literal);
    if (!no_literal) {
        found.push_back(literal);
    } else {
        auto resolved = co_await within(limit, resolve_now(target.host));
        if (!resolved)
            co_return resolved.error() == reprise::errc::timed_out ? make_error_code(errc::resolve_timed_out)
                                                                   : resolved.error();
        found = std::move(*resolved);
    }
    const bool all_allowed =
        std::all_of(found.begin(), found.end(), [&guard](const auto& address) { return guard.allows(address); });
    if (!all_allowed)
        co_return errc::address_refused;
    co_return found;
}

asio::awaitable<result<dialled>> dial(
    const url& target, const address_list& addresses, const client_limits& limits, client_tls* tls, offer speak
)
{
    const auto strand = co_await asio::this_coro::executor;
    error_code last = errc::connect_failed;
    const auto deadline = steady::now() + limits.connect;
    for (const asio::ip::address& address : addresses) {
        SSL* const secured = target.scheme == "https" ? make_tls(*tls, target, speak) : nullptr;
        if (target.scheme == "https" && secured == nullptr)
            co_return errc::tls_failed;
        dialled made{connection(tcp::socket(strand), secured), tcp::endpoint(address, target.port), false};
        made.stream.transport().expires_at(deadline);
        error_code ec;
        co_await made.stream.transport().async_connect(made.remote, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) {
            last = ec == beast::error::timeout ? errc::connect_timed_out : errc::connect_failed;
            continue;
        }
        made.stream.socket().set_option(tcp::no_delay(true), ec);
        made.http2 = speak == offer::http2;
        if (made.stream.is_tls()) {
            made.stream.expires_after(limits.connect);
            const error_code shaken = co_await made.stream.shake_hands_as_client();
            if (shaken)
                co_return handshake_error(made.stream, shaken);
            made.http2 = chose_http2(made.stream);
            if (speak == offer::http2 && !made.http2)
                co_return errc::tls_failed;
        }
        co_return std::move(made);
    }
    co_return last;
}

}  // namespace reprise::net
