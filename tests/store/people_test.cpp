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
        const session value{sha256_hex(token), "csrf", "p1", now_ns, now_ns};
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

TEST_F(people_test, a_session_needs_a_person)
{
    const session lost{sha256_hex("x"), "csrf", "nobody", t0, t0};
    EXPECT_EQ(write([&](transaction& tx) { return insert_session(tx, lost); }).error(),
              reprise::errc::invalid_argument);
}

}  // namespace
}  // namespace reprise::store
