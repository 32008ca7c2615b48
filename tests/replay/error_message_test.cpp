#include "../../server/replay/error_message.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::replay {
namespace {

struct body_case {
    std::string name;
    std::string type;
    std::string body;
    std::string message;
};

class error_body : public testing::TestWithParam<body_case> {};

TEST_P(error_body, says_what_went_wrong)
{
    EXPECT_EQ(find_error_message({{"Content-Type", GetParam().type}}, GetParam().body), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    cases, error_body,
    testing::Values(
        body_case{"a_message", "application/json", R"({"message":"no such row 4711"})", "no such row {id}"},
        body_case{"a_text_as_error", "application/json", R"({"error":"boom"})", "boom"},
        body_case{"a_type_before_it", "application/json", R"({"type":"TypeError","message":"x is null"})",
                  "TypeError: x is null"},
        body_case{"a_code_before_it", "application/json", R"({"error":{"code":17,"message":"deadlock"}})",
                  "17: deadlock"},
        body_case{"oauth", "application/json", R"({"error":"invalid_grant","error_description":"expired"})",
                  "invalid_grant: expired"},
        body_case{"a_problem", "application/problem+json", R"({"type":"about:blank","title":"Gone","detail":"moved"})",
                  "about:blank: moved"},
        body_case{"a_list", "application/json", R"({"errors":[{"message":"first"},{"message":"second"}]})", "first"},
        body_case{"no_words", "application/json", R"({"ok":false,"id":7})", ""},
        body_case{"cut_off", "application/json", R"({"message":"half)", ""},
        body_case{"nested_too_deep", "application/json", R"({"error":{"error":{"error":{"error":{"message":"x"}}}}})",
                  ""},
        body_case{"a_line", "text/plain", "\nTypeError: x\n    at f (a.js:1)\n", "TypeError: x"},
        body_case{"a_line_without_a_type", "", "upstream answered 502", "upstream answered 502"},
        body_case{"a_traceback", "text/plain",
                  "Traceback (most recent call last):\n  File \"a.py\"\nKeyError: 'sku'\n", "KeyError: 'sku'"},
        body_case{"a_page_with_the_error", "text/html",
                  "<html><title>Error</title><pre>TypeError: x<br> at f</pre></html>", "TypeError: x"},
        body_case{"a_page_with_a_title", "text/html", "<html><title>500 Internal Server Error</title></html>",
                  "500 Internal Server Error"},
        body_case{"bytes", "application/octet-stream", "abc", ""}, body_case{"digits_only", "text/plain", "500", ""},
        body_case{"nothing", "text/plain", " \n", ""},
        body_case{"a_redacted_part", "application/json", R"({"message":"no user <email:9f86d081....> here"})",
                  "no user \x01 here"},
        body_case{"nothing_but_a_redacted_part", "application/json", R"({"message":"<email:9f86d081....>"})", ""},
        body_case{"a_mark_of_its_own", "application/json", R"({"message":"a\u0001b"})", "a b"},
        body_case{"too_large", "text/plain", "x" + std::string(error_body_bytes_max, 'y'), ""}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(same_error, is_the_same_text)
{
    EXPECT_TRUE(is_same_error("boom", "boom"));
    EXPECT_FALSE(is_same_error("boom", "boom!"));
    EXPECT_FALSE(is_same_error("upstream answered 502", "upstream answered 504"));
    EXPECT_FALSE(is_same_error("boom", ""));
}

TEST(same_error, has_any_text_where_the_captured_one_was_redacted)
{
    EXPECT_TRUE(is_same_error("no user \x01 here", "no user {email} here"));
    EXPECT_FALSE(is_same_error("no user \x01 here", "no user {email} there"));
    EXPECT_FALSE(is_same_error("no user \x01 here", "a user {email} here"));
    EXPECT_TRUE(is_same_error("\x01 of \x01", "bob of {ip}"));
    EXPECT_FALSE(is_same_error("a\x01" "b\x01" "b", "ab"));
    EXPECT_TRUE(is_same_error("a\x01", "a"));
}

}  // namespace
}  // namespace reprise::replay
