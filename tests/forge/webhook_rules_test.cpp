#include "reprise/forge/webhook_rules.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace reprise::forge {
namespace {

struct rule_case {
    std::string name;
    std::vector<std::string> allowed;
    std::string url;
    bool passes;
};

void PrintTo(const rule_case& one, std::ostream* out)
{
    *out << one.name;
}

class webhook_rules_test : public testing::TestWithParam<rule_case> {};

TEST_P(webhook_rules_test, says_where_webhooks_may_go)
{
    webhook_rules rules;
    for (const std::string& item : GetParam().allowed)
        ASSERT_TRUE(rules.allow(item)) << item;
    const auto target = net::parse_url(GetParam().url);
    ASSERT_TRUE(target);

    const auto fault = rules.find_fault(*target);
    EXPECT_EQ(!fault, GetParam().passes) << fault.value_or("passes");
    EXPECT_TRUE(!fault || fault->find("forge.webhooks.allow") != std::string::npos) << "the way out";
}

INSTANTIATE_TEST_SUITE_P(
    table, webhook_rules_test,
    testing::Values(
        rule_case{"https_to_a_name", {}, "https://hooks.example.com/in?x=1", true},
        rule_case{"https_to_a_public_address", {}, "https://93.184.216.34/", true},
        rule_case{"plain_http", {}, "http://hooks.example.com/", false},
        rule_case{"loopback", {}, "https://127.0.0.1/", false},
        rule_case{"loopback_v6", {}, "https://[::1]/", false},
        rule_case{"mapped_loopback", {}, "https://[::ffff:127.0.0.1]/", false},
        rule_case{"metadata", {}, "https://169.254.169.254/latest", false},
        rule_case{"private_address", {}, "https://10.1.2.3/", false},
        rule_case{"localhost", {}, "https://localhost/", false},
        rule_case{"listed_network", {"10.0.0.0/8"}, "https://10.1.2.3/", true},
        rule_case{"listed_network_plain_http", {"10.0.0.0/8"}, "http://10.1.2.3:8080/x", true},
        rule_case{"another_network", {"10.0.0.0/8"}, "http://192.168.1.1/", false},
        rule_case{"a_public_network_does_not_allow_plain_http", {"93.184.216.0/24"}, "http://93.184.216.34/", false},
        rule_case{"listed_host", {"hooks.internal"}, "http://hooks.internal:9000/x", true},
        rule_case{"below_a_listed_host", {"hooks.internal"}, "http://x.hooks.internal/", false},
        rule_case{"listed_localhost", {"localhost"}, "http://localhost:9000/", true},
        rule_case{"a_listed_network_does_not_name_localhost", {"127.0.0.0/8"}, "https://localhost/", false},
        rule_case{"listed_address", {"::1"}, "http://[::1]:9000/", true}
    ),
    [](const auto& named) { return named.param.name; }
);

TEST(webhook_rules, items_that_are_neither_network_nor_host_are_refused)
{
    webhook_rules rules;
    for (const std::string item : {"", "https://hooks.internal", "hooks.internal/path", "hooks.internal:9000", "a b",
                                   "10.0.0.0/40", "user@host", "*.internal", "127.1"})
        EXPECT_EQ(rules.allow(item).error(), errc::invalid_argument) << item;
}

TEST(webhook_rules, the_guard_lets_pass_what_the_rules_say_about_addresses)
{
    webhook_rules rules;
    ASSERT_TRUE(rules.allow("10.0.0.0/8"));
    ASSERT_TRUE(rules.allow("hooks.internal"));
    const auto address = [](const char* text) { return boost::asio::ip::make_address(text); };
    const auto named = rules.guard_for(*net::parse_url("https://hooks.example.com/in"));
    EXPECT_TRUE(named.allows(address("93.184.216.34")));
    EXPECT_TRUE(named.allows(address("10.9.9.9")));
    EXPECT_FALSE(named.allows(address("127.0.0.1")));
    EXPECT_FALSE(named.allows(address("169.254.169.254")));
    EXPECT_TRUE(named.check(*net::parse_url("https://hooks.example.com/in")));
    EXPECT_FALSE(named.check(*net::parse_url("https://elsewhere.example.com/in")));

    const auto listed = rules.guard_for(*net::parse_url("http://hooks.internal/"));
    EXPECT_TRUE(listed.allows(address("127.0.0.1")));
}

}  // namespace
}  // namespace reprise::forge
