#include "reprise/net/url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <cctype>

namespace reprise::net {
namespace {

constexpr std::size_t url_bytes_max = 8 * 1024;
constexpr std::size_t host_bytes_max = 253;

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

std::string lower(std::string_view text)
{
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

bool is_name_char(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

// A last label of digits or of 0x... is read as a number by some resolvers: 127.1 is loopback there.
bool ends_in_number(std::string_view host) noexcept
{
    if (host.ends_with('.'))
        host.remove_suffix(1);
    const std::string_view label = host.substr(host.rfind('.') + 1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto is_hex = [](char c) { return hex_value(c) >= 0; };
    if (std::all_of(label.begin(), label.end(), is_digit))
        return true;
    return label.starts_with("0x") && std::all_of(label.begin() + 2, label.end(), is_hex);
}

result<std::string> host_text(boost::urls::url_view parts)
{
    using boost::urls::host_type;
    const std::string_view encoded = parts.encoded_host();
    if (encoded.size() > host_bytes_max || encoded.find('%') != std::string_view::npos)
        return errc::bad_url;
    error_code ec;
    if (parts.host_type() == host_type::ipv4) {
        boost::asio::ip::make_address_v4(encoded, ec);
        if (ec)
            return errc::bad_url;
        return std::string(encoded);
    }
    if (parts.host_type() == host_type::ipv6) {
        const auto address = boost::asio::ip::make_address_v6(encoded.substr(1, encoded.size() - 2), ec);
        if (ec)
            return errc::bad_url;
        return address.to_string();
    }
    const std::string host = lower(encoded);
    if (parts.host_type() != host_type::name || host.empty() || host.starts_with('.') || ends_in_number(host) ||
        !std::all_of(host.begin(), host.end(), is_name_char))
        return errc::bad_url;
    return host;
}

}  // namespace

std::string url::authority() const
{
    const bool is_v6 = host.find(':') != std::string::npos;
    std::string text = is_v6 ? "[" + host + "]" : host;
    if (port != (scheme == "https" ? 443 : 80))
        text += ":" + std::to_string(port);
    return text;
}

std::string url::origin() const
{
    return scheme + "://" + authority();
}

result<url> parse_url(std::string_view text)
{
    if (text.size() > url_bytes_max)
        return errc::bad_url;
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed)
        return errc::bad_url;
    const boost::urls::url_view parts = *parsed;
    url out;
    out.scheme = lower(parts.scheme());
    if ((out.scheme != "http" && out.scheme != "https") || !parts.has_authority() || parts.has_userinfo() ||
        parts.has_fragment())
        return errc::bad_url;
    auto host = host_text(parts);
    if (!host)
        return host.error();
    out.host = std::move(*host);
    out.port = out.scheme == "https" ? 443 : 80;
    if (parts.has_port() && !parts.port().empty()) {
        if (parts.port_number() == 0)
            return errc::bad_url;
        out.port = parts.port_number();
    }
    // Boost 1.81 reads http://127.0.0.1./ as the host 127.0.0.1 with the path "./".
    const std::string_view path = parts.encoded_path();
    if (!path.empty() && path.front() != '/')
        return errc::bad_url;
    out.target = path.empty() ? "/" : std::string(path);
    if (parts.has_query())
        out.target += "?" + std::string(parts.encoded_query());
    return out;
}

result<std::string> percent_decode(std::string_view text, bool plus_is_space)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
            continue;
        }
        if (text[i] == '\0')
            return errc::bad_message;
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low < 0 || (high == 0 && low == 0))
            return errc::bad_message;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

}  // namespace reprise::net
