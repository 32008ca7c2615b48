#pragma once

#include "fake_api.hpp"

#include <algorithm>

namespace reprise::forge::test {

// Linear's GraphQL API for one team, ENG, as far as trackers use it: it knows queries by their fields, not by parsing.
class fake_linear : public fake_api {
public:
    struct entry {
        std::string id;
        std::string title;
        std::string text;
        std::string on;  // Of comments.
    };

    std::string token = "lin_api_secret_of_the_test";
    std::vector<entry> issues;
    std::vector<entry> comments;

protected:
    fake_answer handle(const fake_request& asked) override
    {
        if (asked.path != "/graphql" || asked.method != "POST")
            return says(404, "Not Found");
        if (asked.authorization != token)
            return error("Authentication required, not authenticated", "AUTHENTICATION_ERROR", 401);
        const std::string query = asked.text("query");
        const json::value& variables = asked.body.at("variables");
        const auto has = [&query](std::string_view part) { return query.find(part) != std::string::npos; };
        if (has("viewer"))
            return data({{"viewer", json::object{{"id", "u1"}, {"name", "Reprise"}}}});
        if (has("issueCreate"))
            return create(issues, variables.at("input"), "description", "issueCreate", "issue");
        if (has("commentCreate"))
            return create(comments, variables.at("input"), "body", "commentCreate", "comment");
        if (has("comments("))
            return look_comment(variables);
        return look_issue(variables);
    }

    static fake_answer error(std::string_view message, std::string_view code, int status)
    {
        json::object one{{"message", message}, {"extensions", json::object{{"code", code}}}};
        return fake_answer(status, json::object{{"errors", json::array{one}}});
    }

private:
    static fake_answer data(json::object what) { return fake_answer(200, json::object{{"data", std::move(what)}}); }

    static json::object nodes(json::array list) { return json::object{{"nodes", std::move(list)}}; }

    static json::array found(
        const std::vector<entry>& all, const json::value& id, std::string_view text, const char* kind
    )
    {
        json::array list;
        for (const entry& one : all) {
            if (id.as_string() == one.id)
                list.push_back(json::object{{"id", one.id}, {"url", link(kind, one.id)}, {text, one.text}});
        }
        return list;
    }

    static std::string link(const std::string& kind, const std::string& id)
    {
        return "https://linear.app/acme/issue/ENG-1/" + kind + "#" + id;
    }

    fake_answer look_issue(const json::value& variables) const
    {
        json::array teams;
        if (variables.at("team").as_string() == "ENG")
            teams.push_back(json::object{{"id", "team-1"}, {"key", "ENG"}});
        return data({{"issues", nodes(found(issues, variables.at("id"), "description", "issue"))},
                     {"teams", nodes(std::move(teams))}});
    }

    fake_answer look_comment(const json::value& variables) const
    {
        if (variables.at("issue").as_string() != "ENG-1")
            return error("Entity not found: Issue", "INPUT_ERROR", 400);
        return data({{"comments", nodes(found(comments, variables.at("id"), "body", "comment"))},
                     {"issue", json::object{{"id", "i-1"}, {"url", "https://linear.app/acme/issue/ENG-1"}}}});
    }

    static fake_answer create(
        std::vector<entry>& all, const json::value& input, const char* text, const char* name, const char* kind
    )
    {
        entry made;
        made.id = std::string(input.at("id").as_string());
        made.text = std::string(input.at(text).as_string());
        if (const json::value* title = input.as_object().if_contains("title"))
            made.title = std::string(title->as_string());
        if (const json::value* on = input.as_object().if_contains("issueId"))
            made.on = std::string(on->as_string());
        const bool taken = std::any_of(all.begin(), all.end(), [&made](const entry& one) { return one.id == made.id; });
        if (taken)
            return error("conflict on insert of Issue: id already exists", "INVALID_INPUT", 400);
        all.push_back(made);
        json::object payload{{"success", true}, {kind, json::object{{"id", made.id}, {"url", link(kind, made.id)}}}};
        return data({{name, std::move(payload)}});
    }
};

}  // namespace reprise::forge::test
