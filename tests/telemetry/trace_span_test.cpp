#include "reprise/telemetry/trace_spans.hpp"

#include "record_builder.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace reprise::telemetry {
namespace {

using model::span_role;
using model::span_wait;

// A raw span and what was read of it.
struct read_span_of {
    explicit read_span_of(const span_record& span, std::string service = "agents")
        : bytes(span.SerializeAsString()), service_name(std::move(service))
    {
        taken = read_trace_span(bytes, service_name, trace);
    }
    const model::trace_span& span() const { return trace.spans.at(0); }

    std::string bytes;
    std::string service_name;
    model::trace trace;
    bool taken = false;
};

span_record agent_span(std::string_view key = {}, const any_value_message& value = {})
{
    span_record span = plain_span(span_record::SPAN_KIND_INTERNAL, "work");
    if (!key.empty())
        set_attribute(span, key, value);
    return span;
}

void add_exception(span_record& span, std::string_view type, std::string_view message)
{
    auto* event = span.add_events();
    event->set_name("exception");
    event->set_time_unix_nano(noon_ns);
    span_record holder;
    set_attribute(holder, "exception.type", text_any(type));
    set_attribute(holder, "exception.message", text_any(message));
    *event->mutable_attributes() = holder.attributes();
}

struct role_case {
    std::string_view key;
    std::string_view value;
    span_role role;
};

TEST(trace_span, every_vocabulary_says_the_role)
{
    const std::vector<role_case> cases = {
        {"ati.span.kind", "workflow", span_role::workflow},
        {"ati.span.kind", "planner", span_role::planner},
        {"ati.span.kind", "worker", span_role::worker},
        {"ati.span.kind", "tool_call", span_role::tool},
        {"ati.span.kind", "checkpoint", span_role::io},
        {"ati.span.kind", "token_stream", span_role::stream},
        {"ati.span.kind", "internal", span_role::step},
        {"ati.span.kind", "interactive", span_role::human},
        {"ati.span.kind", "generation", span_role::llm},
        {"ati.span.type", "agent", span_role::planner},
        {"ati.span.type", "step", span_role::step},
        {"ati.span.type", "tool", span_role::tool},
        {"ati.span.type", "llm", span_role::llm},
        {"ati.span.type", "io", span_role::io},
        {"ati.span.type", "orchestration", span_role::workflow},
        {"gen_ai.operation.name", "invoke_agent", span_role::planner},
        {"gen_ai.operation.name", "execute_tool", span_role::tool},
        {"gen_ai.operation.name", "chat", span_role::llm},
        {"gen_ai.operation.name", "something_new", span_role::plain},
        {"ati.span.kind", "something_new", span_role::plain},
    };
    for (const role_case& one : cases) {
        span_record span = agent_span(one.key, text_any(one.value));
        span.clear_parent_span_id();
        const read_span_of read(span);
        ASSERT_TRUE(read.taken) << one.value;
        EXPECT_EQ(read.span().role, one.role) << one.key << " " << one.value;
    }
}

TEST(trace_span, orchestration_below_another_span_is_a_planner)
{
    span_record span = agent_span("ati.span.type", text_any("orchestration"));
    span.set_parent_span_id(id_bytes(8, 9));

    EXPECT_EQ(read_span_of(span).span().role, span_role::planner);
}

struct wait_case {
    std::string_view key;
    std::string_view value;
    span_wait wait;
};

TEST(trace_span, what_is_waited_for_is_told)
{
    const std::vector<wait_case> cases = {
        {"ati.wait.kind", "human", span_wait::human},   {"ati.wait.kind", "queue", span_wait::queue},
        {"ati.wait.kind", "lock", span_wait::queue},    {"ati.wait.kind", "rate_limit", span_wait::backoff},
        {"ati.wait.kind", "tool", span_wait::tool},     {"ati.wait.kind", "dependency", span_wait::tool},
        {"ati.wait.kind", "network", span_wait::other}, {"ati.wait.on", "approval", span_wait::human},
        {"ati.wait.on", "the weather", span_wait::other},
    };
    for (const wait_case& one : cases)
        EXPECT_EQ(read_span_of(agent_span(one.key, text_any(one.value))).span().wait, one.wait) << one.value;
    EXPECT_EQ(read_span_of(agent_span()).span().wait, span_wait::none);
}

struct number_case {
    std::string_view key;
    std::function<double(const model::trace_span&)> value;
};

const std::vector<number_case>& numbers()
{
    using s = model::trace_span;
    static const std::vector<number_case> cases = {
        {"ati.retry.attempt", [](const s& span) { return span.attempt; }},
        {"http.request.resend_count", [](const s& span) { return span.attempt; }},
        {"ati.retry.count", [](const s& span) { return span.retry_count; }},
        {"ati.retry.max", [](const s& span) { return span.retries_max; }},
        {"ati.worker.index", [](const s& span) { return span.index; }},
        {"ati.chain.index", [](const s& span) { return span.index; }},
        {"ati.step", [](const s& span) { return span.step; }},
        {"ati.step.id", [](const s& span) { return span.step; }},
        {"ati.loop.iteration", [](const s& span) { return span.step; }},
        {"ati.fanout", [](const s& span) { return span.fanout; }},
        {"ati.fanout.size", [](const s& span) { return span.fanout; }},
        {"ati.dag.fanout", [](const s& span) { return span.fanout; }},
        {"ati.bg.fanout", [](const s& span) { return span.fanout; }},
        {"ati.concurrency", [](const s& span) { return span.concurrency; }},
        {"ati.concurrency.limit", [](const s& span) { return span.concurrency; }},
        {"ati.rag.total_kb", [](const s& span) { return span.payload_kb; }},
        {"ati.tool.payload_kb", [](const s& span) { return span.payload_kb; }},
        {"ati.checkpoint.size_kb", [](const s& span) { return span.payload_kb; }},
        {"ati.stream.tokens", [](const s& span) { return static_cast<double>(span.tokens); }},
        {"ati.tokens.out", [](const s& span) { return static_cast<double>(span.tokens); }},
        {"gen_ai.usage.output_tokens", [](const s& span) { return static_cast<double>(span.tokens); }},
        {"ati.retry.backoff_ms", [](const s& span) { return static_cast<double>(span.backoff_ns) / 1e6; }},
        {"ati.stream.ttft_ms", [](const s& span) { return static_cast<double>(span.first_token_ns) / 1e6; }},
        {"ati.stream.max_gap_ms", [](const s& span) { return static_cast<double>(span.largest_gap_ns) / 1e6; }},
    };
    return cases;
}

TEST(trace_span, numbers_are_taken_as_integers_reals_and_texts)
{
    for (const number_case& one : numbers()) {
        for (const any_value_message& value : {int_any(7), real_any(7), text_any("7")})
            EXPECT_EQ(one.value(read_span_of(agent_span(one.key, value)).span()), 7) << one.key;
    }
}

TEST(trace_span, numbers_that_make_no_sense_are_not_said)
{
    for (const number_case& one : numbers()) {
        const bool is_time = one.key.ends_with("_ms");
        for (const any_value_message& value :
             {text_any("seven"), int_any(-3), real_any(1e300), array_any({int_any(7)}), any_value_message()})
            EXPECT_LT(one.value(read_span_of(agent_span(one.key, value)).span()), 0) << one.key << " " << is_time;
    }
}

TEST(trace_span, a_payload_of_nothing_is_none)
{
    EXPECT_EQ(read_span_of(agent_span("ati.tool.payload_kb", int_any(0))).span().payload_kb, -1);
}

TEST(trace_span, names_of_agents_tools_and_tasks_are_found)
{
    span_record span = agent_span("gen_ai.agent.name", text_any("Planner"));
    set_attribute(span, "gen_ai.tool.name", text_any("search"));
    set_attribute(span, "ati.task.id", text_any("t-1"));
    set_attribute(span, "ati.retry.reason", text_any("timeout"));
    EXPECT_EQ(read_span_of(span).span().agent, "Planner");
    EXPECT_EQ(read_span_of(span).span().tool, "search");
    EXPECT_EQ(read_span_of(span).span().task, "t-1");
    EXPECT_EQ(read_span_of(span).span().retry_reason, "timeout");

    set_attribute(span, "gen_ai.agent.id", text_any("agent-7"));
    EXPECT_EQ(read_span_of(span).span().agent, "agent-7");
    set_attribute(span, "ati.agent.id", text_any("planner:v1"));
    set_attribute(span, "ati.tool.name", text_any("t2"));
    EXPECT_EQ(read_span_of(span).span().agent, "planner:v1");
    EXPECT_EQ(read_span_of(span).span().tool, "t2");
}

TEST(trace_span, names_that_are_no_text_are_not_said)
{
    EXPECT_EQ(read_span_of(agent_span("ati.agent.id", int_any(5))).span().agent, "");
    EXPECT_EQ(read_span_of(agent_span("ati.agent.id", text_any("\xff\xfe"))).span().agent, "");
    const std::string long_name(1000, 'a');
    EXPECT_EQ(read_span_of(agent_span("ati.agent.id", text_any(long_name))).span().agent.size(), span_name_bytes_max);
}

TEST(trace_span, the_last_exception_says_the_error)
{
    span_record span = agent_span("error.type", text_any("500"));
    span.mutable_status()->set_code(otlp::trace::v1::Status::STATUS_CODE_ERROR);
    span.mutable_status()->set_message("it failed");
    EXPECT_EQ(read_span_of(span).span().error_type, "500");
    EXPECT_EQ(read_span_of(span).span().error_message, "it failed");

    add_exception(span, "OSError", "disk");
    add_exception(span, "HTTPException", "t2 unavailable");
    EXPECT_TRUE(read_span_of(span).span().failed);
    EXPECT_EQ(read_span_of(span).span().error_type, "HTTPException");
    EXPECT_EQ(read_span_of(span).span().error_message, "t2 unavailable");
}

TEST(trace_span, an_error_class_is_an_error_type_of_last_resort)
{
    EXPECT_EQ(read_span_of(agent_span("ati.error.class", text_any("timeout"))).span().error_type, "timeout");
}

TEST(trace_span, answers_that_are_errors_fail_a_span)
{
    span_record span = server_span();
    set_attribute(span, "http.response.status_code", int_any(503));
    const read_span_of failed(span);
    EXPECT_TRUE(failed.span().failed);
    EXPECT_EQ(failed.span().status, 503);
    EXPECT_EQ(failed.span().kind, model::operation_kind::server);

    set_attribute(span, "http.response.status_code", int_any(404));
    EXPECT_FALSE(read_span_of(span).span().failed);
    set_attribute(span, "http.response.status_code", int_any(429));
    EXPECT_TRUE(read_span_of(span).span().failed);
}

TEST(trace_span, a_database_call_is_io_with_its_arguments)
{
    span_record span = plain_span(span_record::SPAN_KIND_CLIENT, "SELECT items");
    set_attribute(span, "db.system", text_any("postgresql"));
    set_attribute(span, "db.statement", text_any("SELECT * FROM items WHERE id = 7"));
    const read_span_of one(span);
    EXPECT_EQ(one.span().role, span_role::io);
    EXPECT_EQ(one.span().kind, model::operation_kind::db);
    EXPECT_NE(one.span().arguments, 0U);

    set_attribute(span, "db.statement", text_any("SELECT * FROM items WHERE id = 8"));
    EXPECT_NE(read_span_of(span).span().arguments, one.span().arguments);
    set_attribute(span, "db.statement", text_any("SELECT * FROM items WHERE id = $1"));
    EXPECT_EQ(read_span_of(span).span().arguments, 0U);
}

TEST(trace_span, arguments_of_a_tool_tell_calls_apart)
{
    const read_span_of one(agent_span("gen_ai.tool.call.arguments", text_any(R"({"q":"a"})")));
    const read_span_of same(agent_span("gen_ai.tool.call.arguments", text_any(R"({"q":"a"})")));
    const read_span_of other(agent_span("gen_ai.tool.call.arguments", text_any(R"({"q":"b"})")));

    EXPECT_EQ(one.span().arguments, same.span().arguments);
    EXPECT_NE(one.span().arguments, other.span().arguments);
    EXPECT_EQ(read_span_of(agent_span()).span().arguments, 0U);
}

TEST(trace_span, the_largest_attribute_is_named)
{
    span_record span = agent_span("ati.llm.prompt", text_any(std::string(300, 'p')));
    set_attribute(span, "ati.rag.content", text_any(std::string(20'000, 'a')));
    const read_span_of read(span);

    EXPECT_EQ(read.span().largest_key, "ati.rag.content");
    EXPECT_EQ(read.span().largest_bytes, 20'000U);
}

TEST(trace_span, tokens_are_read_up_to_their_limit)
{
    span_record span = agent_span("ati.span.kind", text_any("token_stream"));
    for (std::size_t i = 0; i < span_tokens_max + 10; ++i) {
        auto* event = span.add_events();
        event->set_name("token");
        event->set_time_unix_nano(static_cast<std::uint64_t>(noon_ns) + i);
    }
    span.add_events()->set_name("token");  // Without a time.
    const read_span_of read(span);

    EXPECT_EQ(read.span().token_count, span_tokens_max);
    ASSERT_EQ(read.trace.token_ns.size(), span_tokens_max);
    EXPECT_EQ(read.trace.token_ns[5], noon_ns + 5);
}

TEST(trace_span, tokens_of_a_later_span_stand_behind_those_of_an_earlier_one)
{
    span_record span = agent_span();
    span.add_events()->set_name("token");
    span.mutable_events(0)->set_time_unix_nano(noon_ns);
    const std::string bytes = span.SerializeAsString();
    model::trace trace;

    ASSERT_TRUE(read_trace_span(bytes, "agents", trace));
    ASSERT_TRUE(read_trace_span(bytes, "agents", trace));

    EXPECT_EQ(trace.spans[0].token_offset, 0U);
    EXPECT_EQ(trace.spans[1].token_offset, 1U);
    EXPECT_EQ(trace.token_ns.size(), 2U);
}

TEST(trace_span, what_cannot_be_read_adds_nothing)
{
    model::trace trace;
    EXPECT_FALSE(read_trace_span("\x0a\xff", "agents", trace));
    EXPECT_FALSE(read_trace_span("", "agents", trace));
    span_record no_end = agent_span();
    no_end.add_events()->set_name("token");
    no_end.mutable_events(0)->set_time_unix_nano(noon_ns);
    no_end.clear_end_time_unix_nano();
    EXPECT_FALSE(read_trace_span(no_end.SerializeAsString(), "agents", trace));
    EXPECT_TRUE(trace.spans.empty());
    EXPECT_TRUE(trace.token_ns.empty());
}

TEST(trace_span, an_end_before_the_start_stays_as_it_was_sent)
{
    span_record span = agent_span();
    span.set_end_time_unix_nano(span.start_time_unix_nano() - 5);
    const read_span_of read(span);

    EXPECT_EQ(read.span().end_ns, read.span().start_ns - 5);
}

TEST(trace_span, its_operation_is_the_one_that_the_windows_count)
{
    const std::string bytes = server_span().SerializeAsString();

    const auto operation = find_span_operation(bytes, "shop");

    ASSERT_TRUE(operation);
    EXPECT_EQ(operation->service, "shop");
    EXPECT_EQ(operation->method, "GET");
    EXPECT_EQ(operation->route, "/orders/{id}");
    EXPECT_FALSE(find_span_operation("\x0a\xff", "shop"));
}

}  // namespace
}  // namespace reprise::telemetry
