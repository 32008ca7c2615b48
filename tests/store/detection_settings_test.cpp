#include "store_fixture.hpp"

#include "reprise/store/detection_settings.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/services.hpp"

#include <array>

namespace reprise::store {
namespace {

class detection_settings_test : public store_test {
protected:
    void see(const std::string& service)
    {
        write([&](transaction& tx) {
            const std::array seen = {service_sight{service, t0, 1}};
            return touch_services(tx, seen, t0);
        }).value();
    }
    result<void> save(service_detection& what, std::int64_t expected)
    {
        return write([&](transaction& tx) { return save_service_detection(tx, what, expected, t0); });
    }
    service_detection load(const std::string& service)
    {
        return db->read_blocking([&](reader& r) { return load_service_detection(r, service); }).value();
    }
};

service_detection everything()
{
    service_detection what;
    what.service = "shop";
    what.settings.latency_ratio_min = 1.7;
    what.settings.latency_rise_min_ms = 12;
    what.settings.error_rise_min = 0.05;
    what.settings.errors_min = 9;
    what.settings.slow_query_low_ms = 900;
    what.settings.n_plus_one_calls_min = 8;
    what.settings.burst_ratio_min = 2.5;
    what.settings.requests_min = 300;
    what.settings.windows_min = 40;
    what.settings.occurrences_min = 3;
    what.settings.kinds_off = {model::signal_kind::latency, model::signal_kind::agent_loop};
    return what;
}

TEST_F(detection_settings_test, what_is_not_set_is_nothing_and_has_version_one)
{
    EXPECT_EQ(load("shop").version, 1);
    EXPECT_EQ(load("shop").settings, model::detection_settings());
}

TEST_F(detection_settings_test, every_field_is_kept_and_replaced_as_a_whole)
{
    see("shop");
    auto what = everything();
    ASSERT_TRUE(save(what, 1));
    EXPECT_EQ(what.version, 2);
    EXPECT_EQ(load("shop").settings, what.settings);
    EXPECT_EQ(load("shop").version, 2);

    service_detection nothing;
    nothing.service = "shop";
    ASSERT_TRUE(save(nothing, 2));
    EXPECT_EQ(load("shop").settings, model::detection_settings());
    EXPECT_EQ(load("shop").version, 3) << "taking everything back is a change, too";
    const auto list = db->read_blocking([](reader& r) { return list_service_detections(r, 10); }).value();
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].service, "shop");
}

TEST_F(detection_settings_test, a_stale_version_and_an_unknown_service_change_nothing)
{
    auto what = everything();
    EXPECT_EQ(save(what, 1).error(), reprise::errc::not_found);
    EXPECT_EQ(load("shop").version, 1);
    see("shop");
    what = everything();
    EXPECT_EQ(save(what, 7).error(), reprise::errc::stale);
    EXPECT_EQ(load("shop").version, 1);
}

TEST_F(detection_settings_test, live_readers_of_the_service_are_told)
{
    see("shop");
    const auto before = db->last_seq();
    auto what = everything();
    ASSERT_TRUE(save(what, 1));
    const auto events = db->read_blocking([&](reader& r) { return list_events(r, before, 10); }).value();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].topic, "services");
    EXPECT_EQ(events[0].entity_id, "shop");
}

}  // namespace
}  // namespace reprise::store
