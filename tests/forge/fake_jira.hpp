#pragma once

#include "fake_api.hpp"

#include <algorithm>

namespace reprise::forge::test {

// Jira's REST API for one project, OPS: v3 of Cloud, whose index may lag behind, and v2 of Data Center.
class fake_jira : public fake_api {
public:
    struct issue {
        std::string key;
        std::string summary;
        json::value description;
        std::vector<std::string> labels;
        std::string type;
    };
    struct comment {
        std::int64_t id = 0;
        std::string on;
        json::value body;
    };

    std::string authorization = "Basic " + to_base64("bot@acme.test:secret-of-the-test");
    bool is_cloud = true;
    std::size_t not_indexed = 0;  // How many of the newest the index does not know yet.
    bool has_labels = true;       // On the create screen.
    std::vector<issue> issues;
    std::vector<comment> comments;

protected:
    fake_answer handle(const fake_request& asked) override
    {
        const std::string root = is_cloud ? "/rest/api/3" : "/rest/api/2";
        if (asked.authorization != authorization)
            return says(401, "Client must be authenticated to access this resource.");
        if (!asked.path.starts_with(root))
            return says(404, "Not Found");
        const std::string below = asked.path.substr(root.size());
        if (below == "/myself")
            return fake_answer(200, json::object{{"displayName", "Reprise Bot"}});
        if (below == (is_cloud ? "/search/jql" : "/search"))
            return search(asked.text("jql"));
        if (below == "/issue/bulkfetch" && is_cloud)
            return fetch(asked.body.at("issueIdsOrKeys").as_array());
        if (below == "/issue")
            return make(asked);
        return handle_comments(asked, below);
    }

private:
    static json::object show(const issue& one)
    {
        json::array labels;
        for (const std::string& label : one.labels)
            labels.emplace_back(label);
        return {{"id", "1" + one.key.substr(4)},
                {"key", one.key},
                {"fields", json::object{{"labels", labels}, {"description", one.description}}}};
    }

    fake_answer search(const std::string& jql) const
    {
        json::array shown;
        const std::size_t indexed = issues.size() - std::min(issues.size(), not_indexed);
        const auto label_at = jql.find("labels = \"");
        for (std::size_t i = indexed; i-- > 0;) {
            const issue& one = issues[i];
            const std::string label = label_at == std::string::npos ? std::string() : jql.substr(label_at + 10);
            const bool fits = label.empty() || std::any_of(one.labels.begin(), one.labels.end(), [&](const auto& had) {
                return label == had + "\"";
            });
            if (fits && shown.size() < 10)
                shown.push_back(show(one));
        }
        return fake_answer(200, json::object{{"issues", shown}, {"isLast", true}});
    }

    fake_answer fetch(const json::array& keys) const
    {
        if (keys.size() > 100)
            return fake_answer(400, json::object{{"errorMessages", json::array{"too many"}}});
        json::array shown;
        for (const json::value& key : keys) {
            for (const issue& one : issues) {
                if (key.as_string() == one.key)
                    shown.push_back(show(one));
            }
        }
        return fake_answer(200, json::object{{"issues", shown}, {"issueErrors", json::array()}});
    }

    fake_answer make(const fake_request& asked)
    {
        const json::object& fields = asked.body.at("fields").as_object();
        if (!has_labels)
            return fake_answer(
                400, json::object{{"errorMessages", json::array()},
                                  {"errors", json::object{{"labels", "Field 'labels' cannot be set. It is not on the "
                                                                     "appropriate screen, or unknown."}}}}
            );
        if (fields.at("project").at("key").as_string() != "OPS")
            return fake_answer(400, json::object{{"errors", json::object{{"project", "valid project is required"}}}});
        issue one;
        one.key = "OPS-" + std::to_string(issues.size() + 1);
        one.summary = std::string(fields.at("summary").as_string());
        one.description = fields.at("description");
        one.type = std::string(fields.at("issuetype").at("name").as_string());
        for (const json::value& label : fields.at("labels").as_array())
            one.labels.emplace_back(label.as_string());
        issues.push_back(one);
        return fake_answer(201, json::object{{"id", "1"}, {"key", one.key}, {"self", "x"}});
    }

    fake_answer handle_comments(const fake_request& asked, const std::string& below)
    {
        if (!below.ends_with("/comment"))
            return says(404, "Not Found");
        if (asked.method == "POST") {
            comments.push_back({static_cast<std::int64_t>(comments.size()) + 10, below, asked.body.at("body")});
            return fake_answer(201, json::object{{"id", std::to_string(comments.back().id)}});
        }
        json::array shown;
        for (const comment& one : comments)
            shown.push_back(json::object{{"id", std::to_string(one.id)}, {"body", one.body}});
        return fake_answer(200, json::object{{"comments", shown}, {"total", comments.size()}});
    }
};

}  // namespace reprise::forge::test
