#pragma once

#include "../../server/ingest/hook_content.hpp"

#include "reprise/base/time_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace reprise::ingest::test {

// What a delivery says, and one of its alarms.
inline read_hook read(std::string_view source, std::string_view event, std::string_view body)
{
    constexpr std::int64_t received_ns = 1'800'000'000'000'000'000;
    return read_content({source, event, "delivery-1", body, received_ns});
}

inline model::alarm only_alarm(const read_hook& content)
{
    EXPECT_TRUE(content.has_value()) << (content ? "" : content.error().reason);
    if (!content || content->alarms.size() != 1U) {
        ADD_FAILURE() << "not one alarm; note: " << (content ? content->note : "");
        return {};
    }
    return content->alarms.front();
}

inline std::string label(const model::alarm& alarm, std::string_view name)
{
    for (const auto& [key, value] : alarm.labels) {
        if (key == name)
            return value;
    }
    return {};
}

inline std::int64_t at(std::string_view text)
{
    return *parse_rfc3339(text);
}

}  // namespace reprise::ingest::test
