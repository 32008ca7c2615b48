#include "../../server/rpc/message_assembly.hpp"

#include "../../server/rpc/grpc_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::rpc {
namespace {

using state = message_assembly::state;

std::string framed(std::string_view bytes)
{
    return std::string("\0\0\0", 3) + static_cast<char>(bytes.size() >> 8) + static_cast<char>(bytes.size()) +
           std::string(bytes);
}

TEST(message_assembly, is_whole_in_whatever_pieces_it_comes)
{
    const std::string text = framed("three logs");
    for (std::size_t step = 1; step <= text.size(); ++step) {
        message_assembly message(100);
        EXPECT_TRUE(message.empty());
        for (std::size_t at = 0; at < text.size(); at += step) {
            EXPECT_EQ(message.now(), state::incomplete);
            message.add(std::string_view(text).substr(at, step));
        }
        EXPECT_EQ(message.now(), state::whole);
        EXPECT_FALSE(message.compressed());
        EXPECT_EQ(message.take(), "three logs");
    }
}

TEST(message_assembly, of_nothing_is_whole_with_its_prefix)
{
    message_assembly message(100);

    EXPECT_EQ(message.add(framed("")), state::whole);
    EXPECT_EQ(message.take(), "");
}

TEST(message_assembly, knows_its_limit_from_the_prefix_alone)
{
    message_assembly at_limit(10);
    message_assembly over(10);

    EXPECT_EQ(at_limit.add(framed("0123456789")), state::whole);
    EXPECT_EQ(over.add(std::string("\0\0\0\0\x0b", 5)), state::too_large);
    EXPECT_EQ(over.announced_bytes(), 11U);
}

TEST(message_assembly, is_one)
{
    message_assembly message(100);

    EXPECT_EQ(message.add(framed("one") + "x"), state::second_message);
}

TEST(message_assembly, begins_with_zero_or_one)
{
    message_assembly compressed(100);
    message_assembly malformed(100);

    EXPECT_EQ(compressed.add(std::string("\1\0\0\0\1x", 6)), state::whole);
    EXPECT_TRUE(compressed.compressed());
    EXPECT_EQ(malformed.add(std::string("\2\0\0\0\1x", 6)), state::malformed);
}

TEST(grpc_text, escapes_what_a_header_cannot_carry)
{
    EXPECT_EQ(encode_grpc_message("limit of 20 bytes"), "limit of 20 bytes");
    EXPECT_EQ(encode_grpc_message("100%\r\n\xc3\xa4"), "100%25%0D%0A%C3%A4");
}

TEST(grpc_text, leaves_the_padding_of_binary_headers_out)
{
    EXPECT_EQ(encode_binary_header("a"), "YQ");
    EXPECT_EQ(encode_binary_header(std::string("\0\xff\x10", 3)), "AP8Q");
}

}  // namespace
}  // namespace reprise::rpc
