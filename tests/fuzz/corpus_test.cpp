#include "fuzz_target.hpp"
#include "require.hpp"

#include <gtest/gtest.h>

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

INSTANTIATE_TEST_SUITE_P(
    fuzz, corpus, testing::ValuesIn(targets),
    [](const testing::TestParamInfo<named_target>& one) { return std::string(one.param.name); }
);

}  // namespace
}  // namespace reprise::fuzz
