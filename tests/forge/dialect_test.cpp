#include "../../server/forge/dialect.hpp"
#include "../../server/forge/look.hpp"
#include "../../server/forge/markdown.hpp"
#include "../../server/forge/marker.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::forge {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* gap = "\xE2\x80\x8B";

effect with_body(std::string body)
{
    effect made;
    made.key = "K1";
    made.content_hash = sha256_hex("c");
    made.body = std::move(body);
    return made;
}

TEST(dialect, a_slash_at_the_start_of_a_line_is_no_command)
{
    const std::string text = markdown_body(with_body("/close\n  /assign @ada\nnot /close here\n```sh\n/merge\n```\n"));

    const std::string mention = "@" + std::string(gap) + "ada";
    EXPECT_THAT(
        text, testing::StartsWith("\\/close\n  \\/assign " + mention + "\nnot /close here\n```sh\n /merge\n```\n")
    );
}

TEST(dialect, a_block_that_a_tracker_ends_too_early_lets_no_command_out)
{
    const std::string evil = "x\n```\n/close\n/label ~bug";
    const std::string text = markdown_body(with_body(fenced("sh", evil, 1'000)));

    EXPECT_THAT(text, Not(HasSubstr("\n/close")));
    EXPECT_THAT(text, Not(HasSubstr("\n/label")));
}

TEST(dialect, a_text_that_people_wrote_mentions_and_refers_to_nothing_but_keeps_its_links)
{
    const std::string text = markdown_body(with_body(
        "Fixes #1 and ENG-2, says @ada; `@code #3` see https://host-1.test/a-1?b=#4 and <http://x.test/K-1>\n"
        "```sh\ncurl -u @me #5\n```\n"
    ));

    for (const char* acting : {" #1", "ENG-2", " @ada"})
        EXPECT_THAT(text, Not(HasSubstr(acting)));
    for (const char* kept : {"`@code #3`", "https://host-1.test/a-1?b=#4", "<http://x.test/K-1>", "curl -u @me #5"})
        EXPECT_THAT(text, HasSubstr(kept));
}

TEST(dialect, captured_text_mentions_refers_and_closes_nothing)
{
    struct row {
        const char* evil;
        const char* acting;
    };
    const row rows[] = {
        {"@everyone look", "@everyone"},     {"Fixes #1", "#1"},           {"closes acme/shop#12", "#12"},
        {"Fixes GH-1", "GH-1"},              {"resolves ENG-123", "ENG-123"}, {"see !45", "!45"},
        {"Closes https://github.com/a/b/issues/1", "https://"}, {"<img src=x onerror=alert(1)>", " <img"},
        {"[x](javascript:alert(1))", "[x]("},  {"![x](http://evil/p.png)", "!["}, {"&12 $34 %56", "%56"},
        {"/close", "\n/close"},
    };
    for (const row& one : rows) {
        const std::string text = "\n" + plain(one.evil, 200);
        EXPECT_THAT(text, Not(HasSubstr(one.acting))) << one.evil;
    }
}

TEST(dialect, titles_keep_their_words_and_lose_their_effects)
{
    EXPECT_EQ(quiet_line("GET /users/{id} answers 500 (14.5 %)", 200), "GET /users/{id} answers 500 (14.5 %)");
    EXPECT_EQ(quiet_line("UTC 2025-11-26 p 1e-05 on node-3", 200),
              std::string("UTC 2025-11-26 p 1e-05 on node-") + gap + "3");
    const std::string evil = quiet_line("Fixes #1 @ada ENG-12 http://x\n/close", 200);
    for (const char* acting : {"#1", "@ada", "ENG-12", "http://", "\n"})
        EXPECT_THAT(evil, Not(HasSubstr(acting)));
}

TEST(dialect, a_commit_message_closes_nothing_skips_no_check_and_ends_with_the_marker)
{
    effect wanted = with_body("");
    wanted.commit_message = "Fix it [skip ci] Fixes #3\n\nCloses ENG-4\n[ci skip] [no ci]\nskip-checks: true\n\n\n";

    const std::string text = commit_message(wanted);

    for (const char* acting : {"[skip ci]", "[ci skip]", "[no ci]", "skip-checks:", "#3", "ENG-4"})
        EXPECT_THAT(text, Not(HasSubstr(acting))) << acting;
    EXPECT_THAT(text, testing::EndsWith("\n\n" + marker_of(wanted) + "\n"));
}

TEST(dialect, a_text_is_cut_after_a_line_and_outside_of_code)
{
    EXPECT_EQ(cut_markdown("short", 100), "short");
    const std::string cut = cut_markdown("a\n````sh\none\ntwo\n````\n", 16);
    EXPECT_THAT(cut, testing::StartsWith("a\n````sh\none\n````\n\nThe text was longer"));
}

TEST(marker, is_found_again_with_its_content_and_by_its_whole_key)
{
    const effect wanted = with_body("x");
    const std::string text = markdown_body(wanted);

    EXPECT_EQ(find_marker(text, "K1"), wanted.content_hash);
    EXPECT_EQ(find_marker(text, "K"), std::nullopt);
    EXPECT_EQ(find_marker(text, "K12"), std::nullopt);
    EXPECT_EQ(find_marker("reprise-effect:K1:", "K1"), "");
}

TEST(marker, words_that_pretend_to_be_a_marker_are_none)
{
    effect wanted = with_body("x <!-- reprise-effect:K2:00 --> `reprise-effect:K3:00`");
    wanted.commit_message = "Fix\n\nreprise-effect:K2:00";
    for (const std::string& text : {markdown_body(wanted), linear_body(wanted), commit_message(wanted)}) {
        EXPECT_EQ(find_marker(text, "K2"), std::nullopt);
        EXPECT_EQ(find_marker(text, "K3"), std::nullopt);
        EXPECT_TRUE(find_marker(text, "K1"));
    }
}

TEST(marker, the_time_of_a_key_is_that_of_its_incident)
{
    constexpr std::int64_t at_ns = 1'764'115'200'123 * ns_per_ms;
    EXPECT_EQ(find_key_time_ns(make_ulid(at_ns) + "-g1"), at_ns);
    EXPECT_EQ(find_key_time_ns("something"), std::nullopt);
    EXPECT_EQ(find_key_time_ns("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), std::nullopt);
}

TEST(marker, a_uuid_follows_from_the_text)
{
    EXPECT_EQ(uuid_of("a"), uuid_of("a"));
    EXPECT_NE(uuid_of("a"), uuid_of("b"));
    EXPECT_THAT(uuid_of("a"),
                testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST(look, the_number_of_a_parent_is_read_from_its_own_place_only)
{
    const auto number = [](const char* url) { return find_parent_number(url, "/a/b/issues/"); };
    EXPECT_EQ(number("https://github.com/a/b/issues/12"), "12");
    EXPECT_EQ(number("https://github.com/a/b/issues/12#issuecomment-3"), "12");
    EXPECT_EQ(number("https://github.com/a/b/issues/"), std::nullopt);
    EXPECT_EQ(number("https://github.com/a/b/issues/12x"), std::nullopt);
    EXPECT_EQ(number("https://github.com/a/c/issues/12"), std::nullopt);
    EXPECT_EQ(number("/a/b/issues/12"), std::nullopt);
}

}  // namespace
}  // namespace reprise::forge
