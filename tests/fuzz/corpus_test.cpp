#include "fuzz_target.hpp"
#include "require.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

// Every input that fuzzing kept, repeated as an ordinary test under every compiler.
namespace reprise::fuzz {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class corpus : public testing::TestWithParam<named_target> {};

TEST_P(corpus, every_kept_input_holds)
{
    std::size_t count = 0;
    const fs::path kept = fs::path(REPRISE_SOURCE_DIR) / "tests/fuzz/corpus" / GetParam().name;
    for (const auto& entry : fs::directory_iterator(kept)) {
        const std::string input = read(entry.path());
        ++count;
        try {
            GetParam().run(input);
            GetParam().run(std::string_view(input).substr(0, input.size() / 2));
        } catch (const broken_property& broken) {
            ADD_FAILURE() << entry.path() << ": " << broken.what();
        }
    }
    EXPECT_GE(count, 3U);
}

// scripts/fuzz runs what has a folder here.
TEST(corpora, every_folder_belongs_to_a_target)
{
    for (const auto& entry : fs::directory_iterator(fs::path(REPRISE_SOURCE_DIR) / "tests/fuzz/corpus")) {
        const std::string name = entry.path().filename().string();
        const auto is_its = [&name](const named_target& one) { return one.name == name; };
        EXPECT_TRUE(std::any_of(std::begin(targets), std::end(targets), is_its)) << name;
    }
}

INSTANTIATE_TEST_SUITE_P(
    fuzz, corpus, testing::ValuesIn(targets),
    [](const testing::TestParamInfo<named_target>& one) { return std::string(one.param.name); }
);

}  // namespace
}  // namespace reprise::fuzz
