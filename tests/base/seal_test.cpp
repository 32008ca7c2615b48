#include "reprise/base/seal.hpp"

#include "../../server/base/wide_ocb.hpp"

#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise {
namespace {

const std::string key(sealing_key_bytes, 'k');

std::string hex_of(std::string_view bytes)
{
    return to_hex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

class seal : public testing::TestWithParam<seal_cipher> {
protected:
    sealer with(std::string_view one_key = key) { return sealer(one_key, GetParam()); }

    std::string sealed(std::string_view text)
    {
        std::string out(text.size() + seal_tag_bytes, '\0');
        with().seal(7, "head", text, out.data());
        return out;
    }
};

INSTANTIATE_TEST_SUITE_P(
    with, seal, testing::Values(seal_cipher::aes_256_gcm, seal_cipher::aes_256_ocb),
    [](const auto& row) { return row.param == seal_cipher::aes_256_gcm ? "gcm" : "ocb"; }
);

TEST_P(seal, opens_what_was_sealed)
{
    const std::string bytes = sealed("a secret");

    EXPECT_EQ(bytes.size(), 8 + seal_tag_bytes);
    EXPECT_EQ(bytes.find("secret"), std::string::npos);
    EXPECT_EQ(with().open(7, "head", bytes).value(), "a secret");
    EXPECT_EQ(with().open(7, "head", sealed("")).value(), "");
}

// Test case 14 of the GCM specification: zero key, zero nonce, one zero block.
TEST(seal_gcm, equals_a_published_vector)
{
    std::string out(16 + seal_tag_bytes, '\0');
    sealer(std::string(32, '\0')).seal(0, "", std::string(16, '\0'), out.data());

    EXPECT_EQ(hex_of(out), "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

// The last 96 bits of the nonce are the number, as the vectors count.
std::string seal_vector(wide_ocb& with, unsigned number, std::string_view context, std::string_view plain)
{
    seal_nonce nonce{};
    nonce[10] = static_cast<unsigned char>(number >> 8);
    nonce[11] = static_cast<unsigned char>(number);
    std::string out(plain.size() + seal_tag_bytes, '\0');
    with.seal(nonce, context, plain, reinterpret_cast<unsigned char*>(out.data()));
    return out;
}

// Appendix A of RFC 7253: everything of AEAD_AES_256_OCB_TAGLEN128 in one tag.
TEST(seal_ocb, equals_the_published_vector)
{
    std::string vector_key(sealing_key_bytes, '\0');
    vector_key.back() = static_cast<char>(8 * seal_tag_bytes);
    const auto ocb = wide_ocb::make(vector_key);
    ASSERT_TRUE(ocb);
    std::string all;
    for (unsigned i = 0; i < 128; ++i) {
        const std::string zeros(i, '\0');
        all += seal_vector(*ocb, 3 * i + 1, zeros, zeros);
        all += seal_vector(*ocb, 3 * i + 2, "", zeros);
        all += seal_vector(*ocb, 3 * i + 3, zeros, "");
    }
    EXPECT_EQ(hex_of(seal_vector(*ocb, 385, all, "")), "d90eb8e9c977c88b79dd793d7ffa161c");
}

TEST(seal_ocb, gives_the_same_bytes_whichever_instructions_the_processor_has)
{
    sealer widest(key, seal_cipher::aes_256_ocb, sealed_by::widest);
    sealer common(key, seal_cipher::aes_256_ocb, sealed_by::common);
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

TEST_P(seal, goes_on_with_the_next_number)
{
    sealer one = with();
    constexpr std::size_t sealed_bytes = 3 + seal_tag_bytes;
    std::string out(2 * sealed_bytes, '\0');
    one.seal(1, "", "one", out.data());
    one.seal(2, "", "two", out.data() + sealed_bytes);

    EXPECT_EQ(one.open(1, "", std::string_view(out).substr(0, sealed_bytes)).value(), "one");
    EXPECT_EQ(one.open(2, "", std::string_view(out).substr(sealed_bytes)).value(), "two");
}

TEST_P(seal, any_flipped_bit_is_noticed)
{
    const std::string good = sealed("a secret");
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_EQ(with().open(7, "head", bad).error(), errc::corrupt) << bit;
    }
}

TEST_P(seal, another_key_number_context_or_length_opens_nothing)
{
    const std::string good = sealed("a secret");
    EXPECT_FALSE(with(std::string(sealing_key_bytes, 'x')).open(7, "head", good));
    EXPECT_FALSE(with().open(8, "head", good));
    EXPECT_FALSE(with().open(7, "heat", good));
    EXPECT_FALSE(with().open(7, "head", good.substr(1)));
    EXPECT_FALSE(with().open(7, "head", ""));
}

TEST(seal_cipher, one_does_not_open_what_the_other_sealed)
{
    std::string out(8 + seal_tag_bytes, '\0');
    sealer(key, seal_cipher::aes_256_ocb).seal(7, "head", "a secret", out.data());
    EXPECT_FALSE(sealer(key, seal_cipher::aes_256_gcm).open(7, "head", out));
}

}  // namespace
}  // namespace reprise
