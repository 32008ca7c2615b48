#include "reprise/telemetry/exchange_parse.hpp"
#include "reprise/telemetry/otlp_decode.hpp"

#include "random_requests.hpp"

#include <gtest/gtest.h>

namespace reprise::telemetry {
namespace {

constexpr int mutations = 30'000;

std::string mutate(std::string bytes, std::mt19937_64& random)
{
    if (bytes.empty())
        return std::string(1 + random() % 8, static_cast<char>(random()));
    for (std::size_t i = 1 + random() % 4; i > 0 && !bytes.empty(); --i) {
        const std::size_t at = random() % bytes.size();
        switch (random() % 5) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
        case 2: bytes.resize(at); break;
        case 3: bytes.insert(at, 1 + random() % 3, static_cast<char>(random() % 2 == 0 ? 0xff : random())); break;
        default: bytes.erase(at, 1 + random() % 5); break;
        }
    }
    return bytes;
}

struct tally {
    std::uint64_t refused = 0;
    std::uint64_t taken = 0;
    std::uint64_t parsed = 0;
};

// Whatever was taken is consistent and its raw records can be read in full.
void count(const decode_result<model::observation_batch>& batch, std::size_t size, model::source source, tally& seen)
{
    if (!batch) {
        ++seen.refused;
        ASSERT_LE(batch.error().offset, size);
        ASSERT_FALSE(batch.error().reason.empty());
        return;
    }
    ++seen.taken;
    for (const model::observation& one : batch->observations) {
        ASSERT_LT(one.operation_index, batch->operations.size());
        ASSERT_GE(one.duration_ns, 0);
        ASSERT_LE(std::size_t{one.record_offset} + one.record_bytes, size);
        const model::operation_view& operation = batch->operations[one.operation_index];
        const std::string_view raw = std::string_view(*batch->bytes).substr(one.record_offset, one.record_bytes);
        const auto exchange = parse_exchange(source, raw, operation.service);
        if (!exchange)
            continue;  // Parts that only the full reading visits may be damaged.
        ++seen.parsed;
        ASSERT_EQ(exchange->operation, model::operation_key(operation));
        ASSERT_EQ(exchange->outcome, one.outcome);
    }
}

TEST(otlp_mutation, damaged_log_requests_are_refused_or_read_never_worse)
{
    std::mt19937_64 random(1);
    random_requests requests(2);
    tally seen;
    for (int i = 0; i < mutations; ++i) {
        auto bytes = std::make_shared<const std::string>(mutate(requests.make_logs().SerializeAsString(), random));
        count(decode_logs(bytes), bytes->size(), model::source::rrpair, seen);
    }
    EXPECT_GT(seen.refused, mutations / 5U);
    EXPECT_GT(seen.taken, mutations / 20U);
    EXPECT_GT(seen.parsed, mutations / 20U);
}

TEST(otlp_mutation, damaged_trace_requests_are_refused_or_read_never_worse)
{
    std::mt19937_64 random(3);
    random_requests requests(4);
    tally seen;
    for (int i = 0; i < mutations; ++i) {
        auto bytes = std::make_shared<const std::string>(mutate(requests.make_traces().SerializeAsString(), random));
        count(decode_spans(bytes), bytes->size(), model::source::span, seen);
    }
    EXPECT_GT(seen.refused, mutations / 5U);
    EXPECT_GT(seen.taken, mutations / 20U);
    EXPECT_GT(seen.parsed, mutations / 20U);
}

TEST(otlp_mutation, noise_is_refused_or_empty)
{
    std::mt19937_64 random(5);
    std::uint64_t refused = 0;
    for (int i = 0; i < mutations; ++i) {
        std::string noise(random() % 64, '\0');
        for (char& c : noise)
            c = static_cast<char>(random());
        const auto batch = decode_logs(std::make_shared<const std::string>(noise));
        refused += batch ? 0U : 1U;
        if (batch) {
            ASSERT_TRUE(batch->observations.empty());
        }
    }
    EXPECT_GT(refused, mutations / 2U);
}

}  // namespace
}  // namespace reprise::telemetry
