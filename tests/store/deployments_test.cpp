#include "store_fixture.hpp"

#include "reprise/store/deployments.hpp"
#include "reprise/store/services.hpp"

#include <array>
#include <vector>

namespace reprise::store {
namespace {

using model::deployment;
using model::deployment_origin;

class deployments_test : public store_test {
protected:
    void SetUp() override
    {
        const std::array seen = {service_sight{"checkout", t0, 1}};
        ASSERT_TRUE(write([&](transaction& tx) { return touch_services(tx, seen, t0); }));
    }

    std::vector<deployment> note(const std::vector<version_sight>& seen, const std::string& service = "checkout")
    {
        return write([&](transaction& tx) { return note_versions(tx, service, seen, t0); }).value();
    }
    result<void> report(const deployment& made)
    {
        return write([&](transaction& tx) { return report_deployment(tx, made, t0); });
    }
    std::vector<deployment> list(std::size_t limit = 100)
    {
        return read([&](reader& r) { return list_deployments(r, "checkout", limit); }).value();
    }
    std::vector<overflow_route> routes()
    {
        return read([](reader& r) { return list_overflow_routes(r, "checkout", 100); }).value();
    }
};

TEST_F(deployments_test, the_first_version_of_a_service_is_no_deployment)
{
    EXPECT_TRUE(note({{"1.0", t0}}).empty());
    EXPECT_TRUE(list().empty());
}

TEST_F(deployments_test, a_version_that_is_not_known_is_one_and_stays_one)
{
    note({{"1.0", t0}});
    const auto fresh = note({{"1.0", t0 + 5}, {"2.0", t0 + 7}});
    ASSERT_EQ(fresh.size(), 1U);
    EXPECT_EQ(fresh[0], (deployment{"checkout", "2.0", t0 + 7, deployment_origin::observed}));
    EXPECT_TRUE(note({{"2.0", t0 + 9}, {"1.0", t0 + 9}}).empty());
    EXPECT_EQ(list(), fresh);
    EXPECT_TRUE(note({{"2.0", t0}}, "cart").empty()) << "each service has its own";
}

TEST_F(deployments_test, what_is_reported_is_listed_once_and_known_from_then_on)
{
    note({{"1.0", t0}});
    const deployment reported{"checkout", "2.0", t0 + 3, deployment_origin::reported};
    const auto before = db->last_seq();
    ASSERT_TRUE(report(reported));
    EXPECT_EQ(db->last_seq(), before + 1);
    EXPECT_EQ(report(reported).error(), reprise::errc::conflict);
    EXPECT_TRUE(note({{"2.0", t0 + 9}}).empty());
    EXPECT_EQ(list(), std::vector{reported});
    EXPECT_EQ(report({"nobody", "1", t0, deployment_origin::reported}).error(), reprise::errc::not_found);
}

TEST_F(deployments_test, a_report_before_the_first_record_makes_the_version_in_the_records_no_deployment)
{
    ASSERT_TRUE(report({"checkout", "2.0", t0, deployment_origin::reported}));
    EXPECT_TRUE(note({{"1.0", t0 + 1}}).empty());
    EXPECT_EQ(list().size(), 1U);
}

TEST_F(deployments_test, they_are_listed_newest_first_and_pruned_by_count)
{
    note({{"0", t0}});
    for (int i = 1; i <= 250; ++i)
        note({{std::to_string(i), t0 + i}});
    EXPECT_EQ(list(1000).size(), deployments_kept_max);
    const auto newest = list(2);
    ASSERT_EQ(newest.size(), 2U);
    EXPECT_EQ(newest[0].version, "250");
    EXPECT_EQ(newest[1].version, "249");
}

overflow_route route_of(std::string route, std::uint64_t records)
{
    overflow_route made;
    made.method = "GET";
    made.route = std::move(route);
    made.records = records;
    made.last_seen_ns = t0;
    return made;
}

TEST_F(deployments_test, overflowed_routes_add_up_and_the_rarest_are_forgotten)
{
    const auto add = [this](const std::vector<overflow_route>& seen) {
        return write([&](transaction& tx) { return add_overflow_routes(tx, "checkout", seen); });
    };
    ASSERT_TRUE(add({route_of("/a", 5), route_of("/b", 7)}));
    ASSERT_TRUE(add({route_of("/a", 4)}));
    ASSERT_TRUE(add({}));
    ASSERT_EQ(routes().size(), 2U);
    EXPECT_EQ(routes()[0].route, "/a");
    EXPECT_EQ(routes()[0].records, 9U);

    std::vector<overflow_route> many;
    for (int i = 0; i < 100; ++i)
        many.push_back(route_of("/once/" + std::to_string(i), 1));
    ASSERT_TRUE(add(many));
    EXPECT_EQ(routes().size(), overflow_routes_kept_max);
    EXPECT_EQ(routes()[1].route, "/b");
}

}  // namespace
}  // namespace reprise::store
