#include "reprise/net/url.hpp"

#include <gtest/gtest.h>

namespace reprise::net {
namespace {

using boost::asio::ip::make_address;

struct address_case {
    std::string name;
    std::string address;
    bool is_public;
};

class address_table : public testing::TestWithParam<address_case> {};

TEST_P(address_table, is_judged)
{
    EXPECT_EQ(is_public_address(make_address(GetParam().address)), GetParam().is_public);
}

INSTANTIATE_TEST_SUITE_P(
    cases,
    address_table,
    testing::Values(
        address_case{"public_v4", "93.184.216.34", true},
        address_case{"public_v6", "2606:2800:220:1::1", true},
        address_case{"loopback", "127.0.0.1", false},
        address_case{"loopback_far", "127.255.255.254", false},
        address_case{"any", "0.0.0.0", false},
        address_case{"private_10", "10.1.2.3", false},
        address_case{"private_172", "172.31.255.255", false},
        address_case{"beyond_private_172", "172.32.0.0", true},
        address_case{"private_192", "192.168.0.1", false},
        address_case{"shared", "100.100.100.200", false},
        address_case{"metadata", "169.254.169.254", false},
        address_case{"multicast", "224.0.0.1", false},
        address_case{"broadcast", "255.255.255.255", false},
        address_case{"documentation", "203.0.113.9", false},
        address_case{"v6_loopback", "::1", false},
        address_case{"v6_any", "::", false},
        address_case{"v4_mapped", "::ffff:8.8.8.8", false},
        address_case{"v4_compatible", "::8.8.8.8", false},
        address_case{"nat64", "64:ff9b::808:808", false},
        address_case{"six_to_four", "2002:7f00:1::", false},
        address_case{"teredo", "2001:0:1::", false},
        address_case{"unique_local", "fd00:ec2::254", false},
        address_case{"link_local", "fe80::1", false},
        address_case{"v6_multicast", "ff02::1", false},
        address_case{"v6_documentation", "2001:db8::1", false}
    ),
    [](const auto& param) { return param.param.name; }
);

target_guard guard_of(const std::vector<std::string>& targets, const std::vector<std::string>& networks = {})
{
    return target_guard::parse(targets, networks).value();
}

TEST(target_guard, allows_what_is_below_a_target_and_nothing_else)
{
    const auto guard = guard_of({"http://shop.test/api", "http://127.0.0.1:3000"});

    EXPECT_TRUE(guard.check(parse_url("http://shop.test/api").value()));
    EXPECT_TRUE(guard.check(parse_url("http://shop.test/api/x?y=1").value()));
    EXPECT_TRUE(guard.check(parse_url("http://127.0.0.1:3000/anything").value()));
    for (const std::string text :
         {"http://shop.test/", "http://shop.test/apix", "https://shop.test/api", "http://shop.test:81/api",
          "http://127.0.0.1:3001/", "http://shop.test/api/../admin", "http://shop.test/api/%2e%2E/admin"}) {
        EXPECT_EQ(guard.check(parse_url(text).value()).error(), errc::target_refused) << text;
    }
}

TEST(target_guard, without_targets_nothing_is_allowed)
{
    EXPECT_EQ(guard_of({}).check(parse_url("http://a.test/").value()).error(), errc::target_refused);
}

TEST(target_guard, special_addresses_need_a_network_or_a_literal_target)
{
    const auto named = guard_of({"http://shop.test"});
    EXPECT_FALSE(named.allows(make_address("127.0.0.1")));
    EXPECT_TRUE(named.allows(make_address("93.184.216.34")));

    EXPECT_TRUE(guard_of({"http://127.0.0.1:3000"}).allows(make_address("127.0.0.1")));
    EXPECT_FALSE(guard_of({"http://127.0.0.1:3000"}).allows(make_address("127.0.0.2")));
    EXPECT_TRUE(guard_of({"http://localhost:3000"}).allows(make_address("::1")));
    EXPECT_TRUE(guard_of({"http://shop.test"}, {"10.0.0.0/8"}).allows(make_address("10.9.9.9")));
    EXPECT_FALSE(guard_of({"http://shop.test"}, {"10.0.0.0/8"}).allows(make_address("192.168.1.1")));
    EXPECT_TRUE(guard_of({"http://shop.test"}, {"fd00::/12"}).allows(make_address("fd0f::1")));
    EXPECT_FALSE(guard_of({"http://shop.test"}, {"fd00::/12"}).allows(make_address("fd10::1")));
}

TEST(target_guard, refuses_malformed_rules)
{
    EXPECT_EQ(target_guard::parse({"shop"}, {}).error(), errc::bad_url);
    for (const std::string text : {"10.0.0.0/33", "10.0.0/8", "fd00::/129", "10.0.0.0/", "10.0.0.0/8x", ""})
        EXPECT_EQ(target_guard::parse({}, {text}).error(), errc::bad_url) << text;
}

}  // namespace
}  // namespace reprise::net
