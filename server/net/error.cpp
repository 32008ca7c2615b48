#include "reprise/net/error.hpp"

#include <string>

namespace reprise::net {
namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "reprise.net"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::closed: return "the peer closed the connection";
        case errc::bad_message: return "the peer's message is malformed";
        case errc::header_too_large: return "the header is over its limit";
        case errc::body_too_large: return "the body is over its limit";
        case errc::bad_url: return "not an absolute http URL";
        case errc::scheme_refused: return "only http:// and https:// targets can be reached";
        case errc::target_refused: return "the target is not on the allow-list";
        case errc::address_refused: return "the target's address is not in an allowed network";
        case errc::resolve_failed: return "the host name has no address";
        case errc::connect_failed: return "connection refused or host unreachable";
        case errc::resolve_timed_out: return "the host name was not resolved in time";
        case errc::connect_timed_out: return "no connection in time";
        case errc::write_timed_out: return "the peer did not take the bytes in time";
        case errc::answer_timed_out: return "no answer in time";
        case errc::read_timed_out: return "the message stopped half way";
        case errc::address_in_use: return "the address is in use";
        case errc::listen_failed: return "cannot listen on the address";
        case errc::tls_failed: return "the TLS handshake failed; does the server speak TLS on this port?";
        case errc::tls_untrusted: return "the server's certificate is signed by nobody we trust";
        case errc::tls_expired: return "the server's certificate is out of date or not valid yet";
        case errc::tls_wrong_host: return "the server's certificate is for another host";
        case errc::stream_refused: return "the server refused the request before it looked at it";
        case errc::stream_reset: return "the server gave up the request";
        }
        return "unknown error";
    }
};

}  // namespace

const boost::system::error_category& net_category() noexcept
{
    static const category instance;
    return instance;
}

error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), net_category()};
}

}  // namespace reprise::net
