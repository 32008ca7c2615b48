#include "oidc_provider.hpp"

#include "reprise/base/log.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <utility>

namespace json = boost::json;

namespace reprise::http {

oidc_provider::oidc_provider(const oidc_config& config, net::http_client& client, const clock& time)
    : config_(config), client_(client), time_(time)
{
}

std::optional<oidc_endpoints> oidc_provider::known_endpoints(std::int64_t now_ns)
{
    const std::lock_guard lock(mutex_);
    return endpoints_ && now_ns - endpoints_ns_ < kept_ns ? endpoints_ : std::nullopt;
}

bool oidc_provider::may_discover(std::int64_t now_ns)
{
    const std::lock_guard lock(mutex_);
    if (discovery_tried_ns_ && now_ns - *discovery_tried_ns_ < retry_ns)
        return false;
    discovery_tried_ns_ = now_ns;
    return true;
}

oidc_provider::key_list oidc_provider::known_keys(std::int64_t now_ns)
{
    const std::lock_guard lock(mutex_);
    return keys_ && now_ns - keys_ns_ < kept_ns ? keys_ : nullptr;
}

bool oidc_provider::may_refresh_keys(std::int64_t now_ns)
{
    const std::lock_guard lock(mutex_);
    if (keys_tried_ns_ && now_ns - *keys_tried_ns_ < keys_refresh_ns)
        return false;
    keys_tried_ns_ = now_ns;
    return true;
}

boost::asio::awaitable<result<std::string>> oidc_provider::fetch(net::url from)
{
    net::client_request req("GET", std::move(from));
    req.headers = {{"Accept", "application/json"}};
    const std::string where = req.url.origin() + req.url.target;
    auto got = co_await client_.send(std::move(req));
    if (!got) {
        log_warn("http.oidc", where + ": " + got.error().message());
        co_return errc::unavailable;
    }
    if (got->status != 200 || got->body.size() > document_bytes_max) {
        log_warn("http.oidc", where + " answered " + std::to_string(got->status));
        co_return errc::corrupt;
    }
    co_return std::move(got->body);
}

boost::asio::awaitable<result<oidc_endpoints>> oidc_provider::find_endpoints()
{
    const std::int64_t now_ns = time_.steady_ns();
    if (auto known = known_endpoints(now_ns))
        co_return std::move(*known);
    const auto at = discovery_url(config_.issuer);
    if (!at)
        co_return at.error();
    if (!may_discover(now_ns))
        co_return errc::unavailable;
    const auto text = co_await fetch(*at);
    if (!text)
        co_return text.error();
    auto found = parse_discovery(*text, config_.issuer);
    if (!found) {
        log_warn("http.oidc", "the discovery document of " + config_.issuer + " is not one of this issuer");
        co_return found.error();
    }
    const std::lock_guard lock(mutex_);
    endpoints_ = *found;
    endpoints_ns_ = now_ns;
    discovery_tried_ns_.reset();
    co_return std::move(*found);
}

boost::asio::awaitable<result<std::string>> oidc_provider::exchange(
    const oidc_journey& journey, std::string_view code, std::string_view return_url
)
{
    const auto at = co_await find_endpoints();
    if (!at)
        co_return at.error();
    auto got = co_await client_.send(token_request_of(*at, config_, journey, code, return_url));
    if (!got) {
        log_warn("http.oidc", "the token endpoint cannot be reached: " + got.error().message());
        co_return errc::unavailable;
    }
    if (got->status >= 500)
        co_return errc::unavailable;
    error_code ec;
    const json::value answer = json::parse(got->body, ec);
    const json::value* token = !ec && answer.is_object() ? answer.get_object().if_contains("id_token") : nullptr;
    if (got->status != 200 || !token || !token->is_string()) {
        log_warn("http.oidc", "the token endpoint answered " + std::to_string(got->status) + " without an ID token");
        co_return errc::denied;
    }
    co_return std::string(token->get_string());
}

boost::asio::awaitable<result<oidc_provider::key_list>> oidc_provider::refresh_keys()
{
    const auto at = co_await find_endpoints();
    if (!at)
        co_return at.error();
    const auto text = co_await fetch(at->keys);
    if (!text)
        co_return text.error();
    auto parsed = parse_provider_keys(*text);
    if (!parsed)
        co_return errc::corrupt;
    const std::lock_guard lock(mutex_);
    keys_ = std::make_shared<const std::vector<provider_key>>(std::move(*parsed));
    keys_ns_ = time_.steady_ns();
    co_return keys_;
}

boost::asio::awaitable<result<token_outcome>> oidc_provider::check(
    std::string_view id_token, const oidc_journey& journey
)
{
    const std::int64_t steady_ns = time_.steady_ns();
    token_expectation expected;
    expected.issuer = config_.issuer;
    expected.client_id = config_.client_id;
    expected.nonce = journey.nonce;
    expected.now_s = time_.now_ns() / ns_per_s;
    expected.fresh = journey.purpose == oidc_purpose::again;
    token_outcome outcome;
    outcome.fault = token_fault::unknown_key;
    if (const key_list known = known_keys(steady_ns))
        outcome = check_id_token(id_token, *known, expected);
    if (outcome.claims || outcome.fault != token_fault::unknown_key || !may_refresh_keys(steady_ns))
        co_return outcome;
    const auto fresh = co_await refresh_keys();
    if (!fresh)
        co_return fresh.error();
    co_return check_id_token(id_token, **fresh, expected);
}

}  // namespace reprise::http
