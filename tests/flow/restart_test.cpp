#include "flow_server.hpp"

#include "reprise/telemetry/rrpair.hpp"
#include "support/traffic.hpp"

#include <boost/json/object.hpp>

#include <cstdint>

namespace reprise::flow {
namespace {

namespace json = boost::json;

class restart : public flow_test {
protected:
    // Orders that arrive now; their window is open for a while.
    std::string orders(int count)
    {
        std::uint64_t trace = next_trace_;
        next_trace_ += 1000;
        auto calls = support::make_calls(system_clock().now_ns(), 1, count, trace, [](support::call& one, int) {
            one.start_ns = system_clock().now_ns();
        });
        return telemetry::encode_logs_request(support::to_exchanges(calls));
    }

    std::uint64_t stored_records()
    {
        const auto answered = admin().get("/services/shop");
        return answered.status == 200 ? answered.json().at("item").at("records").to_number<std::uint64_t>() : 0;
    }

private:
    std::uint64_t next_trace_ = 1;
};

TEST_F(restart, in_the_middle_of_a_window_loses_nothing_and_counts_nothing_twice)
{
    settings_.window_length = app::milliseconds(4000);
    start({});
    const std::string first = orders(40);
    ASSERT_EQ(send_logs(first), 200);

    flow_test::restart();
    EXPECT_EQ(metric("reprise_journal_replayed_total"), 1);
    ASSERT_EQ(send_logs(first), 200) << "a sender that lost the answer sends it again";
    ASSERT_EQ(send_logs(orders(25)), 200);
    wait_until_committed();

    EXPECT_EQ(stored_records(), 65U);
    EXPECT_EQ(metric("reprise_intake_repeated_records_total{signal=\"logs\"}"), 40);
}

TEST_F(restart, after_the_commit_finds_nothing_to_take_in_again)
{
    start({});
    ASSERT_EQ(send_logs(orders(10)), 200);
    wait_until_committed();

    flow_test::restart();

    EXPECT_EQ(metric("reprise_journal_replayed_total"), 0);
    EXPECT_EQ(stored_records(), 10U);
}

TEST_F(restart, without_the_key_of_the_journal_is_refused_with_the_way_out)
{
    settings_.window_length = app::milliseconds(60'000);
    start({});
    ASSERT_EQ(send_logs(orders(10)), 200);
    server_.reset();
    const auto key = data_dir_ / "keys" / "journal.key";
    std::filesystem::rename(key, data_dir_ / "kept.key");

    auto refused = app::running_server::start(settings_, time_);
    ASSERT_TRUE(std::holds_alternative<app::config_error>(refused));
    const std::string text = std::get<app::config_error>(refused).text;
    EXPECT_NE(text.find("journal.key"), std::string::npos) << text;
    EXPECT_NE(text.find("restore it from a backup"), std::string::npos) << text;
    EXPECT_FALSE(std::filesystem::exists(key)) << "a new key would hide the loss";

    std::filesystem::rename(data_dir_ / "kept.key", key);
    start({});
    EXPECT_EQ(metric("reprise_journal_replayed_total"), 1);
}

}  // namespace
}  // namespace reprise::flow
