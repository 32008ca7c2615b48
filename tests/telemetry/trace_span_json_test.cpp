#include "reprise/telemetry/trace_spans.hpp"

#include "record_builder.hpp"

#include "support/canaries.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::telemetry {
namespace {

namespace json = boost::json;

json::object write(const span_record& span, bool with_attributes = true, const span_json_limits& limits = {})
{
    const std::string bytes = span.SerializeAsString();
    model::trace trace;
    EXPECT_TRUE(read_trace_span(bytes, "agents", trace));
    const redaction_rules rules;
    const span_writing how{"a key for tests", rules, noon_ns - 1000, with_attributes, limits};
    return span_to_json(bytes, trace.spans.at(0), how);
}

const json::object& attribute(const json::object& span, std::size_t index)
{
    return span.at("attributes").as_array().at(index).as_object();
}

span_record work_span()
{
    return plain_span(span_record::SPAN_KIND_INTERNAL, "work");
}

TEST(trace_span_json, a_span_says_what_it_is_and_leaves_out_what_was_not_said)
{
    span_record span = work_span();
    span.set_parent_span_id(id_bytes(8, 9));
    span.set_start_time_unix_nano(noon_ns);
    span.set_end_time_unix_nano(noon_ns + 25);
    set_attribute(span, "ati.span.kind", text_any("worker"));
    set_attribute(span, "ati.agent.id", text_any("worker:37"));
    set_attribute(span, "ati.worker.index", int_any(37));

    const json::object written = write(span);

    EXPECT_EQ(written.at("name").as_string(), "work");
    EXPECT_EQ(written.at("parent").as_string(), "0000000000000009");
    EXPECT_EQ(written.at("service").as_string(), "agents");
    EXPECT_EQ(written.at("role").as_string(), "worker");
    EXPECT_EQ(written.at("kind").as_string(), "internal");
    EXPECT_EQ(written.at("start_ns").as_int64(), 1000);
    EXPECT_EQ(written.at("duration_ns").as_int64(), 25);
    EXPECT_FALSE(written.at("failed").as_bool());
    EXPECT_EQ(written.at("agent").as_string(), "worker:37");
    EXPECT_EQ(written.at("index").as_int64(), 37);
    for (const auto* const absent : {"tool", "attempt", "step", "status", "error_type", "error_message", "events"})
        EXPECT_FALSE(written.contains(absent)) << absent;
    EXPECT_EQ(written.at("attributes").as_array().size(), 3U);
    EXPECT_EQ(attribute(written, 2).at("key").as_string(), "ati.worker.index");
    EXPECT_EQ(attribute(written, 2).at("value").as_string(), "37");
    EXPECT_EQ(attribute(written, 2).at("bytes").to_number<int>(), 2);
}

TEST(trace_span_json, long_values_are_cut_and_told_apart_by_their_digest)
{
    span_record span = work_span();
    set_attribute(span, "ati.llm.prompt", text_any(std::string(20'000, 'a')));
    set_attribute(span, "other", text_any(std::string(255, 'a') + "\xc3\xa4"));

    const json::object written = write(span);

    EXPECT_EQ(attribute(written, 0).at("value").as_string().size(), 256U);
    EXPECT_EQ(attribute(written, 0).at("bytes").to_number<int>(), 20'000);
    EXPECT_EQ(attribute(written, 0).at("sha256").as_string().size(), 16U);
    EXPECT_EQ(attribute(written, 1).at("value").as_string().size(), 255U);  // Not in the middle of a character.
}

TEST(trace_span_json, events_are_kept_but_for_tokens)
{
    span_record span = work_span();
    auto* token = span.add_events();
    token->set_name("token");
    auto* event = span.add_events();
    event->set_name("exception");
    event->set_time_unix_nano(noon_ns);
    span_record holder;
    set_attribute(holder, "exception.message", text_any("t2 unavailable"));
    *event->mutable_attributes() = holder.attributes();

    const json::object written = write(span);

    const json::array& events = written.at("events").as_array();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].at("name").as_string(), "exception");
    EXPECT_EQ(events[0].at("at_ns").as_int64(), 1000);
    EXPECT_EQ(attribute(events[0].as_object(), 0).at("value").as_string(), "t2 unavailable");
}

TEST(trace_span_json, what_is_too_much_is_counted)
{
    span_record span = work_span();
    for (int i = 0; i < 5; ++i) {
        set_attribute(span, "key" + std::to_string(i), int_any(i));
        span.add_events()->set_name("retry");
    }
    span_json_limits limits;
    limits.attributes_max = 2;
    limits.events_max = 3;

    const json::object written = write(span, true, limits);

    EXPECT_EQ(written.at("attributes").as_array().size(), 2U);
    EXPECT_EQ(written.at("attributes_left_out").to_number<int>(), 3);
    EXPECT_EQ(written.at("events").as_array().size(), 3U);
    EXPECT_EQ(written.at("events_left_out").to_number<int>(), 2);
}

TEST(trace_span_json, a_span_without_attributes_says_that_they_were_cut)
{
    span_record span = work_span();
    set_attribute(span, "a", int_any(1));

    const json::object written = write(span, false);

    EXPECT_TRUE(written.at("cut").as_bool());
    EXPECT_FALSE(written.contains("attributes"));
}

TEST(trace_span_json, counts_of_tokens_are_no_secrets)
{
    span_record span = work_span();
    set_attribute(span, "ati.stream.tokens", int_any(400));
    set_attribute(span, "gen_ai.usage.input_tokens", int_any(12));
    set_attribute(span, "auth.token_count", int_any(12));

    const json::object written = write(span);

    EXPECT_EQ(attribute(written, 0).at("value").as_string(), "400");
    EXPECT_EQ(attribute(written, 1).at("value").as_string(), "12");
}

TEST(trace_span_json, bytes_that_are_no_text_are_not_written)
{
    span_record span = work_span();
    any_value_message raw;
    raw.set_bytes_value(std::string("\0\xff", 2));
    set_attribute(span, "blob", raw);
    set_attribute(span, "odd", text_any("a\xff"));

    const json::object written = write(span);

    EXPECT_EQ(attribute(written, 0).at("value").as_string(), "(2 bytes)");
    EXPECT_EQ(attribute(written, 1).at("value").as_string(), "a\xef\xbf\xbd");
}

// Where a secret may stand under a name that says so.
std::vector<std::pair<std::string, any_value_message>> named_values(const std::string& name, const std::string& secret)
{
    return {
        {"app." + name, text_any(secret)},
        {name, text_any(secret)},
        {"http.request.header.authorization", text_any("Bearer " + secret)},
        {"http.request.header.cookie", array_any({text_any("sid=" + secret)})},
        {"gen_ai.tool.call.arguments", text_any("{\"" + name + "\":\"" + secret + "\",\"n\":1}")},
        {"gen_ai.tool.call.arguments", text_any("{\"" + name + "\":\"" + secret + "\",\"" + std::string(5000, 'n'))},
        {"ati.payload", kvlist_any({{name, text_any(secret)}})},
        {"url.full", text_any("https://u:" + secret + "@shop.example/a?b=1")},
        {"url.full", text_any("https://shop.example/a?" + name + "=" + secret)},
        {"url.query", text_any(name + "=" + secret)},
        {"note", text_any(name + "=" + secret + "&x=1")},
    };
}

void expect_no_leak(const span_record& span, const std::string& secret, const std::string& where)
{
    const std::string written = json::serialize(write(span));
    support::leak_finder finder;
    finder.add(secret);
    ASSERT_EQ(finder.find(written), "") << where << "\n" << written;
}

TEST(trace_span_json, nothing_under_a_secret_name_leaks)
{
    support::canaries seeded(61);
    for (int i = 0; i < 60 && !HasFatalFailure(); ++i) {
        const std::string name = seeded.secret_name();
        const std::string secret = seeded.mixed(12);
        for (const auto& [key, value] : named_values(name, secret)) {
            span_record span = work_span();
            set_attribute(span, key, value);
            auto* event = span.add_events();
            event->set_name("ati.payload");
            *event->mutable_attributes() = span.attributes();
            expect_no_leak(span, secret, key + " " + name);
        }
    }
}

TEST(trace_span_json, nothing_that_shows_by_its_form_leaks)
{
    support::canaries seeded(62);
    for (int i = 0; i < 100 && !HasFatalFailure(); ++i) {
        const std::string secret = seeded.by_form();
        span_record span = work_span();
        span.set_name("call for " + secret);
        span.mutable_status()->set_message("failed for " + secret);
        set_attribute(span, "ati.llm.prompt", text_any("please use " + secret + " for it"));
        set_attribute(span, "ati.agent.id", text_any(secret));
        set_attribute(span, "near the cut", text_any(std::string(240, 'x') + " " + secret));
        set_attribute(span, "db.statement", text_any("SELECT 1 FROM t WHERE a = '" + secret + "'"));
        set_attribute(span, "key " + secret, int_any(1));
        expect_no_leak(span, secret, "form");
    }
}

}  // namespace
}  // namespace reprise::telemetry
