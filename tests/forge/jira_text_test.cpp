#include "../../server/forge/jira_text.hpp"
#include "../../server/forge/markdown.hpp"

#include "ticket_fixture.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::forge {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* marker = "reprise-effect:k:00";

std::string adf(std::string_view markdown)
{
    return boost::json::serialize(to_adf(markdown, marker));
}

TEST(jira_text, headings_lists_tables_code_and_links_become_nodes)
{
    const std::string text = adf(
        "## Symptom\n\nIt **fails** at `GET /x`\nagain.\n\n- one\n- two\n\n"
        "| a | b |\n| --- | --- |\n| 1 \\| 2 | `x|y` |\n\n```sh\ncurl x\n```\n\n- <https://reprise.test/incidents/1>\n"
    );

    EXPECT_THAT(text, HasSubstr(R"("content":[{"type":"text","text":"Symptom"}],"attrs":{"level":2}})"));
    EXPECT_THAT(text, HasSubstr(R"({"type":"text","text":"fails","marks":[{"type":"strong"}]})"));
    EXPECT_THAT(text, HasSubstr(R"("text":"GET /x","marks":[{"type":"code"}]},{"type":"text","text":" again."})"));
    EXPECT_THAT(text, HasSubstr(R"({"type":"bulletList","content":[{"type":"listItem")"));
    EXPECT_THAT(text, HasSubstr(R"({"type":"tableHeader","content":[{"type":"paragraph","content":[{"type":"text")"));
    EXPECT_THAT(text, HasSubstr(R"("text":"1 | 2")"));
    EXPECT_THAT(text, HasSubstr(R"("text":"x|y")"));
    EXPECT_THAT(text, HasSubstr(R"({"language":"sh"},"content":[{"type":"text","text":"curl x"}]})"));
    EXPECT_THAT(text, HasSubstr(R"({"type":"link","attrs":{"href":"https://reprise.test/incidents/1"}})"));
    EXPECT_THAT(text, HasSubstr(R"({"type":"codeBlock","content":[{"type":"text","text":"reprise-effect:k:00"}]})"));
}

TEST(jira_text, the_same_in_wiki_markup)
{
    const std::string text = to_wiki(
        "## Symptom\n\nIt **fails** at `GET /x`.\n\n- one\n\n| a | b |\n| --- | --- |\n| 1 | |\n\n```sh\ncurl x\n```\n"
        "\n- <https://reprise.test/incidents/1>\n",
        marker
    );

    EXPECT_EQ(
        text,
        "h2. Symptom\n\nIt *fails* at {{GET /x}}.\n\n* one\n\n||a||b||\n|1| |\n\n{noformat}\ncurl x\n{noformat}\n\n"
        "* [https://reprise.test/incidents/1]\n\n----\n{noformat}\nreprise-effect:k:00\n{noformat}\n"
    );
}

TEST(jira_text, hostile_text_is_text)
{
    const std::string evil =
        "[~admin] {code}x{code} !http://evil/x.png! h1. Big || {color:red}a{color} *b* [a|http://evil] (!) bq. @ada";
    const std::string markdown = plain(evil, 500) + "\n\n`{{" + evil + "`\n\n```sh\n{noformat}\n[~admin]\n```\n";

    const std::string wiki = to_wiki(markdown, marker);

    for (const char* acting : {"[~", "{code}", "!http", "||", "{color", "*b*", "[a|", "(!)", "http://evil"})
        EXPECT_THAT(wiki.substr(0, wiki.find("{noformat}")), Not(HasSubstr(acting))) << acting;
    EXPECT_THAT(wiki, HasSubstr("{noformat}\n{ noformat}\n[~admin]\n{noformat}\n"));
    const std::string document = adf(markdown);
    EXPECT_THAT(document, HasSubstr("[~admin]"));
    EXPECT_THAT(document, Not(HasSubstr("\"mention\"")));
    EXPECT_THAT(document, Not(HasSubstr("\"link\"")));
}

TEST(jira_text, a_whole_ticket_keeps_its_numbers_in_both_forms)
{
    const auto draft = draft_ticket(source_fixture());
    ASSERT_TRUE(draft);
    for (const std::string& text : {adf(draft->body), to_wiki(draft->body, marker)}) {
        EXPECT_THAT(text, HasSubstr("28 of 193"));
        EXPECT_THAT(text, HasSubstr("79 of 41,580"));
        EXPECT_THAT(text, HasSubstr("Reproduced"));
        EXPECT_THAT(text, HasSubstr("curl "));
        EXPECT_THAT(text, HasSubstr("Reproducer"));
    }
}

TEST(jira_text, what_is_too_long_is_cut_and_says_so_but_keeps_the_marker)
{
    std::string endless = "## A\n\n```sh\n";
    for (int i = 0; i < 5'000; ++i)
        endless += "a line of text\n";
    endless += "```\n";
    const std::string wiki = to_wiki(endless, marker);
    EXPECT_LE(wiki.size(), 32'767U);
    EXPECT_THAT(wiki, HasSubstr("Reprise shows all of it"));
    EXPECT_THAT(wiki, testing::EndsWith(std::string(marker) + "\n{noformat}\n"));
    EXPECT_THAT(adf(endless), HasSubstr(marker));
    std::string symbols;
    for (int i = 0; i < 3'000; ++i)
        symbols += "- \\*\\[\\]\\*\\*\\*\n";
    EXPECT_LE(to_wiki(symbols, marker).size(), 32'767U);
}

}  // namespace
}  // namespace reprise::forge
