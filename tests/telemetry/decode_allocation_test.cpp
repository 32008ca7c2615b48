// What is allocated belongs to the request, not to its records: an executable of its own, because it counts
// every operator new.
#include "reprise/telemetry/otlp_decode.hpp"

#include "record_builder.hpp"
#include "support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <array>

namespace reprise::telemetry {
namespace {

using shared_bytes = std::shared_ptr<const std::string>;

constexpr std::uint64_t allocations_max = 12;  // The batch's lists and the block of its texts.

// Every path is another one, as with ids in them; operations repeat.
shared_bytes make_logs(int records)
{
    constexpr std::array<std::string_view, 4> nouns = {"orders", "items", "users", "carts"};
    logs_request request;
    auto* scope = request.add_resource_logs()->add_scope_logs();
    for (int i = 0; i < records; ++i) {
        log_record record = http_record();
        kvlist_message& http = *key_of(body_of(record), "http").mutable_kvlist_value();
        kvlist_message& inner = *key_of(http, "request").mutable_kvlist_value();
        const std::string path = std::string("/").append(nouns[static_cast<std::size_t>(i) % nouns.size()]);
        set_key(inner, "url", text_any(path + "/" + std::to_string(i) + "?page=2"));
        *scope->add_log_records() = record;
    }
    return std::make_shared<const std::string>(request.SerializeAsString());
}

shared_bytes make_spans(int records)
{
    traces_request request;
    auto* scope = request.add_resource_spans()->add_scope_spans();
    for (int i = 0; i < records; ++i) {
        span_record span = server_span();
        if (i % 2 == 0) {
            span = plain_span(span_record::SPAN_KIND_CLIENT, "query");
            set_attribute(span, "db.system.name", text_any("postgresql"));
            set_attribute(span, "db.query.text", text_any("SELECT a FROM t WHERE id = " + std::to_string(i)));
        }
        *scope->add_spans() = span;
    }
    return std::make_shared<const std::string>(request.SerializeAsString());
}

using decode_function = decode_result<model::observation_batch> (*)(shared_bytes, const decode_limits&);

std::uint64_t count_allocations(decode_function decode, const shared_bytes& request, std::size_t records)
{
    const support::allocation_scope counted;
    const auto batch = decode(request, {});
    const std::uint64_t count = counted.count();
    EXPECT_TRUE(batch && batch->observations.size() == records && batch->operations.size() <= 4);
    return count;
}

void expect_no_allocation_per_record(decode_function decode, const shared_bytes& small, const shared_bytes& large)
{
    for (int i = 0; i < 3; ++i) {
        count_allocations(decode, small, 500);
        count_allocations(decode, large, 4000);
    }
    const std::uint64_t of_small = count_allocations(decode, small, 500);
    EXPECT_EQ(count_allocations(decode, large, 4000), of_small);
    EXPECT_LE(of_small, allocations_max);
}

TEST(decode_allocation, log_records_allocate_nothing_of_their_own)
{
    expect_no_allocation_per_record(decode_logs, make_logs(500), make_logs(4000));
}

TEST(decode_allocation, spans_allocate_nothing_of_their_own)
{
    expect_no_allocation_per_record(decode_spans, make_spans(500), make_spans(4000));
}

}  // namespace
}  // namespace reprise::telemetry
