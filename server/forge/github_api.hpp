#pragma once

#include "api_client.hpp"

#include "reprise/forge/trackers.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace reprise::forge {

// GitHub's REST API as somebody: a token's owner, or an app's installation. An installation's token is for one
// repository, with the permissions named here only, and is used again until a minute before its end. Safe from any
// strand.
class github_api {
public:
    github_api(github_config config, const clock& time, metrics& numbers);

    // `repository` is "owner/name".
    boost::asio::awaitable<api_result> call(std::string repository, api_request wanted);

    // As the app itself.
    boost::asio::awaitable<api_result> call_as_app(api_request wanted);

    const github_config& config() const noexcept { return config_; }

private:
    struct lent_token {
        secret token;
        std::int64_t until_ns = 0;
    };
    using header_result = boost::system::result<std::string, effect_failure>;

    boost::asio::awaitable<header_result> find_header(const std::string& repository);
    boost::asio::awaitable<header_result> ask_for_token(const std::string& repository);
    boost::asio::awaitable<boost::system::result<std::int64_t, effect_failure>> find_installation(
        const std::string& repository
    );
    header_result sign_app_header() const;
    std::optional<std::string> find_kept(const std::string& repository);
    void keep(const std::string& repository, std::string token, std::int64_t until_ns);
    void forget(const std::string& repository);

    github_config config_;
    const clock& time_;
    api_client client_;
    std::mutex mutex_;
    std::map<std::string, lent_token> tokens_;  // At most github_tokens_max.
};

constexpr std::size_t github_tokens_max = 256;  // Beyond it, all are asked for anew.

}  // namespace reprise::forge
