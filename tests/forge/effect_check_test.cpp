#include "../../server/forge/effect_check.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/forge/ticket.hpp"
#include "reprise/forge/trackers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::forge {
namespace {

effect good(effect_kind kind)
{
    effect made;
    made.kind = kind;
    made.key = "01KAYQ29100000000000000000-g1";
    made.target = "github:a/b";
    made.title = "A title";
    made.body = "A text";
    made.content_hash = sha256_hex("x");
    if (kind == effect_kind::comment)
        made.parent = "https://github.com/a/b/issues/1";
    if (kind == effect_kind::pull_request) {
        made.head_branch = "reprise/x";
        made.commit_message = "Fix";
        made.files.push_back({"a.txt", "x"});
    }
    return made;
}

TEST(effect_check, whole_effects_have_no_fault)
{
    for (const effect_kind kind : {effect_kind::ticket, effect_kind::pull_request, effect_kind::comment})
        EXPECT_EQ(find_fault(good(kind)), std::nullopt);
}

TEST(effect_check, every_part_is_checked)
{
    const auto fault = [](effect_kind kind, auto change) {
        effect made = good(kind);
        change(made);
        return find_fault(made).has_value();
    };
    const auto ticket = effect_kind::ticket;
    const auto pull = effect_kind::pull_request;
    EXPECT_TRUE(fault(ticket, [](effect& one) { one.key.clear(); }));
    EXPECT_TRUE(fault(ticket, [](effect& one) { one.key = "a b"; }));
    EXPECT_TRUE(fault(ticket, [](effect& one) { one.key.assign(key_bytes_max + 1, 'a'); }));
    EXPECT_TRUE(fault(ticket, [](effect& one) { one.content_hash = "x"; }));
    EXPECT_TRUE(fault(ticket, [](effect& one) { one.title.clear(); }));
    EXPECT_TRUE(fault(ticket, [](effect& one) { one.title = "a\nb"; }));
    EXPECT_TRUE(fault(ticket, [](effect& one) { one.body.assign(body_bytes_max + 1, 'a'); }));
    EXPECT_TRUE(fault(effect_kind::comment, [](effect& one) { one.parent.clear(); }));
    EXPECT_TRUE(fault(pull, [](effect& one) { one.files.clear(); }));
    EXPECT_TRUE(fault(pull, [](effect& one) { one.files[0].path = "../a"; }));
    EXPECT_TRUE(fault(pull, [](effect& one) { one.files.push_back(one.files[0]); }));
    EXPECT_TRUE(fault(pull, [](effect& one) { one.files.resize(changed_files_max + 1); }));
    EXPECT_TRUE(fault(pull, [](effect& one) { one.files[0].content = std::string(changed_bytes_max + 1, 'a'); }));
    EXPECT_TRUE(fault(pull, [](effect& one) { one.commit_message.clear(); }));
    EXPECT_TRUE(fault(pull, [](effect& one) { one.base_branch = "a..b"; }));
}

TEST(effect_check, paths_stay_in_the_repository_and_out_of_git)
{
    for (const char* path : {"a", "src/a.ts", ".github/workflows/ci.yml", "a b/\xC3\xA9.txt", "..a/b", "a/.gitignore"})
        EXPECT_TRUE(is_repository_path(path)) << path;
    for (const char* path : {"", "/a", "a/", "a//b", "../a", "a/../b", "a/..", ".", "a/./b", ".git/config", "a/.GIT/x",
                             "a\\b", "a\nb"})
        EXPECT_FALSE(is_repository_path(path)) << path;
}

TEST(effect_check, branches_have_names_that_git_takes_below_the_prefix)
{
    for (const char* name : {"reprise/x", "a-b_c.d/e"})
        EXPECT_TRUE(is_branch_name(name)) << name;
    for (const char* name : {"", "-a", "/a", "a/", "a//b", "a..b", "a@{b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[b",
                             "a\\b", "a.", "a.lock", "a.lock/b", ".a", "a/.b", "HEAD", "refs/heads/main", "\xC3\xA9"})
        EXPECT_FALSE(is_branch_name(name)) << name;
    EXPECT_EQ(find_branch_fault("reprise/x", "reprise/"), std::nullopt);
    EXPECT_TRUE(find_branch_fault("main", "reprise/"));
    EXPECT_TRUE(find_branch_fault("reprise/", "reprise/"));
    EXPECT_TRUE(find_branch_fault("reprise/x", ""));
}

}  // namespace
}  // namespace reprise::forge
