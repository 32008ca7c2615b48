#include "../../server/http/live_protocol.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

struct resume_case {
    std::string name;
    std::string epoch;
    std::optional<std::int64_t> after;
    resume_kind expected;
};

class resume_table : public testing::TestWithParam<resume_case> {};

TEST_P(resume_table, decides)
{
    const history known{"now", 11, 20};
    live_request request;
    request.epoch = GetParam().epoch;
    request.after = GetParam().after;
    EXPECT_EQ(decide_resume(request, known), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    cases, resume_table,
    testing::Values(
        resume_case{"knows_nothing", "", std::nullopt, resume_kind::fresh},
        resume_case{"epoch_without_place", "now", std::nullopt, resume_kind::fresh},
        resume_case{"place_without_epoch", "", 15, resume_kind::fresh},
        resume_case{"in_the_middle", "now", 15, resume_kind::replay},
        resume_case{"up_to_date", "now", 20, resume_kind::replay},
        resume_case{"just_before_the_oldest", "now", 10, resume_kind::replay},
        resume_case{"one_too_old", "now", 9, resume_kind::resync},
        resume_case{"from_the_future", "now", 21, resume_kind::resync},
        resume_case{"another_history", "before", 15, resume_kind::resync}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(live_protocol, reads_a_request)
{
    const auto request = parse_live_request(R"({"subscribe":["signals","runs"],"epoch":"e","after":7})").value();
    EXPECT_EQ(request.topics, (std::vector<std::string>{"signals", "runs"}));
    EXPECT_EQ(request.epoch, "e");
    EXPECT_EQ(request.after, 7);
}

TEST(live_protocol, refuses_more_topics_than_a_subscriber_may_have)
{
    std::string topics = "\"a\"";
    for (int i = 0; i < 64; ++i)
        topics += ",\"a\"";
    EXPECT_FALSE(parse_live_request(R"({"subscribe":[)" + topics + "]}"));
}

TEST(live_protocol, knows_the_topics)
{
    for (const std::string topic : {"incidents", "signals", "approvals", "overview", "services", "runs", "traces"})
        EXPECT_EQ(find_topic_need(topic), need::viewer) << topic;
    EXPECT_EQ(find_topic_need("runs/01ARZ3NDEKTSV4RRFFQ69G5FAV"), need::viewer);
    for (const std::string topic : {"", "users", "audit", "incidents/1", "runs/", "runs/latest", "*"})
        EXPECT_FALSE(find_topic_need(topic)) << topic;
}

}  // namespace
}  // namespace reprise::http
