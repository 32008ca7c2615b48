#include "store_fixture.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/store/people.hpp"

namespace reprise::store {
namespace {

class people_test : public store_test {
protected:
    void SetUp() override
    {
        model::person ada;
        ada.id = "p1";
        ada.name = "ada";
        ada.roles = {true, false, true, true};
        ada.created_ns = t0;
        ASSERT_TRUE(write([&](transaction& tx) { return insert_person(tx, ada); }));
    }

    result<void> sign_in(const std::string& token, std::int64_t now_ns)
    {
        session value{sha256_hex(token), "csrf", "p1", now_ns, now_ns};
        value.authenticated_ns = now_ns - 5;
        value.auth = "password";
        return write([&](transaction& tx) { return insert_session(tx, value); });
    }
    bool signed_in(const std::string& token, std::int64_t now_ns)
    {
        return read([&](reader& r) { return find_session(r, sha256_hex(token), now_ns); }).value().has_value();
    }
    model::person person()
    {
        return read([](reader& r) { return find_person(r, "p1"); }).value().value();
    }
    std::optional<model::person> use(const std::string& token, std::int64_t now_ns)
    {
        return write([&](transaction& tx) { return use_link(tx, sha256_hex(token), now_ns); }).value();
    }
};

TEST_F(people_test, people_have_unique_names_and_roles)
{
    model::person twin = person();
    twin.id = "p2";
    EXPECT_EQ(write([&](transaction& tx) { return insert_person(tx, twin); }).error(), reprise::errc::conflict);
    twin.name = "bob";
    twin.roles = {true, true, false, false};
    ASSERT_TRUE(write([&](transaction& tx) { return insert_person(tx, twin); }));

    EXPECT_EQ(read([](reader& r) { return find_person_by_name(r, "bob"); }).value()->roles, twin.roles);
    EXPECT_EQ(read([](reader& r) { return list_people(r, 10); }).value().size(), 2U);
    const auto counts = read([](reader& r) { return count_people(r); }).value();
    EXPECT_EQ(counts.people, 2U);
    EXPECT_EQ(counts.approvers, 1U);
    twin.id = "nobody";
    EXPECT_EQ(write([&](transaction& tx) { return save_person(tx, twin); }).error(), reprise::errc::not_found);
}

TEST_F(people_test, a_session_ends_when_idle_or_old)
{
    ASSERT_TRUE(sign_in("secret", t0));
    EXPECT_TRUE(signed_in("secret", t0 + session_idle_ns - 1));
    EXPECT_FALSE(signed_in("secret", t0 + session_idle_ns));
    EXPECT_FALSE(signed_in("Secret", t0));

    std::int64_t now = t0;
    while (now + session_idle_ns / 2 < t0 + session_absolute_ns) {
        now += session_idle_ns / 2;
        ASSERT_TRUE(signed_in("secret", now));
        ASSERT_TRUE(write([&](transaction& tx) { return touch_session(tx, sha256_hex("secret"), now); }));
    }
    EXPECT_FALSE(signed_in("secret", t0 + session_absolute_ns)) << "used, but too old";
    EXPECT_EQ(write([&](transaction& tx) { return prune_sessions(tx, t0 + session_absolute_ns); }).value(), 1U);
}

TEST_F(people_test, signing_out_and_disabling_end_sessions_at_once)
{
    ASSERT_TRUE(sign_in("one", t0));
    ASSERT_TRUE(sign_in("two", t0));
    ASSERT_TRUE(write([&](transaction& tx) { return delete_session(tx, sha256_hex("one")); }));
    EXPECT_FALSE(signed_in("one", t0));
    EXPECT_TRUE(signed_in("two", t0));

    auto ada = person();
    ada.disabled = true;
    ASSERT_TRUE(write([&](transaction& tx) { return save_person(tx, ada); }));
    EXPECT_FALSE(signed_in("two", t0));
    EXPECT_EQ(read([](reader& r) { return count_people(r); }).value().approvers, 0U);
    ada.disabled = false;
    ASSERT_TRUE(write([&](transaction& tx) { return save_person(tx, ada); }));
    EXPECT_FALSE(signed_in("two", t0)) << "an ended session stays ended";
}

TEST_F(people_test, a_person_keeps_the_newest_sessions_only)
{
    for (std::size_t i = 0; i <= sessions_per_person_max; ++i)
        ASSERT_TRUE(sign_in(std::to_string(i), t0 + static_cast<std::int64_t>(i)));
    EXPECT_FALSE(signed_in("0", t0 + 100));
    EXPECT_TRUE(signed_in("1", t0 + 100));
    EXPECT_TRUE(signed_in(std::to_string(sessions_per_person_max), t0 + 100));
}

TEST_F(people_test, a_sign_in_link_works_once_and_in_time)
{
    const auto add = [&](const std::string& token) {
        return write([&](transaction& tx) { return insert_link(tx, sha256_hex(token), "p1", t0 + 100); });
    };
    ASSERT_TRUE(add("good"));
    ASSERT_TRUE(add("late"));
    EXPECT_EQ(use("good", t0 + 99)->name, "ada");
    EXPECT_FALSE(use("good", t0 + 99)) << "single use";
    EXPECT_FALSE(use("late", t0 + 100));
    EXPECT_FALSE(use("unknown", t0));

    ASSERT_TRUE(add("disabled"));
    auto ada = person();
    ada.disabled = true;
    ASSERT_TRUE(write([&](transaction& tx) { return save_person(tx, ada); }));
    EXPECT_FALSE(use("disabled", t0));
}

TEST_F(people_test, a_session_knows_when_and_how_its_person_proved_who_they_are)
{
    ASSERT_TRUE(sign_in("one", t0));
    ASSERT_TRUE(sign_in("two", t0));
    const auto found = read([](reader& r) { return find_session(r, sha256_hex("one"), t0); }).value().value();
    const auto other = read([](reader& r) { return find_session(r, sha256_hex("two"), t0); }).value().value();
    EXPECT_EQ(found.session.authenticated_ns, t0 - 5);
    EXPECT_EQ(found.session.auth, "password");
    EXPECT_EQ(found.session.id.size(), 26U);
    EXPECT_NE(found.session.id, other.session.id);
}

TEST_F(people_test, sessions_are_listed_renewed_and_ended_by_what_they_are_called)
{
    ASSERT_TRUE(sign_in("one", t0));
    ASSERT_TRUE(sign_in("two", t0 + 1));
    const auto list = [&](std::int64_t now_ns) {
        return read([&](reader& r) { return list_sessions(r, "p1", now_ns, 10); }).value();
    };
    ASSERT_EQ(list(t0 + 2).size(), 2U);
    EXPECT_EQ(list(t0 + 2)[0].session.token_hash, sha256_hex("two"));
    EXPECT_EQ(list(t0 + 2)[0].person.name, "ada");
    EXPECT_EQ(read([](reader& r) { return list_sessions(r, "", t0, 10); }).value().size(), 2U);
    EXPECT_TRUE(list(t0 + session_absolute_ns + 2).empty());

    session renewed = list(t0 + 2)[0].session;
    const std::string id = renewed.id;
    renewed.token_hash = sha256_hex("three");
    renewed.authenticated_ns = t0 + 7;
    ASSERT_TRUE(write([&](transaction& tx) { return renew_session(tx, sha256_hex("two"), renewed); }));
    EXPECT_FALSE(signed_in("two", t0 + 8));
    EXPECT_TRUE(signed_in("three", t0 + 8));
    EXPECT_EQ(list(t0 + 8)[0].session.id, id);
    EXPECT_EQ(list(t0 + 8)[0].session.authenticated_ns, t0 + 7);
    EXPECT_EQ(write([&](transaction& tx) { return renew_session(tx, sha256_hex("two"), renewed); }).error(),
              reprise::errc::not_found);

    EXPECT_EQ(write([&](transaction& tx) { return end_session(tx, id); }).value(), "p1");
    EXPECT_FALSE(write([&](transaction& tx) { return end_session(tx, id); }).value());
    EXPECT_FALSE(signed_in("three", t0 + 8));
    ASSERT_TRUE(sign_in("four", t0));
    EXPECT_EQ(write([&](transaction& tx) { return end_other_sessions(tx, "p1", sha256_hex("four")); }).value(), 1U);
    EXPECT_TRUE(signed_in("four", t0));
}

TEST_F(people_test, a_service_account_has_no_session_and_is_never_an_approver)
{
    model::person robot;
    robot.id = "s1";
    robot.name = "ci";
    robot.kind = model::person_kind::service;
    robot.roles = {true, true, true, false};
    EXPECT_FALSE(write([&](transaction& tx) { return insert_person(tx, robot); }));
    robot.roles.approver = false;
    ASSERT_TRUE(write([&](transaction& tx) { return insert_person(tx, robot); }));
    EXPECT_EQ(read([](reader& r) { return find_person(r, "s1"); }).value()->kind, model::person_kind::service);

    session value{sha256_hex("robot"), "csrf", "s1", t0, t0};
    EXPECT_EQ(write([&](transaction& tx) { return insert_session(tx, value); }).error(), reprise::errc::denied);
    ASSERT_TRUE(write([&](transaction& tx) { return insert_link(tx, sha256_hex("link"), "s1", t0 + 100); }));
    EXPECT_FALSE(use("link", t0));
    robot.roles.approver = true;
    EXPECT_FALSE(write([&](transaction& tx) { return save_person(tx, robot); }));
}

TEST_F(people_test, a_session_needs_a_person)
{
    const session lost{sha256_hex("x"), "csrf", "nobody", t0, t0};
    EXPECT_EQ(write([&](transaction& tx) { return insert_session(tx, lost); }).error(),
              reprise::errc::invalid_argument);
}

}  // namespace
}  // namespace reprise::store
