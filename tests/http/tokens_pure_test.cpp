#include "../../server/http/endpoints.hpp"
#include "../../server/http/networks.hpp"
#include "../../server/http/token_routes.hpp"
#include "../../server/http/token_text.hpp"
#include "reprise/base/id.hpp"
#include "reprise/http/scopes.hpp"
#include "reprise/http/tokens.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace reprise::http {
namespace {

TEST(token_text, comes_back_from_its_text)
{
    const token_parts parts{make_ulid(1), make_token_secret()};
    const std::string text = token_text(parts);
    EXPECT_TRUE(text.starts_with("rpr_" + parts.id + "_"));
    EXPECT_EQ(parts.secret.size(), token_secret_chars);
    const auto parsed = parse_token(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->id, parts.id);
    EXPECT_EQ(parsed->secret, parts.secret);
}

TEST(token_text, every_changed_character_is_noticed)
{
    const std::string text = token_text({make_ulid(1), make_token_secret()});
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(parse_token(changed)) << i;
        EXPECT_FALSE(parse_token(text.substr(0, i))) << i;
    }
    EXPECT_FALSE(parse_token(text + "_x"));
    EXPECT_FALSE(parse_token(""));
    EXPECT_FALSE(parse_token("rpr___"));
}

TEST(token_text, secrets_differ_and_use_all_digits)
{
    std::set<std::string> secrets;
    std::set<char> digits;
    for (int i = 0; i < 200; ++i) {
        const std::string secret = make_token_secret();
        digits.insert(secret.begin(), secret.end());
        secrets.insert(secret);
    }
    EXPECT_EQ(secrets.size(), 200U);
    EXPECT_EQ(digits.size(), 62U);
}

TEST(token_text, a_bearer_is_found_whatever_the_case_of_its_scheme)
{
    EXPECT_EQ(find_bearer("Bearer x"), "x");
    EXPECT_EQ(find_bearer("bearer x"), "x");
    EXPECT_EQ(find_bearer("Basic x"), "");
    EXPECT_EQ(find_bearer("Bearer"), "");
    EXPECT_EQ(find_bearer(""), "");
}

TEST(scopes, are_read_and_written_in_one_order)
{
    const auto set = scope_set::parse("runs:write,ingest:write,runs:write");
    ASSERT_TRUE(set);
    EXPECT_EQ(set->text(), "ingest:write,runs:write");
    EXPECT_TRUE(set->has(scope::runs_write));
    EXPECT_TRUE(set->has(scope::any));
    EXPECT_FALSE(set->has(scope::runs_read));
    EXPECT_FALSE(set->has(scope::nobody));
    EXPECT_FALSE(scope_set::parse("runs:write,approvals:write"));
    EXPECT_FALSE(scope_set::parse("any"));
    EXPECT_TRUE(scope_set::parse("")->empty());
}

TEST(scopes, are_granted_by_those_who_have_the_role)
{
    model::roles viewer;
    viewer.viewer = true;
    EXPECT_TRUE(may_grant(scope::runs_read, viewer));
    EXPECT_FALSE(may_grant(scope::runs_write, viewer));
    EXPECT_FALSE(may_grant(scope::admin_read, viewer));
    EXPECT_FALSE(may_grant(scope::runs_read, model::roles{}));
    model::roles approver;
    approver.approver = true;
    EXPECT_FALSE(may_grant(scope::runs_write, approver));
}

TEST(token_routes, each_is_a_route_and_none_lets_a_token_decide_or_manage_people)
{
    const auto all = endpoints();
    for (const token_route& one : token_routes()) {
        const auto route = std::find_if(all.begin(), all.end(), [&one](const endpoint& each) {
            return each.method == one.method && each.path == one.path;
        });
        ASSERT_NE(route, all.end()) << one.path;
        EXPECT_NE(route->access, need::approver) << one.path;
        EXPECT_NE(route->access, need::nothing) << one.path;
        if (route->access == need::admin) {
            EXPECT_EQ(one.method, net::method::get) << one.path;
            EXPECT_EQ(one.needs, scope::admin_read) << one.path;
        }
        if (one.method != net::method::get) {
            EXPECT_EQ(route->access, need::operator_) << one.path;
        }
    }
}

TEST(token_routes, what_is_not_listed_is_for_people)
{
    EXPECT_EQ(find_token_scope(net::method::post, "/approvals/{id}/approve"), scope::nobody);
    EXPECT_EQ(find_token_scope(net::method::post, "/compat/agent-platform/approvals/{id}/approve"), scope::nobody);
    EXPECT_EQ(find_token_scope(net::method::post, "/compat/agent-platform/approvals/{id}/reject"), scope::nobody);
    EXPECT_EQ(find_token_scope(net::method::post, "/events/{id}/approve"), scope::nobody);
    EXPECT_EQ(find_token_scope(net::method::post, "/events"), scope::events_write);
    EXPECT_EQ(find_token_scope(net::method::post, "/users"), scope::nobody);
    EXPECT_EQ(find_token_scope(net::method::post, "/tokens"), scope::nobody);
    EXPECT_EQ(find_token_scope(net::method::get, "/runs"), scope::runs_read);
    EXPECT_EQ(find_token_scope(net::method::delete_, "/runs"), scope::nobody);
}

TEST(networks, hold_what_is_within_their_prefix)
{
    EXPECT_TRUE(is_within("203.0.113.9", {}));
    const std::vector<std::string> some = {"10.0.0.0/8", "192.0.2.7", "2001:db8::/32"};
    EXPECT_TRUE(is_within("10.200.3.4", some));
    EXPECT_TRUE(is_within("::ffff:10.200.3.4", some));
    EXPECT_TRUE(is_within("192.0.2.7", some));
    EXPECT_TRUE(is_within("2001:db8:1::1", some));
    EXPECT_FALSE(is_within("11.0.0.1", some));
    EXPECT_FALSE(is_within("192.0.2.8", some));
    EXPECT_FALSE(is_within("2001:db9::1", some));
    EXPECT_FALSE(is_within("no address", some));
    EXPECT_FALSE(is_within("10.0.0.1", {"no network"})) << "never open by mistake";
}

TEST(networks, an_ipv6_household_counts_as_one)
{
    EXPECT_EQ(peer_group("203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(peer_group("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    EXPECT_EQ(peer_group("2001:db8:1:2::9"), peer_group("2001:db8:1:2:ffff::1"));
    EXPECT_NE(peer_group("2001:db8:1:3::9"), peer_group("2001:db8:1:2::9"));
    EXPECT_EQ(peer_group("::ffff:10.0.0.1"), "::ffff:10.0.0.1");
}

TEST(networks, are_told_from_other_text)
{
    for (const std::string good : {"10.0.0.0/8", "0.0.0.0/0", "::1", "2001:db8::/128", "127.0.0.1/32"})
        EXPECT_TRUE(is_network(good)) << good;
    for (const std::string bad : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "::/129", "fe80::1%eth0",
                                  "10.0.0.0/8/8", "example.com"})
        EXPECT_FALSE(is_network(bad)) << bad;
}

TEST(token_faults, say_what_is_wrong)
{
    model::roles operator_role;
    operator_role.operator_ = true;
    token_request wanted;
    wanted.name = "ci";
    wanted.scopes.add(scope::runs_write);
    wanted.lifetime_ns = token_lifetime_max_ns;
    EXPECT_EQ(find_token_fault(wanted, operator_role), "");

    wanted.lifetime_ns += 1;
    EXPECT_NE(find_token_fault(wanted, operator_role).find("days"), std::string::npos);
    wanted.lifetime_ns = 0;
    EXPECT_NE(find_token_fault(wanted, operator_role).find("days"), std::string::npos);
    wanted.lifetime_ns = token_lifetime_max_ns;
    wanted.scopes.add(scope::admin_read);
    EXPECT_NE(find_token_fault(wanted, operator_role).find("admin:read"), std::string::npos);
    wanted.scopes = scope_set();
    EXPECT_NE(find_token_fault(wanted, operator_role).find("scopes"), std::string::npos);
    wanted.scopes.add(scope::runs_read);
    wanted.networks = {"everywhere"};
    EXPECT_NE(find_token_fault(wanted, operator_role).find("everywhere"), std::string::npos);
    wanted.networks.assign(token_networks_max + 1, "10.0.0.0/8");
    EXPECT_NE(find_token_fault(wanted, operator_role).find("networks"), std::string::npos);
    wanted.networks.clear();
    wanted.name = "line\nbreak";
    EXPECT_NE(find_token_fault(wanted, operator_role).find("name"), std::string::npos);
}

}  // namespace
}  // namespace reprise::http
