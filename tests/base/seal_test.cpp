#include "reprise/base/seal.hpp"

#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise {
namespace {

const std::string key(sealing_key_bytes, 'k');

std::string sealed(std::string_view text, std::uint64_t number = 7, std::string_view context = "head")
{
    std::string out(text.size() + seal_tag_bytes, '\0');
    sealer(key).seal(number, context, text, out.data());
    return out;
}

TEST(seal, opens_what_was_sealed)
{
    const std::string bytes = sealed("a secret");

    EXPECT_EQ(bytes.size(), 8 + seal_tag_bytes);
    EXPECT_EQ(bytes.find("secret"), std::string::npos);
    EXPECT_EQ(sealer(key).open(7, "head", bytes).value(), "a secret");
    EXPECT_EQ(sealer(key).open(7, "head", sealed("")).value(), "");
}

TEST(seal, equals_a_published_vector)
{
    // Test case 14 of the GCM specification: zero key, zero nonce, one zero block.
    for (const sealed_by how : {sealed_by::widest, sealed_by::common}) {
        std::string out(16 + seal_tag_bytes, '\0');
        sealer(std::string(32, '\0'), how).seal(0, "", std::string(16, '\0'), out.data());

        EXPECT_EQ(
            to_hex({reinterpret_cast<const unsigned char*>(out.data()), out.size()}),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
        );
    }
}

TEST(seal, gives_the_same_bytes_whichever_instructions_the_processor_has)
{
    sealer widest(key, sealed_by::widest);
    sealer common(key, sealed_by::common);
    std::string text;
    std::string context;
    std::uint64_t number = 0;
    for (std::size_t bytes = 0; bytes < 1'200'000; bytes += bytes < 600 ? 1 : bytes / 3) {
        while (text.size() < bytes)
            text += static_cast<char>(text.size() * 31 + text.size() / 200);
        context.assign(bytes % 50, 'c');
        std::string one(bytes + seal_tag_bytes, '\0');
        std::string other(bytes + seal_tag_bytes, '\0');
        widest.seal(++number, context, text, one.data());
        common.seal(number, context, text, other.data());
        ASSERT_EQ(one, other) << bytes;
        ASSERT_EQ(widest.open(number, context, one).value(), text) << bytes;
    }
}

TEST(seal, goes_on_with_the_next_number)
{
    sealer with(key);
    constexpr std::size_t sealed_bytes = 3 + seal_tag_bytes;
    std::string out(2 * sealed_bytes, '\0');
    with.seal(1, "", "one", out.data());
    with.seal(2, "", "two", out.data() + sealed_bytes);

    EXPECT_EQ(with.open(1, "", std::string_view(out).substr(0, sealed_bytes)).value(), "one");
    EXPECT_EQ(with.open(2, "", std::string_view(out).substr(sealed_bytes)).value(), "two");
}

TEST(seal, any_flipped_bit_is_noticed)
{
    const std::string good = sealed("a secret");
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_EQ(sealer(key).open(7, "head", bad).error(), errc::corrupt) << bit;
    }
}

TEST(seal, another_key_number_context_or_length_opens_nothing)
{
    const std::string good = sealed("a secret");
    EXPECT_FALSE(sealer(std::string(sealing_key_bytes, 'x')).open(7, "head", good));
    EXPECT_FALSE(sealer(key).open(8, "head", good));
    EXPECT_FALSE(sealer(key).open(7, "heat", good));
    EXPECT_FALSE(sealer(key).open(7, "head", good.substr(1)));
    EXPECT_FALSE(sealer(key).open(7, "head", ""));
}

}  // namespace
}  // namespace reprise
