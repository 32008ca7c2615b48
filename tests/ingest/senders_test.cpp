#include "reprise/ingest/senders.hpp"

#include <gtest/gtest.h>

namespace reprise::ingest {
namespace {

TEST(senders, a_list_holds_named_and_bare_tokens_comments_and_empty_lines)
{
    const auto list = token_list::parse(
        "# senders\n\nci: 0123456789abcdef\r\n  fedcba9876543210\nteam:with:colons:0123\n"
    );
    ASSERT_TRUE(list) << list.error().text;
    EXPECT_TRUE(list->admits("Bearer 0123456789abcdef"));
    EXPECT_TRUE(list->admits("BEARER fedcba9876543210"));
    EXPECT_TRUE(list->admits("Bearer with:colons:0123"));
    EXPECT_FALSE(list->admits("Bearer # senders"));
    EXPECT_FALSE(list->admits("Bearer 0123456789abcde"));
    EXPECT_FALSE(list->admits("Bearer " + std::string(2000, 'x')));
    EXPECT_FALSE(list->admits(""));
}

TEST(senders, a_bad_list_is_refused_with_line_and_reason)
{
    const auto reason = [](const std::string& text) {
        const auto list = token_list::parse(text);
        return list ? std::string() : list.error().text;
    };
    EXPECT_EQ(reason(""), "it holds no token; nobody could send");
    EXPECT_EQ(reason("# only words\n"), "it holds no token; nobody could send");
    EXPECT_TRUE(reason("ci:0123456789abcdef\nshort\n").starts_with("line 2: a token has 16 to 512 characters"));
    EXPECT_TRUE(reason("ci:0123 456789abcdef\n").starts_with("line 1: a token holds no blanks"));
    EXPECT_TRUE(reason("ci:0123456789abcd\xc3\xa9\n").starts_with("line 1: a token holds no blanks"));
    std::string many;
    for (int i = 0; i <= 1000; ++i)
        many += "0123456789abcdef" + std::to_string(i) + "\n";
    EXPECT_EQ(reason(many), "line 1001: there are more than 1000 tokens");
}

TEST(senders, without_a_list_everybody_may_send_and_nobody_is_counted)
{
    metrics counts;
    const sender_check open(counts);
    EXPECT_TRUE(open.admits(""));
    EXPECT_TRUE(open.admits("Basic whatever"));
    EXPECT_TRUE(open.open());

    const sender_check closed(counts, token_list::parse("0123456789abcdef").value());
    EXPECT_FALSE(closed.admits(""));
    EXPECT_FALSE(closed.open());
    EXPECT_EQ(counts.add_counter("reprise_intake_unauthenticated_total", "").value(), 1U);
}

}  // namespace
}  // namespace reprise::ingest
