#include "settings.hpp"

#include "redaction.hpp"

#include <charconv>

namespace reprise::app {

std::optional<endpoint> parse_endpoint(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0)
        return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        return std::nullopt;  // An IPv6 address without brackets.
    unsigned port = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (code != std::errc() || end != digits.data() + digits.size() || port > 65'535 || host.empty())
        return std::nullopt;
    return endpoint{std::string(host == "localhost" ? "127.0.0.1" : host), static_cast<std::uint16_t>(port)};
}

bool is_loopback(std::string_view host)
{
    return host == "::1" || host == "localhost" || host.starts_with("127.");
}

std::optional<config_error> check_config(const config& made)
{
    struct named {
        std::string_view key;
        const std::string& value;
    };
    std::vector<named> listeners = {
        named{"server.listen", made.listen}, named{"intake.otlp_grpc", made.otlp_grpc},
        named{"intake.otlp_http", made.otlp_http}};
    if (!made.workers_listen.empty())
        listeners.push_back(named{"workers.listen", made.workers_listen});
    for (const named& one : listeners) {
        if (!parse_endpoint(one.value))
            return config_error{
                std::string(one.key) + " = '" + one.value + "' must be host:port, like 127.0.0.1:4380 or [::1]:4380"};
        for (const named& other : listeners) {
            const auto mine = parse_endpoint(one.value);
            if (&one != &other && one.value == other.value && mine->port != 0)
                return config_error{
                    std::string(one.key) + " and " + std::string(other.key) + " are both " + one.value +
                    "; give each its own port"};
        }
    }
    const auto inside = parse_endpoint(made.listen);
    if (!is_loopback(inside->host) && made.public_url.empty())
        return config_error{
            "server.listen = '" + made.listen +
            "' is reachable from outside; set server.public_url to the https address people use"};
    if (made.archive_store == "s3" && made.archive_bucket.empty())
        return config_error{"archive.store is s3, but archive.bucket is empty; name the bucket"};
    if (made.traces_idle_after < made.traces_complete_after)
        return config_error{
            "traces.idle_after is shorter than traces.complete_after; a trace with a parent missing must wait longer "
            "than one that is whole"};
    auto rules = redaction_rules_of(made);
    if (auto* wrong = std::get_if<config_error>(&rules))
        return std::move(*wrong);
    return std::nullopt;
}

}  // namespace reprise::app
