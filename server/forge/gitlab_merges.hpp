#pragma once

#include "gitlab_api.hpp"

#include <string>
#include <string_view>

namespace reprise::forge {

// Makes one draft merge request of one change through GitLab's commits API: no clone, no git. One object per call.
class gitlab_merge {
public:
    gitlab_merge(gitlab_api& api, std::string project, const effect& wanted)
        : api_(api), project_(std::move(project)), wanted_(wanted)
    {
    }

    boost::asio::awaitable<effect_result> publish();

private:
    using text_result = boost::system::result<std::string, effect_failure>;
    using void_result = boost::system::result<void, effect_failure>;

    api_request request(std::string method, std::string_view below, std::string_view role) const;

    boost::asio::awaitable<found_effect> find_merge();
    boost::asio::awaitable<boost::system::result<bool, effect_failure>> find_branch();
    boost::asio::awaitable<text_result> find_base();
    boost::asio::awaitable<text_result> find_commit_of(std::string branch);
    boost::asio::awaitable<text_result> find_action(std::string start, const changed_file& file);
    boost::asio::awaitable<void_result> make_branch();
    boost::asio::awaitable<effect_result> make_merge();

    gitlab_api& api_;
    const std::string project_;
    const effect& wanted_;
    std::string base_;  // The branch to merge into.
};

}  // namespace reprise::forge
