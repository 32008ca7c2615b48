#include "flow_server.hpp"

#include "reprise/telemetry/rrpair.hpp"
#include "support/traffic.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace reprise::flow {
namespace {

namespace json = boost::json;

constexpr std::int64_t second = 1'000'000'000;

// What people set for a service, from the API to the incidents that are opened or not.
class detection : public flow_test {
protected:
    void SetUp() override
    {
        flow_test::SetUp();
        from_ns_ = system_clock().now_ns() - 300 * second;
    }

    // A minute of good orders: the service is known, and what is normal of it.
    void learn()
    {
        send(support::make_calls(from_ns_, 60, 20, trace_, [](support::call&, int) {}));
        now_s_ = 60;
    }

    // The next ten seconds, in which three of four orders fail.
    void fail()
    {
        send(support::make_calls(from_ns_ + now_s_ * second, 10, 20, trace_, [](support::call& one, int i) {
            one.status = i % 4 == 0 ? 200 : 500;
        }));
        now_s_ += 10;
    }

    void set(json::object settings)
    {
        const auto now = admin().get("/services/shop/detection").json().at("item");
        const std::string version = std::to_string(now.at("version").as_int64());
        const auto done = admin().put(
            "/services/shop/detection", json::object{{"settings", std::move(settings)}}, version
        );
        ASSERT_EQ(done.status, 200) << done.body;
    }

    json::array list(const std::string& path) { return admin().get(path).json().at("items").as_array(); }

private:
    void send(const std::vector<support::call>& calls)
    {
        const auto exchanges = support::to_exchanges(calls);
        ASSERT_EQ(send_logs(telemetry::encode_logs_request(exchanges)), 200);
        wait_until_committed();
    }

    std::int64_t from_ns_ = 0;
    std::int64_t now_s_ = 0;
    std::uint64_t trace_ = 0;
};

TEST_F(detection, a_kind_that_is_switched_off_opens_no_incident_also_after_a_restart)
{
    start({});
    learn();
    set({{"kinds_off", json::array{"error_rate"}}});
    fail();
    EXPECT_TRUE(list("/signals?kind=error_rate").empty());
    EXPECT_TRUE(list("/incidents").empty());

    restart();
    fail();
    EXPECT_TRUE(list("/signals?kind=error_rate").empty());

    const json::object asked{{"service", "shop"}, {"settings", json::object()}};
    const auto tried = admin().post("/detection/backtest", asked);
    ASSERT_EQ(tried.status, 200) << tried.body;
    EXPECT_EQ(tried.json().at("item").at("present").at("signals").as_int64(), 0);
    EXPECT_GE(tried.json().at("item").at("added").as_array().size(), 1U) << "what it would tell without the switch";

    set({});
    fail();
    EXPECT_FALSE(list("/signals?kind=error_rate").empty());
    EXPECT_EQ(list("/incidents").size(), 1U);
}

TEST_F(detection, a_suppressed_signal_is_listed_and_opens_nothing_until_the_suppression_is_lifted)
{
    start({});
    learn();
    const auto made = admin().post("/suppressions", json::object{{"service", "shop"}, {"reason", "a load test"}});
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string id(made.json().at("item").at("id").as_string());
    fail();
    const auto quiet = list("/signals?suppressed=true");
    ASSERT_FALSE(quiet.empty());
    for (const json::value& signal : quiet)
        EXPECT_EQ(signal.at("suppressed_by").as_string(), id);
    EXPECT_TRUE(list("/incidents").empty());
    EXPECT_TRUE(list("/runs").empty());
    const auto hits = admin().get("/suppressions/" + id).json().at("item").at("hits").as_int64();
    EXPECT_EQ(static_cast<std::size_t>(hits), quiet.size());

    const auto lifted = admin().remove("/suppressions/" + id);
    ASSERT_EQ(lifted.status, 200) << lifted.body;
    fail();
    EXPECT_EQ(list("/incidents").size(), 1U);
    EXPECT_FALSE(list("/signals?suppressed=false").empty());
}

TEST_F(detection, an_incident_waits_for_as_many_windows_as_were_asked_for)
{
    start({});
    learn();
    set({{"occurrences_min", 100}});
    fail();
    EXPECT_FALSE(list("/signals").empty());
    EXPECT_TRUE(list("/incidents").empty());
    set({{"occurrences_min", 3}});
    fail();
    EXPECT_EQ(list("/incidents").size(), 1U);
}

}  // namespace
}  // namespace reprise::flow
