#pragma once

#include "api_client.hpp"

#include "reprise/forge/trackers.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace reprise::forge {

// GitLab's REST API v4 as the owner of a token. Safe from any strand.
class gitlab_api {
public:
    gitlab_api(gitlab_config config, const clock& time, metrics& numbers);

    boost::asio::awaitable<api_result> call(api_request wanted);

    const gitlab_config& config() const noexcept { return config_; }
    std::string labels() const;  // "a,b"

private:
    gitlab_config config_;
    api_client client_;
};

// "/projects/group%2Fproject" + below.
std::string gitlab_path(std::string_view project, std::string_view below);

}  // namespace reprise::forge
