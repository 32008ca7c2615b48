#pragma once

#include "github_api.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::forge {

// Makes one draft pull request of one change through GitHub's git data API: no clone, no git. One object per call.
class github_pull {
public:
    github_pull(github_api& api, std::string repository, const effect& wanted)
        : api_(api), repository_(std::move(repository)), wanted_(wanted)
    {
    }

    boost::asio::awaitable<effect_result> publish();

private:
    using text_result = boost::system::result<std::string, effect_failure>;
    struct tree_entry {
        std::string mode;
        std::string type;
        std::string sha;
    };
    using directory = std::map<std::string, tree_entry, std::less<>>;
    using directory_result = boost::system::result<const directory*, effect_failure>;
    using void_result = boost::system::result<void, effect_failure>;

    std::string path(std::string_view below) const;
    api_request request(std::string method, std::string_view below, std::string_view permission) const;

    boost::asio::awaitable<found_effect> find_pull();
    boost::asio::awaitable<boost::system::result<bool, effect_failure>> find_branch();
    boost::asio::awaitable<void_result> check_commit(std::string sha);
    boost::asio::awaitable<void_result> make_branch();
    boost::asio::awaitable<text_result> find_base();
    boost::asio::awaitable<text_result> find_commit_of(std::string branch);
    boost::asio::awaitable<text_result> find_tree_of(std::string commit);
    boost::asio::awaitable<directory_result> read_directory(std::string sha);
    boost::asio::awaitable<text_result> find_mode(std::string tree, const changed_file& file);
    boost::asio::awaitable<text_result> make_blob(const std::string& content);
    boost::asio::awaitable<text_result> make_tree(std::string base_tree);
    boost::asio::awaitable<text_result> make_commit(std::string tree, std::string parent);
    boost::asio::awaitable<void_result> make_reference(std::string commit);
    boost::asio::awaitable<effect_result> make_pull();

    github_api& api_;
    const std::string repository_;
    const effect& wanted_;
    std::string base_;                              // The branch to merge into.
    std::map<std::string, directory> directories_;  // By SHA; at most directories_read_max.
};

}  // namespace reprise::forge
