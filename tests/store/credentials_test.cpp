#include "store_fixture.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/store/credentials.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/tokens.hpp"

namespace reprise::store {
namespace {

class credentials_test : public store_test {
protected:
    void SetUp() override
    {
        add("p1", "ada", model::person_kind::person);
        add("s1", "ci", model::person_kind::service);
    }

    void add(const std::string& id, const std::string& name, model::person_kind kind)
    {
        model::person person;
        person.id = id;
        person.name = name;
        person.kind = kind;
        person.roles.viewer = true;
        ASSERT_TRUE(write([&](transaction& tx) { return insert_person(tx, person); }));
    }
    static api_token token_of(const std::string& id, const std::string& person_id)
    {
        api_token token;
        token.id = id;
        token.person_id = person_id;
        token.name = "ci of checkout";
        token.secret_hash = sha256_hex("secret of " + id);
        token.scopes = "runs:read";
        token.networks = {"10.0.0.0/8"};
        token.created_by = "cli";
        token.created_ns = t0;
        token.expires_ns = t0 + 100;
        return token;
    }
    result<void> insert(const api_token& token)
    {
        return write([&](transaction& tx) { return insert_token(tx, token, t0); });
    }
    bool is_live(const std::string& id, std::int64_t now_ns)
    {
        return read([&](reader& r) { return find_live_token(r, id, now_ns); }).value().has_value();
    }
    result<void> revoke(const std::string& id)
    {
        return write([&](transaction& tx) { return revoke_token(tx, id, t0); });
    }
};

TEST_F(credentials_test, a_password_replaces_the_one_before_and_belongs_to_a_person)
{
    const auto save = [&](const std::string& id, const std::string& hash) {
        return write([&](transaction& tx) { return save_password(tx, id, hash, t0); });
    };
    const auto find = [&](const std::string& id) {
        return read([&](reader& r) { return find_password(r, id); }).value();
    };
    EXPECT_FALSE(find("p1"));
    ASSERT_TRUE(save("p1", "one"));
    ASSERT_TRUE(save("p1", "two"));
    EXPECT_EQ(find("p1")->hash, "two");
    EXPECT_EQ(find("p1")->changed_ns, t0);
    EXPECT_EQ(save("s1", "x").error(), reprise::errc::denied);
    EXPECT_EQ(save("nobody", "x").error(), reprise::errc::invalid_argument);
}

TEST_F(credentials_test, an_identity_belongs_to_one_person_for_good)
{
    const identity_key known{"https://id.test", "42"};
    const auto link = [&](const identity_key& identity, const std::string& id) {
        return write([&](transaction& tx) { return link_identity(tx, identity, id, t0); });
    };
    const auto find = [&](const identity_key& identity) {
        return read([&](reader& r) { return find_person_by_identity(r, identity); }).value();
    };
    ASSERT_TRUE(link(known, "p1"));
    EXPECT_EQ(find(known)->name, "ada");
    EXPECT_FALSE(find({"https://other.test", "42"}));
    EXPECT_FALSE(find({"https://id.test", "43"}));
    EXPECT_EQ(link(known, "s1").error(), reprise::errc::conflict);
}

TEST_F(credentials_test, a_token_lives_until_it_expires_or_is_revoked)
{
    ASSERT_TRUE(insert(token_of("t1", "s1")));
    ASSERT_TRUE(insert(token_of("t2", "s1")));
    const auto found = read([](reader& r) { return find_live_token(r, "t1", t0 + 99); }).value().value();
    EXPECT_EQ(found.person.name, "ci");
    EXPECT_EQ(found.token.scopes, "runs:read");
    EXPECT_EQ(found.token.networks, std::vector<std::string>{"10.0.0.0/8"});
    EXPECT_FALSE(found.token.used_ns);
    EXPECT_FALSE(is_live("t1", t0 + 100));
    EXPECT_FALSE(is_live("t3", t0));

    ASSERT_TRUE(revoke("t2"));
    EXPECT_FALSE(is_live("t2", t0));
    EXPECT_EQ(revoke("t2").error(), reprise::errc::not_found) << "once";
    EXPECT_EQ(read([](reader& r) { return find_token(r, "t2"); }).value()->revoked_ns, t0);
}

TEST_F(credentials_test, a_token_of_a_disabled_account_is_dead)
{
    ASSERT_TRUE(insert(token_of("t1", "s1")));
    auto account = read([](reader& r) { return find_person(r, "s1"); }).value().value();
    account.disabled = true;
    ASSERT_TRUE(write([&](transaction& tx) { return save_person(tx, account); }));
    EXPECT_FALSE(is_live("t1", t0));
}

TEST_F(credentials_test, the_last_use_only_moves_forward)
{
    ASSERT_TRUE(insert(token_of("t1", "s1")));
    for (const std::int64_t at : {t0 + 10, t0 + 5})
        ASSERT_TRUE(write([&](transaction& tx) { return touch_token(tx, "t1", at); }));
    EXPECT_EQ(read([](reader& r) { return find_token(r, "t1"); }).value()->used_ns, t0 + 10);
}

TEST_F(credentials_test, tokens_that_ended_long_ago_are_forgotten)
{
    ASSERT_TRUE(insert(token_of("t1", "s1")));
    ASSERT_TRUE(insert(token_of("t2", "s1")));
    ASSERT_TRUE(revoke("t2"));
    const auto prune = [&](std::int64_t before_ns) {
        return write([&](transaction& tx) { return prune_tokens(tx, before_ns); }).value();
    };
    EXPECT_EQ(prune(t0), 0U);
    EXPECT_EQ(prune(t0 + 1), 1U) << "the revoked one";
    EXPECT_EQ(prune(t0 + 101), 1U) << "the expired one";
}

TEST_F(credentials_test, a_person_has_a_limited_number_of_usable_tokens)
{
    for (std::size_t i = 0; i < tokens_per_person_max; ++i)
        ASSERT_TRUE(insert(token_of("t" + std::to_string(100 + i), "s1")));
    EXPECT_EQ(insert(token_of("one more", "s1")).error(), reprise::errc::conflict);
    EXPECT_TRUE(insert(token_of("of another", "p1")));
    ASSERT_TRUE(revoke("t100"));
    EXPECT_TRUE(insert(token_of("one more", "s1")));
    EXPECT_EQ(read([](reader& r) { return list_tokens(r, "p1", 10); }).value().size(), 1U);
    EXPECT_EQ(read([](reader& r) { return list_tokens(r, "", 10); }).value().front().id, "t149");
}

}  // namespace
}  // namespace reprise::store
