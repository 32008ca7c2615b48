#include "reprise/base/content_hash.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace reprise {
namespace {

std::string text_of(std::size_t bytes)
{
    std::string made;
    for (std::size_t i = 0; i < bytes; ++i)
        made += static_cast<char>(i * 7 + i / 251);
    return made;
}

struct known_hash {
    std::size_t bytes;
    std::uint64_t unseeded;
    std::uint64_t seeded;
    content_hash body;
};

// By the library's function for every processor; the ways it takes by length are all there.
constexpr std::uint64_t seed = 42;
constexpr std::array known = {
    known_hash{0, 0x2d06800538d394c2, 0xb029411ff43d84d2, {0x16c20acd33f7af2f, 0x3c1d09e9fe249164}},
    known_hash{16, 0x9da23836adf2be1e, 0x93b3fa7dc2d7c0df, {0xc4b13c784f97aa17, 0xf4c40e3fdb5460a1}},
    known_hash{200, 0x7c64f3b17285e96a, 0x3a89540324083d55, {0xb0a97f11e81ff9da, 0xc2268f7bf0bd4901}},
    known_hash{1000, 0x1a86fba1101018cf, 0xcc0ba398fd7a4ba4, {0xb0481c76cdb0393b, 0xcc0ba398fd7a4ba4}},
    known_hash{100'000, 0x4e16d63e05fac6ed, 0x076293147c1f66e3, {0x442465af62a68724, 0x076293147c1f66e3}},
};

TEST(content_hash, is_the_same_on_every_processor_because_it_is_stored)
{
    for (const known_hash& one : known) {
        const std::string text = text_of(one.bytes);
        EXPECT_EQ(checksum(text), one.unseeded) << one.bytes;
        EXPECT_EQ(checksum(text, seed), one.seeded) << one.bytes;
        EXPECT_EQ(hash_content(text, seed), one.body) << one.bytes;
    }
}

}  // namespace
}  // namespace reprise
