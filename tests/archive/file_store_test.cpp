#include "reprise/archive/object_store.hpp"

#include "reprise/base/hash.hpp"
#include "support/io_threads.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace reprise::archive {
namespace {

class file_store_test : public testing::Test {
protected:
    file_store_test() : dir(std::filesystem::temp_directory_path() / ("reprise-files-" + random_token(8)))
    {
        store = make_file_store(dir, io.executor());
    }
    ~file_store_test() override
    {
        std::error_code ignored;
        std::filesystem::remove_all(dir, ignored);
    }

    std::filesystem::path dir;
    reprise::test::io_threads io;
    std::unique_ptr<object_store> store;
};

TEST_F(file_store_test, keeps_gives_and_removes_an_object)
{
    ASSERT_TRUE(io.run(store->put("evidence/a/b.gz", "one")));
    ASSERT_TRUE(io.run(store->put("evidence/a/b.gz", "three")));

    EXPECT_EQ(*io.run(store->get("evidence/a/b.gz")), "three");
    EXPECT_EQ(io.run(store->head("evidence/a/b.gz"))->bytes, 5);
    EXPECT_TRUE(io.run(store->remove("evidence/a/b.gz")));
    EXPECT_TRUE(io.run(store->remove("evidence/a/b.gz")));
    EXPECT_EQ(io.run(store->get("evidence/a/b.gz")).error().code, reprise::errc::not_found);
    EXPECT_EQ(io.run(store->head("evidence/a/b.gz")).error().code, reprise::errc::not_found);
}

TEST_F(file_store_test, never_leaves_its_directory)
{
    std::ofstream(dir.string() + ".outside") << "secret";
    for (const std::string key : {"../x", "/etc/passwd", "a/../../x", "", ".", "a//b"}) {
        EXPECT_FALSE(io.run(store->get(key))) << key;
        EXPECT_FALSE(io.run(store->head(key))) << key;
        EXPECT_FALSE(io.run(store->put(key, "x"))) << key;
        EXPECT_FALSE(io.run(store->remove(key))) << key;
    }
    EXPECT_TRUE(std::filesystem::exists(dir.string() + ".outside"));
    std::filesystem::remove(dir.string() + ".outside");
}

TEST_F(file_store_test, lists_everything_once_in_the_order_of_keys)
{
    std::vector<std::string> keys;
    for (int i = 0; i < 1'100; ++i)
        keys.push_back("evidence/s" + std::to_string(i % 3) + "/" + std::to_string(100'000 + i));
    keys.emplace_back("evidence/s0.gz");
    keys.emplace_back("evidence/.left.tmp");
    for (const std::string& key : keys) {
        std::filesystem::create_directories((dir / key).parent_path());
        std::ofstream(dir / key) << key;
    }
    std::filesystem::create_symlink("/etc", dir / "evidence/link");
    std::sort(keys.begin(), keys.end());

    std::vector<std::string> found;
    std::string next;
    do {
        const auto page = io.run(store->list("evidence/", next));
        ASSERT_TRUE(page);
        EXPECT_LE(page->objects.size(), object_page_max);
        for (const object_info& one : page->objects)
            found.push_back(one.key);
        next = page->next;
    } while (!next.empty());

    EXPECT_EQ(found, keys);
    EXPECT_TRUE(io.run(store->list("findings/", ""))->objects.empty());
}

}  // namespace
}  // namespace reprise::archive
