#include "github_pulls.hpp"

#include "dialect.hpp"
#include "marker.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/forge/ticket.hpp"

#include <algorithm>
#include <utility>

namespace asio = boost::asio;

namespace reprise::forge {
namespace {

constexpr int not_found = 404;
constexpr int conflict = 409;
constexpr int unprocessable = 422;

constexpr std::string_view contents = "Contents: read and write";
constexpr std::string_view pull_requests = "Pull requests: read and write";

std::string owner_of(const std::string& repository)
{
    return repository.substr(0, repository.find('/'));
}

// "src/api/users.ts" -> "src", "api", "users.ts".
std::vector<std::string> segments_of(std::string_view path)
{
    std::vector<std::string> segments;
    while (!path.empty()) {
        const auto slash = path.find('/');
        segments.emplace_back(path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    }
    return segments;
}

}  // namespace

std::string github_pull::path(std::string_view below) const
{
    return "/repos/" + encoded(repository_, true) + std::string(below);
}

api_request github_pull::request(std::string method, std::string_view below, std::string_view permission) const
{
    return api_request(std::move(method), path(below), std::string(permission) + " on " + repository_);
}

// A head has at most one open pull request and few closed ones; one page holds them.
asio::awaitable<found_effect> github_pull::find_pull()
{
    const std::string head = encoded(owner_of(repository_) + ":" + wanted_.head_branch);
    api_request wanted = request("GET", "/pulls?state=all&per_page=50&head=" + head, pull_requests);
    const auto answer = co_await api_.call(repository_, std::move(wanted));
    if (!answer)
        co_return answer.error();
    const json::value* open = nullptr;
    for (const json::value& one : list_of(answer->body)) {
        if (text_in(one, "head", "ref") != wanted_.head_branch)
            continue;
        if (const auto hash = find_marker(text_at(one, "body"), wanted_.key))
            co_return adopt(wanted_, link_at(one, "html_url"), *hash);
        if (text_at(one, "state") == "open")
            open = &one;
    }
    if (open != nullptr)
        co_return refused(
            "somebody else's pull request is open from the branch " + wanted_.head_branch + " of " + repository_ +
            " (" + link_at(*open, "html_url") + "); close it or rename its branch"
        );
    co_return std::optional<published_effect>();
}

// Whether the branch is there, made by an earlier try. Refused when it is there and somebody else's.
asio::awaitable<boost::system::result<bool, effect_failure>> github_pull::find_branch()
{
    api_request wanted = request("GET", "/git/ref/heads/" + encoded(wanted_.head_branch, true), contents);
    wanted.expected = {not_found, conflict};
    const auto answer = co_await api_.call(repository_, std::move(wanted));
    if (!answer)
        co_return answer.error();
    if (answer->status == not_found || answer->status == conflict)
        co_return false;
    std::string sha = text_in(answer->body, "object", "sha");
    if (sha.empty())
        co_return odd_answer(*answer, "the commit of the branch");
    const auto ours = co_await check_commit(std::move(sha));
    if (!ours)
        co_return ours.error();
    co_return true;
}

asio::awaitable<github_pull::void_result> github_pull::check_commit(std::string sha)
{
    api_request wanted = request("GET", "/git/commits/" + encoded(sha), contents);
    const auto answer = co_await api_.call(repository_, std::move(wanted));
    if (!answer)
        co_return answer.error();
    const auto hash = find_marker(text_at(answer->body, "message"), wanted_.key);
    if (hash && *hash == wanted_.content_hash)
        co_return void_result();
    const std::string why = hash ? "holds what an earlier release said" : "is somebody else's";
    co_return refused(
        "the branch " + wanted_.head_branch + " of " + repository_ + " is there and " + why +
        "; delete it, and the pull request is made at the next try"
    );
}

// The branch to merge into; never the one that we make.
asio::awaitable<github_pull::text_result> github_pull::find_base()
{
    api_request wanted = request("GET", "", "Metadata: read");
    const auto answer = co_await api_.call(repository_, std::move(wanted));
    if (!answer)
        co_return answer.error();
    const std::string standard = text_at(answer->body, "default_branch");
    if (standard.empty())
        co_return odd_answer(*answer, "the default branch");
    if (wanted_.head_branch == standard || wanted_.head_branch == wanted_.base_branch)
        co_return refused("a change is never written to " + wanted_.head_branch + ", into which it is to be merged");
    if (wanted_.base_branch.empty())
        co_return standard;
    co_return wanted_.base_branch;
}

asio::awaitable<github_pull::text_result> github_pull::find_commit_of(std::string branch)
{
    api_request wanted = request("GET", "/git/ref/heads/" + encoded(branch, true), contents);
    wanted.expected = {not_found, conflict};
    const auto answer = co_await api_.call(repository_, std::move(wanted));
    if (!answer)
        co_return answer.error();
    if (answer->status != 200)
        co_return refused_answer(*answer, "there is no branch " + branch + " to start from in " + repository_);
    std::string sha = text_in(answer->body, "object", "sha");
    if (sha.empty())
        co_return odd_answer(*answer, "the commit of the branch");
    co_return sha;
}

asio::awaitable<github_pull::text_result> github_pull::find_tree_of(std::string commit)
{
    api_request wanted = request("GET", "/git/commits/" + encoded(commit), contents);
    const auto answer = co_await api_.call(repository_, std::move(wanted));
    if (!answer)
        co_return answer.error();
    std::string sha = text_in(answer->body, "tree", "sha");
    if (sha.empty())
        co_return odd_answer(*answer, "the tree of the commit");
    co_return sha;
}

asio::awaitable<github_pull::directory_result> github_pull::read_directory(std::string sha)
{
    if (const auto known = directories_.find(sha); known != directories_.end())
        co_return &known->second;
    if (directories_.size() >= directories_read_max)
        co_return refused(
            "the change touches files in more than " + std::to_string(directories_read_max) + " directories"
        );
    api_request wanted = request("GET", "/git/trees/" + encoded(sha), contents);
    const auto answer = co_await api_.call(repository_, std::move(wanted));
    if (!answer)
        co_return answer.error();
    const json::value* tree = find_at(answer->body, "tree");
    if (tree == nullptr || !tree->is_array())
        co_return odd_answer(*answer, "the entries of the tree");
    directory& read = directories_[sha];
    for (const json::value& one : tree->get_array()) {
        tree_entry entry;
        entry.mode = text_at(one, "mode");
        entry.type = text_at(one, "type");
        entry.sha = text_at(one, "sha");
        read.emplace(text_at(one, "path"), std::move(entry));
    }
    co_return &read;
}

// The mode that a file keeps: an executable stays one. New files are plain.
asio::awaitable<github_pull::text_result> github_pull::find_mode(std::string tree, const changed_file& file)
{
    const auto segments = segments_of(file.path);
    std::string sha = std::move(tree);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool is_last = i + 1 == segments.size();
        const auto read = co_await read_directory(sha);
        if (!read)
            co_return read.error();
        const auto found = (*read)->find(segments[i]);
        if (found == (*read)->end()) {
            if (file.content)
                co_return std::string("100644");
            co_return refused("the file " + file.path + ", which the change removes, is not in " + base_);
        }
        const tree_entry& entry = found->second;
        const bool is_plain = entry.type == "blob" && (entry.mode == "100644" || entry.mode == "100755");
        if (is_last && is_plain)
            co_return entry.mode;
        if (is_last || entry.type != "tree")
            co_return refused(
                file.path + " leads through something in " + base_ + " that is no plain file or directory of it " +
                "(a symbolic link or a submodule); such a change is made by a person"
            );
        sha = entry.sha;
    }
    co_return refused("a change without a path");
}

asio::awaitable<github_pull::text_result> github_pull::make_blob(const std::string& content)
{
    api_request wanted = request("POST", "/git/blobs", contents);
    json::object body;
    body["content"] = to_base64(content);
    body["encoding"] = "base64";
    wanted.body = std::move(body);
    const auto answer = co_await api_.call(repository_, std::move(wanted));
    if (!answer)
        co_return answer.error();
    std::string sha = text_at(answer->body, "sha");
    if (sha.empty())
        co_return odd_answer(*answer, "the blob's name");
    co_return sha;
}

asio::awaitable<github_pull::text_result> github_pull::make_tree(std::string base_tree)
{
    json::array entries;
    for (const changed_file& file : wanted_.files) {
        const auto mode = co_await find_mode(base_tree, file);
        if (!mode)
            co_return mode.error();
        json::object entry;
        entry["path"] = file.path;
        entry["mode"] = *mode;
        entry["type"] = "blob";
        entry["sha"] = nullptr;  // Removed.
        if (file.content) {
            const auto blob = co_await make_blob(*file.content);
            if (!blob)
                co_return blob.error();
            entry["sha"] = *blob;
        }
        entries.push_back(std::move(entry));
    }
    api_request wanted = request("POST", "/git/trees", "Contents: read and write (Workflows, too, for CI files)");
    json::object body;
    body["base_tree"] = base_tree;
    body["tree"] = std::move(entries);
    wanted.body = std::move(body);
    const auto answer = co_await api_.call(repository_, std::move(wanted));
    if (!answer)
        co_return answer.error();
    std::string sha = text_at(answer->body, "sha");
    if (sha.empty())
        co_return odd_answer(*answer, "the tree's name");
    co_return sha;
}

asio::awaitable<github_pull::text_result> github_pull::make_commit(std::string tree, std::string parent)
{
    api_request wanted = request("POST", "/git/commits", contents);
    json::object body;
    body["message"] = commit_message(wanted_);
    body["tree"] = tree;
    body["parents"] = json::array{json::string(parent)};
    wanted.body = std::move(body);
    const auto answer = co_await api_.call(repository_, std::move(wanted));
    if (!answer)
        co_return answer.error();
    std::string sha = text_at(answer->body, "sha");
    if (sha.empty())
        co_return odd_answer(*answer, "the commit's name");
    co_return sha;
}

asio::awaitable<github_pull::void_result> github_pull::make_reference(std::string commit)
{
    api_request wanted =
        request("POST", "/git/refs", "Contents: read and write (Workflows, too, for CI files; no rule against it)");
    wanted.changes = true;
    wanted.expected = {conflict, unprocessable};
    json::object body;
    body["ref"] = "refs/heads/" + wanted_.head_branch;
    body["sha"] = commit;
    wanted.body = std::move(body);
    const auto answer = co_await api_.call(repository_, std::move(wanted));
    if (!answer)
        co_return answer.error();
    if (answer->status == 201)
        co_return void_result();
    // "Reference already exists": somebody was faster, most likely ourselves.
    const auto there = co_await find_branch();
    if (!there)
        co_return there.error();
    if (*there)
        co_return void_result();
    co_return refused_answer(*answer, "the branch cannot be made; is there a rule for branches of this name?");
}

// Blobs, trees and commits that no branch names are invisible and go by themselves: only the last step shows.
asio::awaitable<github_pull::void_result> github_pull::make_branch()
{
    const auto start = co_await find_commit_of(base_);
    if (!start)
        co_return start.error();
    const auto base_tree = co_await find_tree_of(*start);
    if (!base_tree)
        co_return base_tree.error();
    const auto tree = co_await make_tree(*base_tree);
    if (!tree)
        co_return tree.error();
    if (*tree == *base_tree)
        co_return refused("the change changes nothing: " + base_ + " of " + repository_ + " says the same already");
    const auto commit = co_await make_commit(*tree, *start);
    if (!commit)
        co_return commit.error();
    co_return co_await make_reference(*commit);
}

asio::awaitable<effect_result> github_pull::make_pull()
{
    api_request wanted = request("POST", "/pulls", pull_requests);
    wanted.changes = true;
    wanted.expected = {unprocessable};
    json::object body;
    body["title"] = quiet_line(wanted_.title, title_bytes_max);
    body["head"] = wanted_.head_branch;
    body["base"] = base_;
    body["body"] = markdown_body(wanted_);
    body["draft"] = true;
    wanted.body = std::move(body);
    const auto answer = co_await api_.call(repository_, std::move(wanted));
    if (!answer)
        co_return answer.error();
    if (answer->status == unprocessable) {
        // "A pull request already exists for owner:branch."
        auto there = co_await find_pull();
        if (!there)
            co_return there.error();
        if (*there)
            co_return std::move(**there);
        const bool no_drafts = words_of(answer->body).find("raft") != std::string::npos;
        co_return refused_answer(
            *answer, no_drafts ? "drafts are not to be had for private repositories of this plan: open it by hand"
                               : "the pull request is not accepted"
        );
    }
    published_effect made;
    made.url = link_at(answer->body, "html_url");
    if (made.url.empty())
        co_return odd_answer(*answer, "the pull request's address");
    co_return made;
}

asio::awaitable<effect_result> github_pull::publish()
{
    auto there = co_await find_pull();
    if (!there)
        co_return there.error();
    if (*there)
        co_return std::move(**there);
    auto base = co_await find_base();
    if (!base)
        co_return base.error();
    base_ = std::move(*base);
    const auto has_branch = co_await find_branch();
    if (!has_branch)
        co_return has_branch.error();
    if (!*has_branch) {
        const auto made = co_await make_branch();
        if (!made)
            co_return made.error();
    }
    co_return co_await make_pull();
}

}  // namespace reprise::forge
