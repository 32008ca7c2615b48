#include "../../server/rpc/peer_address.hpp"

#include <gtest/gtest.h>

namespace reprise::rpc {
namespace {

TEST(peer_address_test, the_port_and_the_brackets_are_left_out)
{
    EXPECT_EQ(address_of_peer("ipv4:10.0.0.7:51234"), "10.0.0.7");
    EXPECT_EQ(address_of_peer("ipv6:[::1]:51234"), "::1");
    EXPECT_EQ(address_of_peer("ipv6:%5Bfe80::1%5D:4"), "fe80::1");
}

TEST(peer_address_test, what_is_no_network_address_stays_as_it_is)
{
    EXPECT_EQ(address_of_peer("unix:/run/otlp"), "unix:/run/otlp");
    EXPECT_EQ(address_of_peer(""), "");
}

}  // namespace
}  // namespace reprise::rpc
