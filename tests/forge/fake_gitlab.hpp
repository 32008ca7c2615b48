#pragma once

#include "fake_api.hpp"

#include <algorithm>

namespace reprise::forge::test {

// GitLab's REST API v4 for one project, acme/shop, as far as trackers use it.
class fake_gitlab : public fake_api {
public:
    struct commit {
        std::string message;
        std::map<std::string, std::string> files;
    };
    struct entry {
        std::int64_t iid = 0;
        std::string title;
        std::string description;
        std::string created_at;
        std::string source;  // Of merge requests.
        std::string target;
        std::string state = "opened";
        std::string labels;
    };
    struct note {
        std::int64_t id = 0;
        std::string on;
        std::string body;
    };

    fake_gitlab()
    {
        commits["c0"] = {
            "Begin", {{"src/users.ts", "export const a = 1;\n"}, {"src/old.ts", "old\n"}, {"bin/run", "x"}}};
        branches["main"] = "c0";
    }

    std::string token = "glpat-secret-of-the-test";
    std::map<std::string, commit> commits;
    std::map<std::string, std::string> branches;
    std::vector<entry> issues;
    std::vector<entry> merges;
    std::vector<note> notes;

protected:
    fake_answer handle(const fake_request& asked) override
    {
        if (asked.authorization != "Bearer " + token)
            return says(401, "401 Unauthorized");
        if (asked.path == "/api/v4/user")
            return fake_answer(200, json::object{{"username", "reprise-bot"}});
        const std::string root = "/api/v4/projects/acme%2Fshop";
        if (!asked.raw_path.starts_with(root))
            return says(404, "404 Project Not Found");
        const std::string below = asked.raw_path.substr(root.size());
        if (below.empty())
            return fake_answer(200, json::object{{"default_branch", "main"}});
        if (below.starts_with("/repository/"))
            return handle_repository(asked, below.substr(12));
        if (below == "/issues")
            return asked.method == "GET" ? list(issues, asked, "issues") : make(issues, asked, "issues");
        if (below == "/merge_requests")
            return asked.method == "GET" ? list_merges(asked) : make_merge(asked);
        return handle_notes(asked, below);
    }

private:
    static json::object show(const entry& one, std::string_view kind)
    {
        return {{"iid", one.iid},
                {"title", one.title},
                {"description", one.description},
                {"created_at", one.created_at},
                {"source_branch", one.source},
                {"state", one.state},
                {"web_url", "https://gitlab.com/acme/shop/-/" + std::string(kind) + "/" + std::to_string(one.iid)}};
    }

    static fake_answer list(const std::vector<entry>& all, const fake_request& asked, std::string_view kind)
    {
        const std::size_t size = std::stoul(asked.query.at("per_page"));
        const std::size_t page = asked.query.contains("page") ? std::stoul(asked.query.at("page")) : 1;
        json::array shown;
        for (std::size_t i = (page - 1) * size; i < std::min(all.size(), page * size); ++i)
            shown.push_back(show(all[all.size() - 1 - i], kind));
        return fake_answer(200, shown);
    }

    fake_answer list_merges(const fake_request& asked) const
    {
        json::array shown;
        for (const entry& one : merges) {
            if (one.source == asked.query.at("source_branch"))
                shown.push_back(show(one, "merge_requests"));
        }
        return fake_answer(200, shown);
    }

    static fake_answer make(std::vector<entry>& all, const fake_request& asked, std::string_view kind)
    {
        entry one;
        one.iid = static_cast<std::int64_t>(all.size()) + 1;
        one.title = asked.text("title");
        one.description = asked.text("description");
        one.created_at = "2025-11-26T00:00:00.000Z";
        one.source = asked.text("source_branch");
        one.target = asked.text("target_branch");
        one.labels = asked.text("labels");
        all.push_back(one);
        return fake_answer(201, show(one, kind));
    }

    fake_answer make_merge(const fake_request& asked)
    {
        const std::string source = asked.text("source_branch");
        const auto same = std::find_if(merges.begin(), merges.end(), [&source](const entry& one) {
            return one.source == source && one.state == "opened";
        });
        if (same != merges.end())
            return fake_answer(
                409, json::object{{"message", json::array{"Another open merge request already exists for this source "
                                                          "branch: !" + std::to_string(same->iid)}}}
            );
        if (!branches.contains(source))
            return fake_answer(400, json::object{{"message", json::array{"Source branch \"x\" does not exist"}}});
        return make(merges, asked, "merge_requests");
    }

    fake_answer handle_repository(const fake_request& asked, const std::string& what)
    {
        if (what.starts_with("branches/")) {
            const auto found = branches.find(net::percent_decode(what.substr(9), false).value());
            if (found == branches.end())
                return says(404, "404 Branch Not Found");
            const std::string& message = commits.at(found->second).message;
            return fake_answer(
                200, json::object{{"name", found->first},
                                  {"commit", json::object{{"id", found->second}, {"message", message}}}}
            );
        }
        if (what.starts_with("files/")) {
            const std::string file = net::percent_decode(what.substr(6), false).value();
            return fake_answer(commits.at(asked.query.at("ref")).files.contains(file) ? 200 : 404, nullptr);
        }
        return make_commit(asked);
    }

    fake_answer make_commit(const fake_request& asked)
    {
        const std::string branch = asked.text("branch");
        if (branches.contains(branch))
            return says(400, "A branch called '" + branch + "' already exists. Switch to that branch in order to");
        commit made = commits.at(asked.text("start_sha"));
        made.message = asked.text("commit_message");
        for (const json::value& one : asked.body.at("actions").as_array()) {
            const std::string file(one.at("file_path").as_string());
            const json::string& action = one.at("action").as_string();
            const bool is_there = made.files.contains(file);
            if (action == "create" && is_there)
                return says(400, "A file with this name already exists");
            if (action != "create" && !is_there)
                return says(400, "A file with this name doesn't exist");
            if (action == "delete")
                made.files.erase(file);
            else
                made.files[file] = from_base64(std::string(one.at("content").as_string()));
        }
        const std::string id = "c" + std::to_string(commits.size());
        commits[id] = made;
        branches[branch] = id;
        return fake_answer(201, json::object{{"id", id}});
    }

    fake_answer handle_notes(const fake_request& asked, const std::string& below)
    {
        if (!below.ends_with("/notes"))
            return says(404, "404 Not Found");
        if (asked.method == "POST") {
            notes.push_back({static_cast<std::int64_t>(notes.size()) + 100, below, asked.text("body")});
            return fake_answer(201, json::object{{"id", notes.back().id}});
        }
        json::array shown;
        for (const note& one : notes) {
            if (one.on == below)
                shown.push_back(json::object{
                    {"id", one.id}, {"body", one.body}, {"created_at", "2025-11-26T00:00:00.000Z"}});
        }
        return fake_answer(200, shown);
    }
};

}  // namespace reprise::forge::test
