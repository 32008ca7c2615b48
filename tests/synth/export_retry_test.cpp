#include "../../server/synth/export_retry.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::synth {
namespace {

using namespace std::chrono_literals;

struct answer_case {
    std::string name;
    int status;
    std::string retry_after;
    int attempt;
    std::chrono::milliseconds left;
    export_verdict verdict;
    std::chrono::milliseconds wait;
};

TEST(export_retry, decides_by_status_attempt_and_the_time_that_is_left)
{
    constexpr auto delivered = export_verdict::delivered;
    constexpr auto again = export_verdict::again;
    constexpr auto refused = export_verdict::refused;
    const std::vector<answer_case> cases = {
        {"taken", 200, "", 0, 30s, delivered, 0s},
        {"taken without a body", 202, "", 3, 0s, delivered, 0s},
        {"malformed", 400, "", 0, 30s, refused, 0s},
        {"no sign-in", 401, "", 0, 30s, refused, 0s},
        {"too large", 413, "", 0, 30s, refused, 0s},
        {"a fault of theirs", 500, "", 0, 30s, refused, 0s},
        {"redirected", 307, "", 0, 30s, refused, 0s},
        {"busy", 429, "", 0, 30s, again, 1s},
        {"bad gateway, second attempt", 502, "", 1, 30s, again, 2s},
        {"unavailable, third", 503, "", 2, 30s, again, 4s},
        {"gateway timeout, fifth", 504, "", 4, 30s, again, 16s},
        {"no further growth", 503, "", 30, 30s, again, 16s},
        {"nobody there", 0, "", 0, 30s, again, 1s},
        {"told when", 503, "7", 0, 30s, again, 7s},
        {"told at once", 429, "0", 5, 30s, again, 0s},
        {"told a date, which is not read", 429, "Wed, 21 Oct 2015 07:28:00 GMT", 0, 30s, again, 1s},
        {"told nonsense", 429, "-5", 0, 30s, again, 1s},
        {"told later than there is time", 503, "31", 0, 30s, refused, 31s},
        {"no time for the next wait", 503, "", 1, 1999ms, refused, 2s},
        {"just enough time", 503, "", 1, 2s, again, 2s},
        {"no time at all", 503, "", 0, -5s, refused, 1s},
    };
    for (const answer_case& one : cases) {
        const export_step step = judge_export(one.status, one.retry_after, one.attempt, one.left);
        EXPECT_EQ(step.verdict, one.verdict) << one.name;
        EXPECT_EQ(step.wait, one.wait) << one.name;
    }
}

}  // namespace
}  // namespace reprise::synth
