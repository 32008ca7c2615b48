#include "../../server/rpc/listen_address.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <string>

namespace reprise::rpc {
namespace {

struct address_case {
    std::string name;
    std::string listen;
    bool usable;
};

class listen_address_table : public testing::TestWithParam<address_case> {};

TEST_P(listen_address_table, is_told_usable_from_malformed)
{
    boost::asio::io_context context;
    const auto usable = open_listener(context.get_executor(), GetParam().listen);

    EXPECT_EQ(usable.has_value(), GetParam().usable);
    if (!GetParam().usable) {
        EXPECT_EQ(usable.error(), errc::address_malformed);
        EXPECT_NE(usable.error().message().find("host:port"), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(
    cases, listen_address_table,
    testing::Values(
        address_case{"loopback", "127.0.0.1:0", true}, address_case{"all_addresses", "0.0.0.0:0", true},
        address_case{"localhost", "localhost:0", true}, address_case{"no_port", "127.0.0.1", false},
        address_case{"empty_port", "127.0.0.1:", false}, address_case{"port_too_large", "127.0.0.1:65536", false},
        address_case{"port_with_text", "127.0.0.1:4317x", false}, address_case{"negative_port", "127.0.0.1:-1", false},
        address_case{"a_name_is_no_address", "example:4317", false}, address_case{"bare_ipv6", "::1:4317", false},
        address_case{"ipv4_in_brackets", "[127.0.0.1]:4317", false}, address_case{"empty", "", false}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(listen_address, of_another_machine_is_refused)
{
    boost::asio::io_context context;
    EXPECT_EQ(open_listener(context.get_executor(), "192.0.2.1:4317").error(), errc::address_refused);
}

}  // namespace
}  // namespace reprise::rpc
