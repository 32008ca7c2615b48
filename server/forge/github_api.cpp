#include "github_api.hpp"

#include "reprise/base/time_text.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace asio = boost::asio;

namespace reprise::forge {
namespace {

constexpr std::int64_t token_margin_ns = 60 * ns_per_s;
constexpr std::int64_t token_life_ns = 3'600 * ns_per_s;  // Where the answer does not say.
constexpr std::int64_t signed_before_s = 60;              // GitHub's clock may be behind ours.
constexpr std::int64_t signed_for_s = 540;                // GitHub takes at most ten minutes.

api_request token_request(const std::string& repository, std::int64_t installation, std::string authorization)
{
    const std::string name = repository.substr(repository.find('/') + 1);
    api_request wanted(
        "POST", "/app/installations/" + std::to_string(installation) + "/access_tokens",
        "the app to be installed for " + repository + " with Issues, Pull requests and Contents: read and write"
    );
    json::object permissions;
    permissions["issues"] = "write";
    permissions["pull_requests"] = "write";
    permissions["contents"] = "write";
    json::object body;
    body["repositories"] = json::array{json::string(name)};
    body["permissions"] = std::move(permissions);
    wanted.body = std::move(body);
    wanted.authorization = std::move(authorization);
    return wanted;
}

}  // namespace

github_api::github_api(github_config config, const clock& time, metrics& numbers)
    : config_(std::move(config)), time_(time), client_(config_.api, "github", time, numbers)
{
    client_.add_header("Accept", "application/vnd.github+json");
    client_.add_header("X-GitHub-Api-Version", "2022-11-28");
}

github_api::header_result github_api::sign_app_header() const
{
    const std::int64_t now_s = time_.now_ns() / ns_per_s;
    json::object claims;
    claims["iat"] = now_s - signed_before_s;
    claims["exp"] = now_s + signed_for_s;
    claims["iss"] = std::to_string(config_.app->id);
    const auto token = config_.app->key.sign_token(json::serialize(claims));
    if (!token)
        return refused("the app's token cannot be signed: " + token.error().message());
    return "Bearer " + *token;
}

std::optional<std::string> github_api::find_kept(const std::string& repository)
{
    const std::lock_guard lock(mutex_);
    const auto kept = tokens_.find(repository);
    if (kept == tokens_.end() || kept->second.until_ns <= time_.now_ns())
        return std::nullopt;
    return "Bearer " + kept->second.token.reveal();
}

void github_api::keep(const std::string& repository, std::string token, std::int64_t until_ns)
{
    const std::lock_guard lock(mutex_);
    if (tokens_.size() >= github_tokens_max)
        tokens_.clear();
    lent_token& kept = tokens_[repository];
    kept.token = secret(std::move(token));
    kept.until_ns = until_ns;
}

void github_api::forget(const std::string& repository)
{
    const std::lock_guard lock(mutex_);
    tokens_.erase(repository);
}

asio::awaitable<boost::system::result<std::int64_t, effect_failure>> github_api::find_installation(
    const std::string& repository
)
{
    if (config_.app->installation_id != 0)
        co_return static_cast<std::int64_t>(config_.app->installation_id);
    api_request wanted(
        "GET", "/repos/" + encoded(repository, true) + "/installation", "the app to be installed for " + repository
    );
    const auto answer = co_await call_as_app(std::move(wanted));
    if (!answer)
        co_return answer.error();
    const auto id = number_at(answer->body, "id");
    if (!id)
        co_return odd_answer(*answer, "the installation's id");
    co_return *id;
}

asio::awaitable<github_api::header_result> github_api::ask_for_token(const std::string& repository)
{
    const auto installation = co_await find_installation(repository);
    if (!installation)
        co_return installation.error();
    auto header = sign_app_header();
    if (!header)
        co_return header.error();
    api_request wanted = token_request(repository, *installation, std::move(*header));
    const auto answer = co_await client_.send(std::move(wanted));
    if (!answer)
        co_return answer.error();
    std::string token = text_at(answer->body, "token");
    if (token.empty())
        co_return odd_answer(*answer, "a token");
    const auto until = parse_rfc3339(text_at(answer->body, "expires_at"));
    const std::int64_t end_ns = until ? *until : time_.now_ns() + token_life_ns;
    std::string made = "Bearer " + token;
    keep(repository, std::move(token), end_ns - token_margin_ns);
    co_return made;
}

asio::awaitable<github_api::header_result> github_api::find_header(const std::string& repository)
{
    if (!config_.app)
        co_return "Bearer " + config_.token.reveal();
    if (auto kept = find_kept(repository))
        co_return std::move(*kept);
    co_return co_await ask_for_token(repository);
}

asio::awaitable<api_result> github_api::call_as_app(api_request wanted)
{
    auto header = sign_app_header();
    if (!header)
        co_return header.error();
    wanted.authorization = std::move(*header);
    co_return co_await client_.send(std::move(wanted));
}

asio::awaitable<api_result> github_api::call(std::string repository, api_request wanted)
{
    constexpr int unauthorized = 401;
    for (int tries_left = config_.app ? 1 : 0;; --tries_left) {
        auto header = co_await find_header(repository);
        if (!header)
            co_return header.error();
        api_request one = wanted;
        one.authorization = std::move(*header);
        auto answer = co_await client_.send(std::move(one));
        if (answer || answer.error().status != unauthorized || tries_left == 0)
            co_return answer;
        // An installation's token that was revoked before its time. A 401 did nothing.
        forget(repository);
    }
}

}  // namespace reprise::forge
