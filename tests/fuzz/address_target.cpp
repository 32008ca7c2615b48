#include "fuzz_target.hpp"
#include "require.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/net/url.hpp"

// Addresses are canonical: what one says is read again as the same. Times, too.
namespace reprise::fuzz {
namespace {

void check_url(std::string_view input)
{
    const auto url = net::parse_url(input);
    if (!url)
        return;
    const std::string shown = url->origin() + url->target;
    const auto again = net::parse_url(shown);
    require(again.has_value(), "what is shown is refused: " + shown);
    require_same(again->origin() + again->target, shown, "url");
    require(!url->host.empty() && url->port != 0 && !url->target.empty(), "an address without host, port or target");
    for (const char c : shown)
        require(c > ' ' && c != '\x7f', "blanks or control characters in an address: " + shown);
}

void check_guard(std::string_view input)
{
    const auto url = net::parse_url(input);
    const auto guard = net::target_guard::parse({std::string(input)}, {});
    require(guard.has_value() == url.has_value(), "the guard reads targets its own way");
    const bool is_plain = url && url->target.find_first_of("?.%") == std::string::npos;
    require(!is_plain || guard->check(*url).has_value(), "a target does not allow itself");

    const auto networks = net::target_guard::parse({}, {std::string(input)});
    const bool names_all = input.find('/') != std::string_view::npos;
    const bool allows_both = networks && networks->allows(boost::asio::ip::make_address("127.0.0.1")) &&
                             networks->allows(boost::asio::ip::make_address("10.0.0.1"));
    require(!allows_both || names_all, "one address opens two networks");
}

void check_escapes(std::string_view input)
{
    for (const bool plus_is_space : {false, true}) {
        const auto decoded = net::percent_decode(input, plus_is_space);
        require(!decoded || (decoded->size() <= input.size() && decoded->find('\0') == std::string::npos),
                "an escape that grows or hides a NUL");
    }
}

void check_time(std::string_view input)
{
    const auto time = parse_rfc3339(input);
    if (!time)
        return;
    const std::string shown = format_rfc3339(*time);
    const auto again = parse_rfc3339(shown);
    require(again.has_value(), "a time that is shown is refused: " + shown);
    require_same(format_rfc3339(*again), shown, "time");
}

}  // namespace

void address(std::string_view input)
{
    check_url(input);
    check_guard(input);
    check_escapes(input);
    check_time(input);
}

}  // namespace reprise::fuzz
