#include "admit.hpp"

#include "reprise/base/id.hpp"
#include "reprise/net/url.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace reprise::net {
namespace {

using query_list = std::vector<std::pair<std::string, std::string>>;

result<query_list> parse_query(std::string_view target)
{
    query_list out;
    const std::size_t mark = target.find('?');
    std::string_view rest = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        if (pair.empty())
            continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
        if (!name || !value)
            return errc::bad_message;
        out.emplace_back(std::move(*name), std::move(*value));
    }
    return out;
}

std::ptrdiff_t count_headers(const request& req, std::string_view name)
{
    return std::count_if(req.headers.begin(), req.headers.end(), [name](const auto& field) {
        return beast::iequals(field.first, name);
    });
}

// An IPv4 peer of a dual-stack listener looks like ::ffff:a.b.c.d.
asio::ip::address unmap(const asio::ip::address& address)
{
    if (!address.is_v6() || !address.to_v6().is_v4_mapped())
        return address;
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

}  // namespace

request make_request(const beast_header& header, const asio::ip::address& peer, std::int64_t now_ns)
{
    request req;
    req.id = make_ulid(now_ns);
    req.target = std::string(header.target());
    req.path = req.target.substr(0, req.target.find('?'));
    req.method = find_method(std::string_view(header.method_string())).value_or(method::get);
    for (const auto& field : header)
        req.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    if (auto query = parse_query(req.target); query)
        req.query = std::move(*query);
    const asio::ip::address plain = unmap(peer);
    req.peer_address = plain.to_string();
    req.peer_is_loopback = plain.is_loopback();
    return req;
}

std::optional<refused> refuse_request(const beast_header& header, const request& req)
{
    const auto hosts = count_headers(req, "host");
    if (hosts > 1 || (hosts == 0 && header.version() >= 11))
        return refused{400, "bad_host", "A request has exactly one Host header."};
    if (!find_method(std::string_view(header.method_string())))
        return refused{501, "method_unknown", "This server does not know that method."};
    if (!req.target.starts_with('/') || req.target.find('#') != std::string::npos)
        return refused{400, "bad_target", "The request target must be a path that begins with '/'."};
    if (!parse_query(req.target))
        return refused{400, "bad_target", "The query holds a broken percent escape."};
    const std::string_view coding = req.header("transfer-encoding");
    if (count_headers(req, "transfer-encoding") > 1)
        return refused{400, "bad_framing", "A request has one Transfer-Encoding at most."};
    if (!coding.empty() && !beast::iequals(coding, "chunked"))
        return refused{501, "coding_unknown", "The only Transfer-Encoding taken is chunked."};
    return std::nullopt;
}

}  // namespace reprise::net
