#include "reprise/net/router.hpp"

#include <gtest/gtest.h>

namespace reprise::net {
namespace {

boost::asio::awaitable<response> answer(request&)
{
    co_return response();
}

request ask(method verb, std::string path)
{
    request req;
    req.method = verb;
    req.path = std::move(path);
    return req;
}

struct match_case {
    std::string name;
    method verb;
    std::string path;
    std::string pattern;  // Empty: nothing matches.
    int status = 0;       // Then this.
};

class router_table : public testing::TestWithParam<match_case> {
protected:
    router routes;

    void SetUp() override
    {
        routes.add(method::get, "/", answer);
        routes.add(method::get, "/runs", answer);
        routes.add(method::get, "/runs/{id}", answer);
        routes.add(method::get, "/runs/newest", answer);
        routes.add(method::post, "/runs/{id}/cancel", answer);
        routes.add(method::put, "/services/{name}", answer);
    }
};

TEST_P(router_table, finds)
{
    const auto& c = GetParam();
    request req = ask(c.verb, c.path);

    const auto match = routes.find(req);

    EXPECT_EQ(match.found ? match.found->pattern : std::string(), c.pattern);
    if (!match.found) {
        EXPECT_EQ(match.status, c.status);
    }
}

INSTANTIATE_TEST_SUITE_P(
    cases,
    router_table,
    testing::Values(
        match_case{"root", method::get, "/", "/"},
        match_case{"literal", method::get, "/runs", "/runs"},
        match_case{"parameter", method::get, "/runs/01J", "/runs/{id}"},
        match_case{"a_literal_wins", method::get, "/runs/newest", "/runs/newest"},
        match_case{"head_is_get", method::head, "/runs", "/runs"},
        match_case{"deeper", method::post, "/runs/01J/cancel", "/runs/{id}/cancel"},
        match_case{"empty_parameter", method::get, "/runs/", "", 404},
        match_case{"trailing_slash", method::post, "/runs/01J/cancel/", "", 404},
        match_case{"double_slash", method::get, "//runs", "", 404},
        match_case{"prefix", method::get, "/run", "", 404},
        match_case{"other_method", method::get, "/runs/01J/cancel", "", 405},
        match_case{"options", method::options, "/runs", "", 204},
        match_case{"nul_in_path", method::get, "/runs/%00", "", 400},
        match_case{"cut_escape", method::get, "/runs/%4", "", 400}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(router, decodes_parameters_after_splitting)
{
    router routes;
    routes.add(method::put, "/services/{name}", answer);
    request req = ask(method::put, "/services/a%2Fb%20c+d");

    ASSERT_NE(routes.find(req).found, nullptr);
    EXPECT_EQ(req.param("name"), "a/b c+d");
    EXPECT_EQ(req.param("other"), "");
    EXPECT_EQ(req.route, "/services/{name}");
}

TEST(router, the_fallback_takes_get_and_head_of_unknown_paths_only)
{
    router routes;
    routes.add(method::post, "/x", answer);
    routes.set_fallback(answer);
    request get = ask(method::get, "/incidents/7");
    request post = ask(method::post, "/incidents/7");
    request known = ask(method::get, "/x");

    EXPECT_NE(routes.find(get).found, nullptr);
    EXPECT_EQ(routes.find(post).found, nullptr);
    EXPECT_EQ(routes.find(known).status, 405);
}

}  // namespace
}  // namespace reprise::net
