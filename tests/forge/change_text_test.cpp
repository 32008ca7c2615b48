#include "reprise/forge/change_text.hpp"

#include "ticket_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::forge {
namespace {

using testing::HasSubstr;
using testing::Not;

change_source change_fixture()
{
    change_source source;
    source.measured = source_fixture();
    source.words = "The limit is now asked for once.";
    source.head_branch = "reprise/x";
    source.files.push_back({"src/sync.ts", std::string(2'048, 'x')});
    source.files.push_back({"tests/sync.test.ts", "test"});
    source.files.push_back({"src/old.ts", std::nullopt});
    source.ticket_url = "https://github.com/acme/shop/issues/12";
    return source;
}

TEST(change_text, says_what_changes_and_what_was_measured)
{
    const auto body = draft_change_body(change_fixture());

    ASSERT_TRUE(body);
    EXPECT_THAT(*body, testing::StartsWith("The limit is now asked for once.\n\n## Change\n\n"));
    EXPECT_THAT(*body, HasSubstr("From `reprise/x` into the default branch, 3 files."));
    EXPECT_THAT(*body, HasSubstr("- `src/sync.ts` (2,048 bytes)\n- `tests/sync.test.ts` (4 bytes)\n- `src/old.ts`"));
    EXPECT_THAT(*body, HasSubstr("- Tests in it: 1\n- Ticket: <https://github.com/acme/shop/issues/12>\n"));
    EXPECT_THAT(*body, HasSubstr("## Symptom"));
    EXPECT_THAT(*body, HasSubstr("14.5 % (28 of 193)"));
    EXPECT_THAT(*body, HasSubstr("| verdict | Reproduced, 2 of 2 trials show it | not replayed |"));
    EXPECT_THAT(*body, HasSubstr("Nothing proves yet that this change helps"));
}

TEST(change_text, carries_the_replay_before_and_with_the_change)
{
    change_source source = change_fixture();
    source.after_result_json = R"({"verdict":"not_reproduced","reason":"0 of 3.","metric":"max arrivals in 50 ms",
        "unit":"count","trials":[{"number":1,"metric":8},{"number":2,"metric":9},{"number":3,"metric":7}],
        "trials_planned":3})";
    source.confidence = 0.8;
    source.escalation = "touches <auth>";

    const auto body = draft_change_body(source);

    ASSERT_TRUE(body);
    EXPECT_THAT(*body, HasSubstr("| Reproduced, 2 of 2 trials show it | Not reproduced, 0 of 3 trials show it |"));
    EXPECT_THAT(*body, HasSubstr("| max arrivals in 50 ms, median | 200 | 8 |"));
    EXPECT_THAT(*body, HasSubstr("## Replay with the change"));
    EXPECT_THAT(*body, HasSubstr("- Confidence: 80.0 %\n- A person must look closely: touches \\<auth\\>"));
    EXPECT_THAT(*body, Not(HasSubstr("Nothing proves")));
}

TEST(change_text, odd_parts_make_no_markup)
{
    change_source source = change_fixture();
    source.ticket_url = "https://x>\n# Approved";
    source.files.push_back({"a`b\n# c", "x"});

    const auto body = draft_change_body(source);

    ASSERT_TRUE(body);
    EXPECT_THAT(*body, Not(HasSubstr("\n# ")));
    EXPECT_THAT(*body, Not(HasSubstr("Ticket:")));
    source.after_result_json = "{}";
    EXPECT_EQ(draft_change_body(source).error(), errc::invalid_argument);
    source.after_result_json.clear();
    source.words.assign(body_bytes_max, 'w');
    EXPECT_EQ(draft_change_body(source).error(), errc::too_large);
}

TEST(change_text, knows_tests_by_their_paths)
{
    for (const char* path : {"tests/a.ts", "src/test/java/A.java", "a_test.go", "src/a.test.ts", "a.spec.js",
                             "test_a.py", "web/__tests__/a.js"})
        EXPECT_TRUE(is_test_path(path)) << path;
    for (const char* path : {"src/a.ts", "src/contest/a.ts", "latest.ts", "src/attest_a.py"})
        EXPECT_FALSE(is_test_path(path)) << path;
}

}  // namespace
}  // namespace reprise::forge
