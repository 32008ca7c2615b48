#pragma once

#include "fake_api.hpp"

#include "reprise/base/time_text.hpp"

#include <algorithm>
#include <set>

namespace reprise::forge::test {

// GitHub's REST API of 2022-11-28 for one repository, acme/shop, as far as trackers use it.
class fake_github : public fake_api {
public:
    static constexpr bool has_secondary_limits = true;

    struct commit {
        std::string tree;
        std::string message;
        std::string parent;
    };
    struct tree_entry {
        std::string mode;
        std::string type;
        std::string sha;
    };
    struct issue {
        std::int64_t number = 0;
        std::string title;
        std::string body;
        std::string created_at;
        bool is_pull = false;
        std::string head;  // Of pull requests.
        std::string base;
        bool draft = false;
        std::string state = "open";
        std::vector<std::string> labels;
    };
    struct comment {
        std::int64_t id = 0;
        std::int64_t issue = 0;
        std::string body;
    };
    using tree = std::map<std::string, tree_entry>;

    fake_github()
    {
        tree src;
        src["users.ts"] = {"100644", "blob", put_blob("export const a = 1;\n")};
        src["old.ts"] = {"100644", "blob", put_blob("old\n")};
        tree bin;
        bin["run"] = {"100755", "blob", put_blob("#!/bin/sh\n")};
        tree root;
        root["src"] = {"040000", "tree", put_tree(src)};
        root["bin"] = {"040000", "tree", put_tree(bin)};
        root["link"] = {"120000", "blob", put_blob("/etc")};
        refs["main"] = put_commit(put_tree(root), "Begin", "");
    }

    std::string put_blob(const std::string& content)
    {
        const std::string sha = name_of("blob " + content);
        blobs[sha] = content;
        return sha;
    }
    std::string put_tree(const tree& entries)
    {
        std::string text = "tree";
        for (const auto& [name, entry] : entries)
            text += name + entry.mode + entry.sha;
        const std::string sha = name_of(text);
        trees[sha] = entries;
        return sha;
    }
    std::string put_commit(const std::string& of, const std::string& message, const std::string& parent)
    {
        const std::string sha = name_of("commit" + of + message + parent + std::to_string(commits.size()));
        commits[sha] = {of, message, parent};
        return sha;
    }

    // The file at the end of a branch; empty when it is not there.
    std::optional<std::string> find_file(
        const std::string& branch, const std::string& path, std::string* mode = nullptr
    )
    {
        std::string sha = commits.at(refs.at(branch)).tree;
        std::string_view rest = path;
        for (;;) {
            const auto slash = rest.find('/');
            const auto& entries = trees.at(sha);
            const auto found = entries.find(std::string(rest.substr(0, slash)));
            if (found == entries.end())
                return std::nullopt;
            if (slash == std::string_view::npos) {
                if (mode != nullptr)
                    *mode = found->second.mode;
                return blobs.at(found->second.sha);
            }
            sha = found->second.sha;
            rest = rest.substr(slash + 1);
        }
    }

    std::size_t count_issues() const { return count(false); }
    std::size_t count_pulls() const { return count(true); }

    std::string token = "ghp_secret_of_the_test";
    bool is_empty = false;       // A repository without a commit.
    bool takes_drafts = true;
    bool can_push = true;        // Else labels are dropped.
    std::map<std::string, std::string> blobs;
    std::map<std::string, tree> trees;
    std::map<std::string, commit> commits;
    std::map<std::string, std::string> refs;
    std::vector<issue> issues;
    std::vector<comment> comments;

protected:
    fake_answer handle(const fake_request& asked) override
    {
        if (asked.authorization != "Bearer " + token)
            return says(401, "Bad credentials");
        if (asked.path == "/user")
            return fake_answer(200, json::object{{"login", "reprise-bot"}});
        return handle_repository(asked);
    }

    fake_answer handle_repository(const fake_request& asked)
    {
        const std::string root = "/repos/acme/shop";
        if (!asked.path.starts_with(root))
            return says(404, "Not Found");
        const std::string below = asked.path.substr(root.size());
        if (below.empty())
            return fake_answer(200, json::object{{"full_name", "acme/shop"}, {"default_branch", "main"}});
        if (below.starts_with("/git/"))
            return handle_git(asked, below.substr(5));
        if (below == "/pulls")
            return asked.method == "GET" ? list_pulls(asked) : make_pull(asked);
        if (below == "/issues")
            return asked.method == "GET" ? list_issues(asked) : make_issue(asked);
        return handle_comments(asked, below);
    }

private:
    static std::string name_of(const std::string& text) { return sha256_hex(text).substr(0, 40); }

    std::size_t count(bool pulls) const
    {
        return static_cast<std::size_t>(std::count_if(issues.begin(), issues.end(), [pulls](const issue& one) {
            return one.is_pull == pulls && one.title.find("somebody") == std::string::npos;
        }));
    }

    static json::value at(const json::value& body, std::string_view name)
    {
        const json::value* found = body.as_object().if_contains(name);
        return found != nullptr ? *found : json::value();
    }

    fake_answer handle_git(const fake_request& asked, const std::string& what)
    {
        if (is_empty)
            return says(409, "Git Repository is empty.");
        if (what.starts_with("ref/heads/")) {
            const auto found = refs.find(what.substr(10));
            if (found == refs.end())
                return says(404, "Not Found");
            return fake_answer(200, json::object{{"ref", "refs/heads/" + found->first},
                                                 {"object", json::object{{"type", "commit"}, {"sha", found->second}}}});
        }
        if (asked.method == "GET" && what.starts_with("commits/"))
            return read_commit(what.substr(8));
        if (asked.method == "GET" && what.starts_with("trees/"))
            return read_tree(what.substr(6));
        if (what == "blobs")
            return fake_answer(201, json::object{{"sha", put_blob(from_base64(asked.text("content")))}});
        if (what == "trees")
            return make_tree(asked);
        if (what == "commits") {
            const std::string parent(asked.body.at("parents").as_array().at(0).as_string());
            const std::string sha = put_commit(asked.text("tree"), asked.text("message"), parent);
            return fake_answer(201, json::object{{"sha", sha}});
        }
        return make_reference(asked);
    }

    fake_answer read_commit(const std::string& sha)
    {
        const auto found = commits.find(sha);
        if (found == commits.end())
            return says(404, "Not Found");
        return fake_answer(200, json::object{{"sha", sha},
                                             {"message", found->second.message},
                                             {"tree", json::object{{"sha", found->second.tree}}}});
    }

    fake_answer read_tree(const std::string& sha)
    {
        const auto found = trees.find(sha);
        if (found == trees.end())
            return says(404, "Not Found");
        json::array entries;
        for (const auto& [name, entry] : found->second)
            entries.push_back(json::object{
                {"path", name}, {"mode", entry.mode}, {"type", entry.type}, {"sha", entry.sha}});
        return fake_answer(200, json::object{{"sha", sha}, {"tree", entries}, {"truncated", false}});
    }

    std::string with(const std::string& base, std::string_view path, const tree_entry& entry)
    {
        tree entries = base.empty() ? tree() : trees.at(base);
        const auto slash = path.find('/');
        const std::string name(path.substr(0, slash));
        if (slash == std::string_view::npos) {
            entries.erase(name);
            if (!entry.sha.empty())
                entries[name] = entry;
        } else {
            const std::string inner = entries.contains(name) ? entries.at(name).sha : std::string();
            entries[name] = {"040000", "tree", with(inner, path.substr(slash + 1), entry)};
        }
        return put_tree(entries);
    }

    fake_answer make_tree(const fake_request& asked)
    {
        std::string sha = asked.text("base_tree");
        for (const json::value& one : asked.body.at("tree").as_array()) {
            const json::value& named = one.at("sha");
            const std::string blob = named.is_string() ? std::string(named.get_string()) : std::string();
            sha = with(sha, std::string(one.at("path").as_string()),
                       {std::string(one.at("mode").as_string()), "blob", blob});
        }
        return fake_answer(201, json::object{{"sha", sha}});
    }

    fake_answer make_reference(const fake_request& asked)
    {
        const std::string name = asked.text("ref").substr(std::string("refs/heads/").size());
        if (refs.contains(name))
            return says(422, "Reference already exists");
        refs[name] = asked.text("sha");
        return fake_answer(201, json::object{{"ref", asked.text("ref")}});
    }

    std::string link_of(const issue& one) const
    {
        return "https://github.com/acme/shop/" + std::string(one.is_pull ? "pull/" : "issues/") +
               std::to_string(one.number);
    }

    json::object show(const issue& one) const
    {
        json::object shown{{"number", one.number}, {"title", one.title},           {"body", one.body},
                           {"state", one.state},   {"created_at", one.created_at}, {"html_url", link_of(one)}};
        if (one.is_pull)
            shown["head"] = json::object{{"ref", one.head}};
        return shown;
    }

    template <class Entry>
    static std::vector<Entry> page_of(const std::vector<Entry>& all, const fake_request& asked)
    {
        const std::size_t size = std::stoul(asked.query.at("per_page"));
        const std::size_t page = asked.query.contains("page") ? std::stoul(asked.query.at("page")) : 1;
        const std::size_t from = std::min(all.size(), (page - 1) * size);
        return {all.begin() + static_cast<std::ptrdiff_t>(from),
                all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), from + size))};
    }

    fake_answer list_issues(const fake_request& asked) const
    {
        std::vector<issue> newest(issues.rbegin(), issues.rend());
        const auto since = asked.query.find("since");
        if (since != asked.query.end())
            std::erase_if(newest, [&](const issue& one) { return one.created_at < since->second; });
        json::array shown;
        for (const issue& one : page_of(newest, asked)) {
            json::object entry = show(one);
            if (one.is_pull)
                entry["pull_request"] = json::object{{"url", "https://api.github.com/x"}};
            shown.push_back(std::move(entry));
        }
        return fake_answer(200, shown);
    }

    fake_answer make_issue(const fake_request& asked)
    {
        issue made;
        made.number = static_cast<std::int64_t>(issues.size()) + 1;
        made.title = asked.text("title");
        made.body = asked.text("body");
        made.created_at = "2025-11-26T00:00:00Z";
        if (const json::value labels = at(asked.body, "labels"); can_push && labels.is_array()) {
            for (const json::value& one : labels.get_array())
                made.labels.emplace_back(one.as_string());
        }
        issues.push_back(made);
        return fake_answer(201, show(made));
    }

    fake_answer list_pulls(const fake_request& asked) const
    {
        json::array shown;
        for (const issue& one : issues) {
            if (one.is_pull && asked.query.at("head") == "acme:" + one.head)
                shown.push_back(show(one));
        }
        return fake_answer(200, shown);
    }

    static fake_answer invalid(json::object error)
    {
        error["resource"] = "PullRequest";
        return fake_answer(422, json::object{{"message", "Validation Failed"}, {"errors", json::array{error}}});
    }

    fake_answer make_pull(const fake_request& asked)
    {
        const std::string head = asked.text("head");
        if (!refs.contains(head))
            return invalid({{"field", "head"}, {"code", "invalid"}});
        const bool is_there = std::any_of(issues.begin(), issues.end(), [&head](const issue& one) {
            return one.is_pull && one.head == head && one.state == "open";
        });
        if (is_there)
            return invalid({{"code", "custom"}, {"message", "A pull request already exists for acme:" + head + "."}});
        const bool draft = at(asked.body, "draft").is_bool() && at(asked.body, "draft").get_bool();
        if (draft && !takes_drafts)
            return says(422, "Draft pull requests are not supported in this repository.");
        issue made;
        made.number = static_cast<std::int64_t>(issues.size()) + 1;
        made.is_pull = true;
        made.title = asked.text("title");
        made.body = asked.text("body");
        made.head = head;
        made.base = asked.text("base");
        made.draft = draft;
        made.created_at = "2025-11-26T00:00:00Z";
        issues.push_back(made);
        return fake_answer(201, show(made));
    }

    fake_answer handle_comments(const fake_request& asked, const std::string& below)
    {
        const std::int64_t number = std::atoll(below.substr(std::string("/issues/").size()).c_str());
        const bool known = std::any_of(issues.begin(), issues.end(), [number](const issue& one) {
            return one.number == number;
        });
        if (!known || !below.ends_with("/comments"))
            return says(404, "Not Found");
        const std::string link = "https://github.com/acme/shop/issues/" + std::to_string(number) + "#issuecomment-";
        if (asked.method == "POST") {
            comments.push_back({static_cast<std::int64_t>(comments.size()) + 1, number, asked.text("body")});
            return fake_answer(201, json::object{{"id", comments.back().id},
                                                 {"html_url", link + std::to_string(comments.back().id)}});
        }
        json::array shown;
        for (const comment& one : page_of(comments, asked))
            shown.push_back(json::object{
                {"id", one.id}, {"body", one.body}, {"html_url", link + std::to_string(one.id)}});
        return fake_answer(200, shown);
    }
};

}  // namespace reprise::forge::test
