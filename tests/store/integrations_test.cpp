#include "store_fixture.hpp"

#include "reprise/base/id.hpp"
#include "reprise/store/hook_deliveries.hpp"
#include "reprise/store/integrations.hpp"
#include "reprise/store/polling.hpp"

#include <vector>

namespace reprise::store {
namespace {

class integrations_test : public store_test {
protected:
    void end_hook(std::string source, hook_state state, std::string reason, std::int64_t at_ns)
    {
        kept_hook made;
        made.delivery.id = make_ulid(t0 / ns_per_ms + ++made_);
        made.delivery.source = std::move(source);
        made.delivery.dedup_key = std::to_string(made_);
        made.delivery.event = "alert";
        made.delivery.received_ns = at_ns;
        made.body = "sealed";
        made.delivery.body_bytes = made.body.size();
        auto work = [&](transaction& tx) -> result<void> {
            if (auto kept = insert_hook(tx, made); !kept)
                return kept.error();
            made.delivery.attempts = 1;
            if (auto claimed = claim_hooks(tx, at_ns, at_ns, 1); !claimed)
                return claimed.error();
            return finish_hook(tx, made.delivery, {state, reason, 0}, at_ns);
        };
        ASSERT_TRUE(write(std::move(work)));
    }
    std::vector<integration_health> hooks()
    {
        return read([](reader& r) { return list_hook_health(r); }).value();
    }

private:
    std::int64_t made_ = 0;
};

TEST_F(integrations_test, a_hook_source_is_failing_while_its_newest_delivery_is_a_failed_one)
{
    EXPECT_TRUE(hooks().empty());
    end_hook("github", hook_state::done, "", t0);
    end_hook("github", hook_state::failed, "no JSON", t0 + 1);
    end_hook("grafana", hook_state::failed, "no alerts", t0 + 2);
    end_hook("grafana", hook_state::done, "", t0 + 3);

    const auto found = hooks();

    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].name, "github");
    EXPECT_EQ(found[0].success_ns, t0);
    EXPECT_EQ(found[0].error_ns, t0 + 1);
    EXPECT_EQ(found[0].error, "no JSON");
    EXPECT_TRUE(found[0].failing);
    EXPECT_EQ(found[1].error, "no alerts") << "what went wrong before is still told";
    EXPECT_FALSE(found[1].failing);
}

TEST_F(integrations_test, a_log_store_tells_its_last_good_round_and_why_the_last_one_failed)
{
    poll_source source;
    source.name = "production";
    source.asked_ns = t0 + 9;
    source.succeeded_ns = t0;
    source.failures = 2;
    source.error = "connection refused";
    ASSERT_TRUE(write([&](transaction& tx) { return save_poll_source(tx, source); }));
    const auto list = [this] { return read([](reader& r) { return list_log_store_health(r); }).value(); };

    auto found = list();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].success_ns, t0);
    EXPECT_EQ(found[0].error_ns, t0 + 9);
    EXPECT_EQ(found[0].error, "connection refused");
    EXPECT_TRUE(found[0].failing);

    source.failures = 0;
    source.succeeded_ns = t0 + 20;
    ASSERT_TRUE(write([&](transaction& tx) { return save_poll_source(tx, source); }));
    found = list();
    EXPECT_EQ(found[0].error_ns, 0) << "a store remembers only the present failure";
    EXPECT_FALSE(found[0].failing);
}

}  // namespace
}  // namespace reprise::store
