#include "../../server/forge/markdown.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace reprise::forge {
namespace {

struct row {
    const char* name;
    std::string text;
    std::string expected;
};

TEST(markdown, clean_text_is_valid_visible_and_keeps_lines)
{
    const row rows[] = {
        {"plain", "one\ntwo\tthree", "one\ntwo\tthree"},
        {"carriage returns go", "a\r\nb", "a\nb"},
        {"controls become spaces", std::string("a\0b\x1b[31m\x7f", 9), "a b [31m "},
        {"C1 controls", "a\xC2\x9B""b", "a b"},
        {"umlauts stay", "Gr\xC3\xB6\xC3\x9F""e", "Gr\xC3\xB6\xC3\x9F""e"},
        {"four bytes stay", "\xF0\x9F\x90\x9B", "\xF0\x9F\x90\x9B"},
        {"a right-to-left override is shown", "a\xE2\x80\xAE""b", "a\\u{202e}b"},
        {"an isolate is shown", "\xE2\x81\xA6x", "\\u{2066}x"},
        {"a zero-width space is shown", "a\xE2\x80\x8B""b", "a\\u{200b}b"},
        {"a lone continuation byte", "a\x80""b", "a\xEF\xBF\xBD""b"},
        {"a cut sequence", "a\xE2\x82", "a\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"overlong", "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"a surrogate", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    };
    for (const row& one : rows)
        EXPECT_EQ(clean_text(one.text, 100), one.expected) << one.name;
}

TEST(markdown, a_long_text_is_cut_at_a_character_and_says_so)
{
    EXPECT_EQ(clean_text("0123456789", 10), "0123456789");
    EXPECT_EQ(clean_text("0123456789a", 10), "0123456789 [1 bytes more]");
    EXPECT_EQ(clean_text("012345678\xC3\xB6", 10), "012345678 [2 bytes more]");
    EXPECT_LT(clean_text(std::string(1'000'000, '\x80'), 100).size(), 130U);
}

TEST(markdown, plain_text_has_no_markup_left)
{
    const row rows[] = {
        {"emphasis", "*a* _b_ ~c~", "\\*a\\* \\_b\\_ \\~c\\~"},
        {"link", "[x](y)", "\\[x\\](y)"},
        {"image", "![x](y)", "!\\[x\\](y)"},
        {"list", "- a - b", "\\- a - b"},
        {"underline", "===", "\\==="},
        {"template", "GET /orders/{id} (14.5 %)", "GET /orders/{id} (14.5 %)"},
        {"HTML", "<script>", "\\<script\\>"},
        {"entity", "&lt;", "\\&lt;"},
        {"table cell", "a|b", "a\\|b"},
        {"code", "`rm`", "\\`rm\\`"},
        {"heading on a new line", "a\n# b", "a \\#\xE2\x80\x8B b"},
        {"mention", "@ada", "@\xE2\x80\x8B""ada"},
        {"address", "http://x", "http:\xE2\x80\x8B//x"},
        {"www", "www.x", "www.\xE2\x80\x8Bx"},
        {"backslash", "a\\*", "a\\\\\\*"},
    };
    for (const row& one : rows)
        EXPECT_EQ(plain(one.text, 100), one.expected) << one.name;
}

TEST(markdown, code_stays_on_its_line_and_cannot_be_ended)
{
    EXPECT_EQ(code("SELECT 1", 100), "`SELECT 1`");
    EXPECT_EQ(code("a`b``c\nd", 100), "`a'b''c d`");
    EXPECT_EQ(code(" \n", 100), "(empty)");
}

TEST(markdown, a_fence_is_longer_than_any_in_the_text)
{
    EXPECT_EQ(fenced("sh", "curl x", 100), "```sh\ncurl x\n```\n");
    EXPECT_EQ(fenced("", "a\n````\n# b", 100), "`````\na\n````\n# b\n`````\n");
}

// Whatever bytes come in: no control character but the allowed ones, no bare angle bracket.
TEST(markdown, random_bytes_come_out_harmless)
{
    std::mt19937 random(20261121);
    std::uniform_int_distribution<int> byte(0, 255);
    for (int round = 0; round < 2'000; ++round) {
        std::string text;
        for (int i = 0; i < 60; ++i)
            text += static_cast<char>(byte(random));
        const std::string out = plain(text, 200);
        ASSERT_EQ(clean_text(clean_text(text, 400), 2'000), clean_text(text, 400));
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto one = static_cast<unsigned char>(out[i]);
            ASSERT_TRUE(one >= 0x20 && one != 0x7F);
            if (one == '<' || one == '[' || one == '`') {
                ASSERT_TRUE(i > 0 && out[i - 1] == '\\');
            }
        }
    }
}

}  // namespace
}  // namespace reprise::forge
