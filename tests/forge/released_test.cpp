#include "reprise/forge/released.hpp"

#include "ticket_fixture.hpp"

#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::forge {
namespace {

change_draft draft_fixture()
{
    change_draft draft;
    draft.title = "Limit what is in flight";
    draft.body = "Ten at once is enough.";
    draft.base_branch = "main";
    draft.head_branch = "reprise/01JD6Z0000000000000000000A-g2-pr";
    draft.files = {{"src/sync.ts", "export const atOnce = 10;\n"}, {"src/old.ts", std::nullopt}};
    draft.note_target = "github:acme/radar";
    draft.note_parent = "https://github.com/acme/radar/issues/7";
    return draft;
}

std::string content_fixture()
{
    return change_content(source_fixture(), draft_fixture(), "github:acme/radar");
}

TEST(released, a_ticket_comes_back_as_the_effect_it_was_released_for)
{
    const auto source = source_fixture();
    const auto content = ticket_content(source, *draft_ticket(source), "jira:OPS");
    const auto wanted = parse_effect(content);

    ASSERT_TRUE(wanted);
    EXPECT_EQ(wanted->kind, effect_kind::ticket);
    EXPECT_EQ(wanted->key, "01JD6Z0000000000000000000A-g2");
    EXPECT_EQ(wanted->target, "jira:OPS");
    EXPECT_EQ(wanted->title, draft_ticket(source)->title);
    EXPECT_EQ(wanted->content_hash, sha256_hex(content));
    EXPECT_FALSE(parse_note(content, "x").value());
}

TEST(released, a_pull_request_comes_back_with_every_file)
{
    const auto wanted = parse_effect(content_fixture());

    ASSERT_TRUE(wanted);
    EXPECT_EQ(wanted->kind, effect_kind::pull_request);
    EXPECT_EQ(wanted->key, "01JD6Z0000000000000000000A-g2-pr");
    EXPECT_EQ(wanted->key, change_key("01JD6Z0000000000000000000A", 2));
    EXPECT_EQ(wanted->base_branch, "main");
    EXPECT_EQ(wanted->head_branch, "reprise/01JD6Z0000000000000000000A-g2-pr");
    EXPECT_EQ(wanted->commit_message, "Limit what is in flight\n\nIncident: 01JD6Z0000000000000000000A\n");
    ASSERT_EQ(wanted->files.size(), 2U);
    EXPECT_EQ(wanted->files[0].path, "src/sync.ts");
    EXPECT_EQ(wanted->files[0].content, "export const atOnce = 10;\n");
    EXPECT_FALSE(wanted->files[1].content);
}

TEST(released, the_ticket_gets_a_note_with_the_address_of_the_pull_request)
{
    const auto note = parse_note(content_fixture(), "https://github.com/acme/radar/pull/8");

    ASSERT_TRUE(note);
    ASSERT_TRUE(*note);
    EXPECT_EQ((*note)->kind, effect_kind::comment);
    EXPECT_EQ((*note)->key, "01JD6Z0000000000000000000A-g2-pr-note");
    EXPECT_EQ((*note)->target, "github:acme/radar");
    EXPECT_EQ((*note)->parent, "https://github.com/acme/radar/issues/7");
    EXPECT_NE((*note)->body.find("https://github.com/acme/radar/pull/8"), std::string::npos);

    auto alone = draft_fixture();
    alone.note_parent.clear();
    EXPECT_FALSE(parse_note(change_content(source_fixture(), alone, "github:acme/radar"), "x").value());
}

TEST(released, every_part_of_a_change_is_part_of_what_is_hashed)
{
    const auto hash_with = [](auto change) {
        auto draft = draft_fixture();
        change(draft);
        return sha256_hex(change_content(source_fixture(), draft, "github:acme/radar"));
    };
    const std::string hash = sha256_hex(content_fixture());
    EXPECT_EQ(hash_with([](change_draft&) {}), hash);
    EXPECT_NE(hash_with([](change_draft& draft) { draft.title += "."; }), hash);
    EXPECT_NE(hash_with([](change_draft& draft) { draft.body += "."; }), hash);
    EXPECT_NE(hash_with([](change_draft& draft) { draft.base_branch = "release"; }), hash);
    EXPECT_NE(hash_with([](change_draft& draft) { draft.files[0].content = "export const atOnce = 11;\n"; }), hash);
    EXPECT_NE(hash_with([](change_draft& draft) { draft.files[1].content = ""; }), hash) << "empty is not gone";
    EXPECT_NE(hash_with([](change_draft& draft) { draft.files.pop_back(); }), hash);
    EXPECT_NE(hash_with([](change_draft& draft) { draft.note_parent += "0"; }), hash);
}

TEST(released, an_edit_changes_title_and_body_and_nothing_else)
{
    const auto edited = edit_released(content_fixture(), "Ten at once", "As measured.");

    ASSERT_TRUE(edited);
    const auto wanted = parse_effect(*edited);
    ASSERT_TRUE(wanted);
    EXPECT_EQ(wanted->title, "Ten at once");
    EXPECT_EQ(wanted->body, "As measured.");
    EXPECT_TRUE(wanted->commit_message.starts_with("Ten at once\n"));
    EXPECT_EQ(wanted->files.size(), 2U);
    EXPECT_EQ(wanted->target, "github:acme/radar");
    const auto draft = draft_fixture();
    EXPECT_EQ(edit_released(content_fixture(), draft.title, draft.body).value(), content_fixture());
}

TEST(released, an_edit_has_a_title_of_one_line_and_limits)
{
    const std::string content = content_fixture();
    EXPECT_EQ(edit_released(content, "", "b").error(), errc::invalid_argument);
    EXPECT_EQ(edit_released(content, "a\nb", "b").error(), errc::invalid_argument);
    EXPECT_EQ(edit_released(content, std::string(title_bytes_max + 1, 'a'), "b").error(), errc::invalid_argument);
    EXPECT_EQ(edit_released(content, "a", std::string(body_bytes_max + 1, 'b')).error(), errc::invalid_argument);
    EXPECT_TRUE(edit_released(content, std::string(title_bytes_max, 'a'), std::string(body_bytes_max, 'b')));
    EXPECT_EQ(edit_released(R"({"action":"unsafe_replay","title":"a","body":"b"})", "c", "d").error(), errc::corrupt);
}

TEST(released, text_that_is_no_content_is_told_apart)
{
    for (const char* text : {"", "[]", "{}", R"({"action":"ticket"})", R"({"action":"pull_request","target":"a"})",
                             R"({"action":"merge","target":"a","title":"b","body":"c","incident":"d","generation":1})",
                             R"({"action":"pull_request","target":"a","title":"b","body":"c","incident":"d",)"
                             R"("generation":1,"files":[{"content":"x"}]})"})
        EXPECT_EQ(parse_effect(text).error(), errc::corrupt) << text;
}

TEST(released, only_trackers_with_repositories_take_changes)
{
    EXPECT_TRUE(may_take_changes("github:acme/radar"));
    EXPECT_TRUE(may_take_changes("gitlab:acme/radar"));
    EXPECT_FALSE(may_take_changes("jira:OPS"));
    EXPECT_FALSE(may_take_changes("file:tickets"));
    EXPECT_FALSE(may_take_changes(""));
}

}  // namespace
}  // namespace reprise::forge
