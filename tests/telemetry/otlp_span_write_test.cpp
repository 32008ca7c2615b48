#include "reprise/telemetry/otlp_span_write.hpp"

#include "record_builder.hpp"

#include "reprise/telemetry/otlp_decode.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace reprise::telemetry {
namespace {

sent_span child_span()
{
    sent_span one;
    one.trace = {0x0102030405060708, 0xf1f2f3f4f5f6f7f8};
    one.id = 0xa1a2a3a4a5a6a7a8;
    one.parent = 7;
    one.name = "tool_call";
    one.start_ns = noon_ns;
    one.end_ns = noon_ns + 80'000'000;
    one.attributes.emplace_back("text", std::string("t3"));
    one.attributes.emplace_back("number", std::int64_t{-5});
    one.attributes.emplace_back("real", 0.25);
    one.attributes.emplace_back("flag", true);
    return one;
}

std::string request_with(const sent_span& one)
{
    span_sender from;
    from.resource.emplace_back("service.name", std::string("agent"));
    from.scope = "app";
    const std::vector<std::string> spans = {encode_span(one)};
    return encode_traces_request(from, spans);
}

TEST(otlp_span_write, our_own_decoder_reads_what_was_written)
{
    const auto bytes = std::make_shared<const std::string>(request_with(child_span()));

    const auto batch = decode_spans(bytes);

    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->observations.size(), 1U);
    EXPECT_EQ(batch->rejected, 0U);
    const model::observation& seen = batch->observations[0];
    EXPECT_EQ(seen.trace, child_span().trace);
    EXPECT_EQ(seen.span, child_span().id);
    EXPECT_EQ(seen.parent_span, 7U);
    EXPECT_EQ(seen.start_ns, noon_ns);
    EXPECT_EQ(seen.duration_ns, 80'000'000);
    EXPECT_EQ(batch->operations[0].service, "agent");
}

TEST(otlp_span_write, generated_types_read_every_field)
{
    sent_span one = child_span();
    one.failed = true;
    one.status_message = "t3 unavailable";
    sent_event event(noon_ns + 5, "exception");
    event.attributes.emplace_back("exception.type", std::string("tool_error"));
    one.events.push_back(event);

    traces_request read;
    ASSERT_TRUE(read.ParseFromString(request_with(one)));

    ASSERT_EQ(read.resource_spans_size(), 1);
    EXPECT_EQ(read.resource_spans(0).resource().attributes(0).value().string_value(), "agent");
    EXPECT_EQ(read.resource_spans(0).scope_spans(0).scope().name(), "app");
    const span_record& span = read.resource_spans(0).scope_spans(0).spans(0);
    EXPECT_EQ(span.kind(), span_record::SPAN_KIND_INTERNAL);
    EXPECT_EQ(span.name(), "tool_call");
    ASSERT_EQ(span.attributes_size(), 4);
    EXPECT_EQ(span.attributes(0).value().string_value(), "t3");
    EXPECT_EQ(span.attributes(1).value().int_value(), -5);
    EXPECT_EQ(span.attributes(2).value().double_value(), 0.25);
    EXPECT_TRUE(span.attributes(3).value().bool_value());
    EXPECT_EQ(span.status().code(), otlp::trace::v1::Status::STATUS_CODE_ERROR);
    EXPECT_EQ(span.status().message(), "t3 unavailable");
    ASSERT_EQ(span.events_size(), 1);
    EXPECT_EQ(span.events(0).time_unix_nano(), static_cast<std::uint64_t>(noon_ns + 5));
    EXPECT_EQ(span.events(0).attributes(0).value().string_value(), "tool_error");
}

TEST(otlp_span_write, a_root_has_no_parent_and_a_span_that_went_well_no_status)
{
    sent_span one = child_span();
    one.parent = 0;

    span_record read;
    ASSERT_TRUE(read.ParseFromString(encode_span(one)));

    EXPECT_TRUE(read.parent_span_id().empty());
    EXPECT_FALSE(read.has_status());
}

}  // namespace
}  // namespace reprise::telemetry
