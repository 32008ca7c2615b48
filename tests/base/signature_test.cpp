#include "reprise/base/signature.hpp"

#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace reprise {
namespace {

std::string from_base64url(std::string text)
{
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return from_base64(text);
}

// RFC 8032, 7.1, test 1.
const std::string seed = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
const std::string public_bytes = from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
const std::string signature_of_nothing = from_hex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
);

// RFC 7515, A.3.
const std::string p256_x = from_base64url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
const std::string p256_y = from_base64url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
const std::string p256_message =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const std::string p256_signature =
    from_base64url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");

TEST(signature, ed25519_is_that_of_the_standard)
{
    const auto key = signing_key::from_seed(seed);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->public_bytes(), public_bytes);
    EXPECT_EQ(key->sign(""), signature_of_nothing);

    const auto known = public_key::from_ed25519(public_bytes);
    ASSERT_TRUE(known);
    EXPECT_TRUE(known->verifies("", signature_of_nothing));
    EXPECT_FALSE(known->verifies("x", signature_of_nothing));
    EXPECT_FALSE(known->verifies("", signature_of_nothing.substr(1)));
    EXPECT_FALSE(known->verifies("", ""));
}

TEST(signature, p256_is_that_of_the_standard)
{
    const auto key = public_key::from_p256(p256_x, p256_y);
    ASSERT_TRUE(key);
    EXPECT_TRUE(key->verifies(p256_message, p256_signature));
    EXPECT_FALSE(key->verifies(p256_message + "x", p256_signature));
    EXPECT_FALSE(key->verifies(p256_message, std::string(64, '\0')));
    EXPECT_FALSE(key->verifies(p256_message, p256_signature.substr(0, 63)));
}

TEST(signature, what_is_no_key_makes_none)
{
    EXPECT_FALSE(signing_key::from_seed("short"));
    EXPECT_FALSE(public_key::from_ed25519("short"));
    EXPECT_FALSE(public_key::from_p256(p256_x, p256_x)) << "not on the curve";
    EXPECT_FALSE(public_key::from_p256("", ""));
    const std::string e = from_hex("010001");
    EXPECT_FALSE(public_key::from_rsa("", e));
    EXPECT_FALSE(public_key::from_rsa(std::string(128, '\xff'), e)) << "1024 bits";
    EXPECT_FALSE(public_key::from_rsa(std::string(256, '\xff'), "\x01"));
    EXPECT_FALSE(public_key::from_rsa(std::string(4096, '\xff'), e)) << "slow to check";
    EXPECT_TRUE(public_key::from_rsa(std::string(256, '\xff'), e));
}

}  // namespace
}  // namespace reprise
