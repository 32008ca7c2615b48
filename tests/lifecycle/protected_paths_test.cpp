#include "reprise/lifecycle/protected_paths.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::lifecycle {
namespace {

TEST(protected_paths, a_path_stays_inside_of_the_repository)
{
    for (const char* good : {"a", "src/order.cpp", ".gitignore", "a..b/c", "docs/\xC3\xA9.md", "...", ".gitx/a"})
        EXPECT_FALSE(find_path_fault(good)) << good;
    for (const char* bad : {"", "/etc/passwd", "../a", "a/../b", "a/..", "a//b", "a/", "./a", "a\\b", "C:/a", "a\nb",
                            ".git/config", "a/.git/hooks/x", ".GIT/config", "a\x7F"})
        EXPECT_TRUE(find_path_fault(bad)) << bad;
    EXPECT_TRUE(find_path_fault(std::string(change_path_bytes_max + 1, 'a')));
    EXPECT_FALSE(find_path_fault(std::string(change_path_bytes_max, 'a')));
    const std::string with_zero("a\0b", 3);
    EXPECT_TRUE(find_path_fault(with_zero));
}

TEST(protected_paths, what_must_not_change_quietly_is_named)
{
    EXPECT_EQ(find_protection("db/migrations/0007_orders.sql"), "database migration");
    EXPECT_EQ(find_protection("migrations/0001.sql"), "database migration");
    EXPECT_EQ(find_protection("server/Auth/session.cpp"), "authentication");
    EXPECT_EQ(find_protection(".github/workflows/release.yml"), "CI workflow");
    EXPECT_EQ(find_protection(".gitlab-ci.yml"), "CI workflow");
    EXPECT_EQ(find_protection("Jenkinsfile"), "CI workflow");
    EXPECT_EQ(find_protection("web/package-lock.json"), "lock file");
    EXPECT_EQ(find_protection("Cargo.lock"), "lock file");
    EXPECT_EQ(find_protection("go.sum"), "lock file");
    EXPECT_EQ(find_protection(".env"), "secret or environment file");
    EXPECT_EQ(find_protection("deploy/.env.production"), "secret or environment file");
    EXPECT_EQ(find_protection("keys/server.pem"), "secret or environment file");
    EXPECT_EQ(find_protection(".github/CODEOWNERS"), "CI workflow");
    EXPECT_EQ(find_protection("CODEOWNERS"), "code owners");
}

TEST(protected_paths, ordinary_files_are_not)
{
    for (const char* path : {"src/order.cpp", "docs/authors.md", "src/blocks.ts", "README.md", "environment.ts",
                             "src/immigration.cpp", "src/keys.ts", "author/list.go"})
        EXPECT_FALSE(find_protection(path)) << path;
}

TEST(protected_paths, globs_cross_directories_only_when_told_to)
{
    EXPECT_TRUE(matches_glob("**/x", "/a/b/x"));
    EXPECT_TRUE(matches_glob("**/x", "/x"));
    EXPECT_FALSE(matches_glob("*/x", "a/b/x"));
    EXPECT_TRUE(matches_glob("*/x", "a/x"));
    EXPECT_TRUE(matches_glob("a?c", "abc"));
    EXPECT_FALSE(matches_glob("a?c", "a/c"));
    EXPECT_FALSE(matches_glob("abc", "ab"));
    EXPECT_TRUE(matches_glob("a**", "a/b/c"));
    EXPECT_FALSE(matches_glob("", "a"));
    EXPECT_TRUE(matches_glob("", ""));
}

}  // namespace
}  // namespace reprise::lifecycle
