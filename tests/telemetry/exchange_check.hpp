#pragma once

#include "reprise/model/exchange.hpp"

#include <gtest/gtest.h>

namespace reprise::telemetry {

// Everything but the redacted fields, which no format carries.
inline void expect_same(const model::exchange& a, const model::exchange& b)
{
    EXPECT_EQ(a.operation, b.operation);
    EXPECT_EQ(a.direction, b.direction);
    EXPECT_EQ(a.outcome, b.outcome);
    EXPECT_EQ(a.status, b.status);
    EXPECT_EQ(a.start_ns, b.start_ns);
    EXPECT_EQ(a.duration_ns, b.duration_ns);
    EXPECT_EQ(a.host, b.host);
    EXPECT_EQ(a.method, b.method);
    EXPECT_EQ(a.path, b.path);
    EXPECT_EQ(a.statement, b.statement);
    EXPECT_EQ(a.request_headers, b.request_headers);
    EXPECT_EQ(a.response_headers, b.response_headers);
    EXPECT_EQ(a.request_body, b.request_body);
    EXPECT_EQ(a.response_body, b.response_body);
    EXPECT_EQ(a.message, b.message);
    EXPECT_EQ(a.trace, b.trace);
    EXPECT_EQ(a.span, b.span);
    EXPECT_EQ(a.parent_span, b.parent_span);
    EXPECT_EQ(a.complete, b.complete);
}

}  // namespace reprise::telemetry
