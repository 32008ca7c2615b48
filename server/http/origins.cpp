#include "origins.hpp"

#include "reprise/net/url.hpp"

#include <algorithm>
#include <cctype>

namespace reprise::http {
namespace {

std::string lower(std::string_view text)
{
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

bool is_loopback_name(std::string_view host)
{
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

result<origin_rules> origin_rules::parse(std::string_view public_url, const std::vector<std::string>& hosts)
{
    const auto parsed = net::parse_url(public_url);
    if (!parsed || parsed->target != "/")
        return errc::invalid_argument;
    origin_rules rules;
    rules.is_https_ = parsed->scheme == "https";
    rules.public_url_ = parsed->origin();
    rules.port_ = std::to_string(parsed->port);
    rules.hosts_.push_back(parsed->authority());
    if (is_loopback_name(parsed->host)) {
        for (const std::string_view name : {"127.0.0.1", "localhost", "::1"}) {
            net::url twin = *parsed;
            twin.host = name;
            rules.hosts_.push_back(twin.authority());
        }
    }
    for (const std::string& host : hosts)
        rules.hosts_.push_back(lower(host));
    return rules;
}

// Cookies do not tell ports apart, so two servers on one host need two names.
std::string origin_rules::cookie_name() const
{
    return is_https_ ? "__Host-reprise" : "reprise_" + port_;
}

bool origin_rules::is_our_host(std::string_view host) const
{
    return std::find(hosts_.begin(), hosts_.end(), lower(host)) != hosts_.end();
}

bool origin_rules::is_same_origin(const net::request& req) const
{
    const std::string_view site = req.header("sec-fetch-site");
    if (!site.empty() && site != "same-origin" && site != "none")
        return false;
    const std::string origin = lower(req.header("origin"));
    if (origin.empty())
        return true;
    const std::string_view scheme = is_https_ ? "https://" : "http://";
    return origin.starts_with(scheme) && is_our_host(std::string_view(origin).substr(scheme.size()));
}

std::optional<net::response> refuse_foreign(const origin_rules& rules, const net::request& req)
{
    // Probes come by address; they learn nothing but that we live.
    if (req.path == "/healthz" || req.path == "/readyz")
        return std::nullopt;
    if (!rules.is_our_host(req.header("host")))
        return net::problem(
            req, 421, "host_refused",
            "This server does not answer for that host name. Reach it as " + rules.public_url() +
                " or add the name to server.public_url."
        );
    const bool changes = req.method != net::method::get && req.method != net::method::head;
    if (changes && !rules.is_same_origin(req))
        return net::problem(req, 403, "cross_origin", "Changes are taken from " + rules.public_url() + " only.");
    return std::nullopt;
}

}  // namespace reprise::http
