#include "reprise/forge/trackers.hpp"

#include "dialect.hpp"
#include "effect_check.hpp"
#include "github_api.hpp"
#include "github_pulls.hpp"
#include "look.hpp"
#include "marker.hpp"

#include "reprise/forge/ticket.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace asio = boost::asio;

namespace reprise::forge {
namespace {

constexpr std::string_view target_prefix = "github:";

// "owner/name" of "github:owner/name".
std::optional<std::string> find_repository(std::string_view target)
{
    if (!target.starts_with(target_prefix))
        return std::nullopt;
    const std::string_view name = target.substr(target_prefix.size());
    const bool is_plain = std::all_of(name.begin(), name.end(), [](unsigned char one) {
        return std::isalnum(one) != 0 || one == '-' || one == '_' || one == '.' || one == '/';
    });
    const auto slash = name.find('/');
    const bool is_pair = slash != std::string_view::npos && slash > 0 && slash + 1 < name.size() &&
                         name.find('/', slash + 1) == std::string_view::npos &&
                         name.find("..") == std::string_view::npos;
    if (!is_plain || !is_pair || name.starts_with('.') || name[slash + 1] == '.')
        return std::nullopt;
    return std::string(name);
}

class github_tracker final : public remote_tracker {
public:
    github_tracker(github_config config, const clock& time, metrics& numbers)
        : api_(std::move(config), time, numbers)
    {
    }

    bool takes(std::string_view target) const noexcept override { return find_repository(target).has_value(); }
    asio::awaitable<effect_result> publish(effect wanted) override;
    asio::awaitable<check_result> check() override;

private:
    asio::awaitable<effect_result> publish_issue(const std::string& repository, const effect& wanted);
    asio::awaitable<effect_result> publish_comment(const std::string& repository, const effect& wanted);
    asio::awaitable<found_effect> look(const std::string& repository, const effect& wanted, listing list);

    github_api api_;
};

// Pages of issues or comments, newest first or all, until the marker is found or there can be none.
asio::awaitable<found_effect> github_tracker::look(
    const std::string& repository, const effect& wanted, listing list
)
{
    for (std::size_t page = 1; page <= look_pages_max; ++page) {
        api_request one("GET", list.path + page_query(page), list.needs);
        const auto answer = co_await api_.call(repository, std::move(one));
        if (!answer)
            co_return answer.error();
        if (!answer->body.is_array())
            co_return odd_answer(*answer, "a list");
        const page_end end = search_page(list_of(answer->body), list, wanted);
        if (end.found)
            co_return end.found;
        if (end.is_last)
            co_return std::optional<published_effect>();
    }
    co_return too_many(list, wanted);
}

asio::awaitable<effect_result> github_tracker::publish_issue(const std::string& repository, const effect& wanted)
{
    const std::string path = "/repos/" + encoded(repository, true) + "/issues";
    listing list;
    list.what = "issues of " + repository;
    list.needs = "Issues: read and write on " + repository;
    list.path = path + "?state=all&sort=created&direction=desc" + since_query("since", wanted.key);
    list.text = "body";
    list.link = "html_url";
    list.created = "created_at";
    list.not_with = "pull_request";
    auto there = co_await look(repository, wanted, list);
    if (!there)
        co_return there.error();
    if (*there)
        co_return std::move(**there);

    api_request create("POST", path, list.needs);
    create.changes = true;
    json::object body;
    body["title"] = quiet_line(wanted.title, title_bytes_max);
    body["body"] = markdown_body(wanted);
    json::array labels;
    for (const std::string& label : api_.config().labels)
        labels.emplace_back(label);
    if (!labels.empty())
        body["labels"] = std::move(labels);
    create.body = std::move(body);
    const auto answer = co_await api_.call(repository, std::move(create));
    if (!answer)
        co_return answer.error();
    published_effect made;
    made.url = link_at(answer->body, "html_url");
    if (made.url.empty())
        co_return odd_answer(*answer, "the issue's address");
    co_return made;
}

asio::awaitable<effect_result> github_tracker::publish_comment(const std::string& repository, const effect& wanted)
{
    auto number = find_parent_number(wanted.parent, "/" + repository + "/issues/");
    if (!number)
        number = find_parent_number(wanted.parent, "/" + repository + "/pull/");
    if (!number)
        co_return refused("'" + quiet_line(wanted.parent, 200) + "' is no issue or pull request of " + repository);
    listing list;
    list.what = "comments";
    list.needs = "Issues and Pull requests: read and write on " + repository;
    const std::string path = "/repos/" + encoded(repository, true) + "/issues/" + *number + "/comments";
    list.path = path + "?sort=created" + since_query("since", wanted.key);
    list.text = "body";
    list.link = "html_url";
    auto there = co_await look(repository, wanted, list);
    if (!there)
        co_return there.error();
    if (*there)
        co_return std::move(**there);

    api_request create("POST", path, list.needs);
    create.changes = true;
    json::object body;
    body["body"] = markdown_body(wanted);
    create.body = std::move(body);
    const auto answer = co_await api_.call(repository, std::move(create));
    if (!answer)
        co_return answer.error();
    published_effect made;
    made.url = link_at(answer->body, "html_url");
    if (made.url.empty())
        co_return odd_answer(*answer, "the comment's address");
    co_return made;
}

asio::awaitable<effect_result> github_tracker::publish(effect wanted)
{
    const auto repository = find_repository(wanted.target);
    if (!repository)
        co_return refused("'" + quiet_line(wanted.target, 200) + "' is no repository; write github:owner/name");
    if (wanted.kind == effect_kind::ticket)
        co_return co_await publish_issue(*repository, wanted);
    if (wanted.kind == effect_kind::comment)
        co_return co_await publish_comment(*repository, wanted);
    if (const auto fault = find_branch_fault(wanted.head_branch, api_.config().branch_prefix))
        co_return refused(*fault + " (forge.github.branch_prefix)");
    github_pull pull(api_, *repository, wanted);
    co_return co_await pull.publish();
}

asio::awaitable<check_result> github_tracker::check()
{
    if (api_.config().app) {
        api_request wanted("GET", "/app", "the app's id and private key to belong together");
        const auto answer = co_await api_.call_as_app(std::move(wanted));
        if (!answer)
            co_return answer.error();
        co_return "GitHub takes the key of the app " + quiet_line(text_at(answer->body, "slug"), 100);
    }
    api_request wanted("GET", "/user", "a valid token");
    const auto answer = co_await api_.call("", std::move(wanted));
    if (!answer)
        co_return answer.error();
    co_return "GitHub takes the token of " + quiet_line(text_at(answer->body, "login"), 100);
}

}  // namespace

std::unique_ptr<remote_tracker> make_github_tracker(github_config config, const clock& time, metrics& numbers)
{
    return std::make_unique<github_tracker>(std::move(config), time, numbers);
}

}  // namespace reprise::forge
