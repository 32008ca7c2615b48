#include "reprise/net/message.hpp"

#include "../../server/net/answer_text.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace reprise::net {
namespace {

TEST(message, methods_have_texts_both_ways)
{
    for (int i = 0; i <= static_cast<int>(method::options); ++i) {
        const auto each = static_cast<method>(i);
        EXPECT_EQ(find_method(to_text(each)), each);
    }
    EXPECT_EQ(find_method("get"), std::nullopt);
    EXPECT_EQ(find_method(""), std::nullopt);
}

TEST(message, a_body_is_seen_whoever_owns_it)
{
    EXPECT_EQ(view(body_bytes(std::string("own"))), "own");
    EXPECT_EQ(view(body_bytes(std::string_view("fixed"))), "fixed");
    EXPECT_EQ(view(body_bytes(std::make_shared<const std::string>("shared"))), "shared");
    EXPECT_EQ(view(body_bytes(std::shared_ptr<const std::string>())), "");
}

TEST(message, setting_a_header_replaces_it_whatever_its_case)
{
    response reply;
    reply.headers = {{"etag", "1"}, {"ETag", "2"}, {"X-Other", "3"}};

    reply.set_header("ETag", "4");

    ASSERT_EQ(reply.headers.size(), 2U);
    EXPECT_EQ(reply.header("etag"), "4");
}

TEST(message, a_problem_is_json_with_a_stable_code)
{
    request req;
    req.id = "01J";
    const response reply = problem(req, 412, "stale", "It said \"7\".");

    const auto body = boost::json::parse(view(reply.body));
    EXPECT_EQ(body.at("code").as_string(), "stale");
    EXPECT_EQ(body.at("status").as_int64(), 412);
    EXPECT_EQ(body.at("title").as_string(), "Precondition Failed");
    EXPECT_EQ(body.at("detail").as_string(), "It said \"7\".");
    EXPECT_EQ(body.at("request_id").as_string(), "01J");
}

TEST(message, header_values_cannot_end_their_line)
{
    response reply(200, "text/plain", std::string("x"));
    reply.set_header("Content-Disposition", "a\r\nSet-Cookie: evil=1\x7F");

    const std::string head = answer_head(reply, "id", {});

    EXPECT_EQ(head.find("\r\nSet-Cookie"), std::string::npos);
    EXPECT_NE(head.find("Content-Disposition: a__Set-Cookie: evil=1_\r\n"), std::string::npos);
}

TEST(message, the_date_is_an_http_date)
{
    answer_frame frame;
    frame.now_ns = 784'111'777LL * 1'000'000'000;

    EXPECT_NE(answer_head(response(), "id", frame).find("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), std::string::npos);
}

TEST(message, defaults_do_not_override_what_the_handler_said)
{
    const header_list defaults = {{"Cache-Control", "no-store"}, {"X-Frame-Options", "DENY"}};
    response reply;
    reply.set_header("cache-control", "immutable");
    answer_frame frame;
    frame.defaults = &defaults;

    const std::string head = answer_head(reply, "id", frame);

    EXPECT_EQ(head.find("no-store"), std::string::npos);
    EXPECT_NE(head.find("X-Frame-Options: DENY"), std::string::npos);
}

}  // namespace
}  // namespace reprise::net
