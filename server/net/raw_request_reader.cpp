#include "raw_request_reader.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <cctype>

namespace beast = boost::beast;

namespace reprise::net {
namespace {

constexpr std::size_t host_bytes_max = 255;

bool is_host_char(char c) noexcept
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' || c == ':';
}

bool is_port(std::string_view text) noexcept
{
    if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string_view::npos)
        return false;
    int port = 0;
    for (const char c : text)
        port = port * 10 + (c - '0');
    return port > 0 && port <= 65535;
}

// Splits "host:port" and "[v6]:port". False for what is no authority; user info is none.
bool split_authority(std::string_view text, std::string_view& host, std::string_view& port)
{
    if (text.empty() || text.size() > host_bytes_max + 8)
        return false;
    if (text.front() == '[') {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos)
            return false;
        host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (host.find(':') == std::string_view::npos)
            return false;
        if (!port.empty() && port.front() != ':')
            return false;
        port.remove_prefix(port.empty() ? 0 : 1);
    } else {
        const std::size_t colon = text.find(':');
        host = text.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
        if (host.find(':') != std::string_view::npos || (colon != std::string_view::npos && port.empty()))
            return false;
    }
    return !host.empty() && host.size() <= host_bytes_max && std::all_of(host.begin(), host.end(), is_host_char) &&
           (port.empty() || is_port(port));
}

std::string_view strip_scheme(std::string_view target, request_place& place)
{
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (target.size() > scheme.size() && beast::iequals(target.substr(0, scheme.size()), scheme)) {
            place.whole_url = true;
            place.secure = scheme.size() == 8;
            return target.substr(scheme.size());
        }
    }
    return target;
}

bool is_good_authority(std::string_view text)
{
    std::string_view host;
    std::string_view port;
    return split_authority(text, host, port);
}

constexpr raw_refusal bad_target = {
    400, "bad_target", "The request target must be a path that begins with '/' or an http(s) URL without user."
};
constexpr raw_refusal bad_host = {
    400, "bad_host", "A request has exactly one Host header: a host, with a port or without."
};

}  // namespace

std::string_view raw_request::header(std::string_view name) const noexcept
{
    for (const raw_header& one : headers) {
        if (one.name.size() == name.size() && beast::iequals(one.name, name))
            return one.value;
    }
    return {};
}

void raw_answer::clear() noexcept
{
    status = 200;
    wire = {};
    head_bytes = 0;
    own.clear();
    if (own.capacity() > raw_kept_bytes_max)
        std::string().swap(own);
    delay = std::chrono::nanoseconds(0);
    fault = raw_fault::none;
    body_bytes_max = 0;
    tag = 0;
}

void request_text::clear()
{
    text_.clear();
    places_.clear();
    headers_.clear();
    method_ = target_ = {};
    version_ = 11;
    body.clear();
    if (body.capacity() > raw_kept_bytes_max)
        std::string().swap(body);
}

request_text::place request_text::keep(std::string_view text)
{
    const place where{text_.size(), text.size()};
    text_.append(text);
    return where;
}

std::span<const raw_header> request_text::headers()
{
    if (headers_.size() != places_.size()) {
        headers_.clear();
        for (const header_place& one : places_)
            headers_.push_back({view(one.name), view(one.value)});
    }
    return headers_;
}

raw_request_reader::raw_request_reader(request_text& into, std::size_t header_bytes_max, std::size_t body_bytes_max)
    : into_(into)
{
    header_limit(static_cast<std::uint32_t>(header_bytes_max));
    body_limit(body_bytes_max);
}

void raw_request_reader::on_request_impl(beast::http::verb, text method, text target, int version, error& ec)
{
    into_.method_ = into_.keep({method.data(), method.size()});
    into_.target_ = into_.keep({target.data(), target.size()});
    into_.version_ = version;
    ec = {};
}

void raw_request_reader::on_response_impl(int, text, int, error& ec)
{
    ec = {};
}

void raw_request_reader::on_field_impl(beast::http::field, text name, text value, error& ec)
{
    ec = {};
    if (header_done_)
        return;
    const auto kept_name = into_.keep({name.data(), name.size()});
    into_.places_.push_back({kept_name, into_.keep({value.data(), value.size()})});
}

void raw_request_reader::on_header_impl(error& ec)
{
    header_done_ = true;
    ec = {};
}

void raw_request_reader::on_body_init_impl(const boost::optional<std::uint64_t>&, error& ec)
{
    ec = {};
}

std::size_t raw_request_reader::on_body_impl(text part, error& ec)
{
    into_.body.append(part.data(), part.size());
    ec = {};
    return part.size();
}

void raw_request_reader::on_chunk_header_impl(std::uint64_t, text, error& ec)
{
    ec = {};
}

std::size_t raw_request_reader::on_chunk_body_impl(std::uint64_t, text part, error& ec)
{
    into_.body.append(part.data(), part.size());
    ec = {};
    return part.size();
}

void raw_request_reader::on_finish_impl(error& ec)
{
    ec = {};
}

raw_refusal find_place(request_text& from, request_place& place, std::string& rooted)
{
    std::size_t hosts = 0;
    std::size_t codings = 0;
    std::string_view host;
    std::string_view coding;
    for (const raw_header& one : from.headers()) {
        if (beast::iequals(one.name, "host")) {
            ++hosts;
            host = one.value;
        } else if (beast::iequals(one.name, "transfer-encoding")) {
            ++codings;
            coding = one.value;
        }
    }
    if (codings > 1)
        return {400, "bad_framing", "A request has one Transfer-Encoding at most."};
    if (codings == 1 && !beast::iequals(coding, "chunked"))
        return {501, "coding_unknown", "The only Transfer-Encoding taken is chunked."};
    if (hosts > 1 || (hosts == 0 && from.version() >= 11) || (!host.empty() && !is_good_authority(host)))
        return bad_host;

    const std::string_view target = from.target();
    std::string_view rest = strip_scheme(target, place);
    place.authority = host;
    if (place.whole_url) {
        place.authority = rest.substr(0, rest.find_first_of("/?"));
        rest.remove_prefix(place.authority.size());
        if (!is_good_authority(place.authority))
            return bad_target;
        if (!rest.starts_with('/')) {
            rooted.assign(1, '/').append(rest);
            rest = rooted;
        }
    }
    place.target = rest;
    const bool is_good = rest.starts_with('/') || (rest == "*" && from.method() == "OPTIONS");
    return is_good && rest.find('#') == std::string_view::npos ? raw_refusal{} : bad_target;
}

std::string parse_tunnel_host(std::string_view target)
{
    std::string_view host;
    std::string_view port;
    if (!split_authority(target, host, port) || port.empty())
        return {};
    std::string lower(host);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return lower;
}

}  // namespace reprise::net
