#include "reprise/telemetry/redact.hpp"

#include "reprise/telemetry/rrpair.hpp"
#include "support/canaries.hpp"

#include <gtest/gtest.h>

// Secrets of every kind, seeded, put into every place of an exchange: none may be found afterwards in
// any form in which the exchange leaves the process.
namespace reprise::telemetry {
namespace {

using support::canaries;
using support::named_places;
using support::plain_places;

constexpr int rounds = 400;

model::exchange empty_exchange()
{
    model::exchange exchange;
    exchange.operation.protocol = "http";
    exchange.operation.service = "shop";
    exchange.method = "POST";
    exchange.path = "/login";
    exchange.status = 200;
    return exchange;
}

// Every form in which the exchange leaves the process, and what stands behind their encodings.
std::string everything(const model::exchange& exchange)
{
    std::string all = write_rrpair_json(exchange) + write_rrpair_markdown(exchange) + encode_rrpair_record(exchange);
    all += exchange.path + exchange.request_body + exchange.response_body + exchange.statement + exchange.message;
    for (const std::string& field : exchange.redacted_fields)
        all += field + "\n";
    return all;
}

void expect_no_leak(const model::exchange& exchange, const std::string& secret, const std::string& where)
{
    const std::string all = everything(exchange);
    support::leak_finder finder;
    finder.add(secret);
    ASSERT_EQ(finder.find(all), "") << where << " leaks\n" << all;
    ASSERT_FALSE(exchange.redacted_fields.empty()) << where;
}

TEST(redact_canary, nothing_under_a_secret_name_leaks)
{
    canaries seeded(2025);
    for (int i = 0; i < rounds && !HasFatalFailure(); ++i) {
        for (const auto& [where, put] : named_places()) {
            const std::string name = seeded.secret_name();
            const std::string secret = seeded.below(2) == 0 ? seeded.word(8) : seeded.mixed(12);
            model::exchange exchange = empty_exchange();
            put(exchange, name, secret);
            redact(exchange, "canary key");
            expect_no_leak(exchange, secret, where + " " + name);
        }
    }
}

TEST(redact_canary, nothing_that_shows_by_its_form_leaks)
{
    canaries seeded(2026);
    for (int i = 0; i < rounds && !HasFatalFailure(); ++i) {
        for (const auto& [where, put] : plain_places()) {
            const std::string secret = seeded.by_form();
            model::exchange exchange = empty_exchange();
            put(exchange, "", secret);
            redact(exchange, "canary key");
            expect_no_leak(exchange, secret, where);
        }
    }
}

// Kinds of ids that replay and comparison need.
std::string some_id(canaries& seeded, std::size_t kind)
{
    constexpr std::string_view hex = "0123456789abcdef";
    const auto part = [&](std::size_t count) { return seeded.chars(hex, count); };
    switch (kind) {
    case 0: return part(8) + "-" + part(4) + "-4" + part(3) + "-a" + part(3) + "-" + part(12);  // UUID
    case 1: return "01K" + seeded.chars("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23);                // ULID
    case 2: return part(32);                                                                    // Trace id
    case 3: return part(16);                                                                    // Span id
    case 4: return part(64);                                                                    // SHA-256
    case 5: return "00-" + part(32) + "-" + part(16) + "-01";                                   // traceparent
    case 6: return "2025-11-2" + seeded.digits(1) + "T12:00:00." + seeded.digits(6) + "Z";
    case 7: return "17" + seeded.digits(8);   // Seconds since 1970
    case 8: return "17" + seeded.digits(11);  // Milliseconds
    case 9: return "17" + seeded.digits(17);  // Nanoseconds
    case 10: return "/orders/" + seeded.digits(7);
    default: return "pay-" + seeded.chars("bcdfghjklmnpqrstvwxz2456789", 10) + "-" +
                    seeded.chars("bcdfghjklmnpqrstvwxz2456789", 5);  // Pod
    }
}

TEST(redact_canary, ids_that_replay_needs_stay)
{
    constexpr std::size_t kinds = 12;
    constexpr int ids_per_kind = 2000;
    canaries seeded(2027);
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        int taken = 0;
        std::string last;
        for (int i = 0; i < ids_per_kind; ++i) {
            const std::string text = "id " + some_id(seeded, kind) + " end";
            if (const std::string out = redact_text(text, "canary key"); out != text) {
                ++taken;
                last = text + " -> " + out;
            }
        }
        EXPECT_LE(taken, ids_per_kind / 1000) << "kind " << kind << ": " << last;
    }
}

TEST(redact_canary, text_without_secrets_is_left_alone)
{
    for (const std::string_view text :
         {"The quick brown fox jumps over 13 lazy dogs at 2025-11-21T12:00:00Z.",
          R"({"orders":[{"id":17,"state":"accepted","total":129.00,"sku":"a-1"}],"next":"/orders?page=2"})",
          "SELECT id, name FROM orders WHERE state = ? ORDER BY created_at DESC LIMIT 50",
          "TypeError: Cannot read properties of undefined (reading 'map') at /app/src/server/handlers.js:117:22"}) {
        model::exchange exchange = empty_exchange();
        exchange.response_body = text;
        exchange.message = text;
        redact(exchange, "canary key");
        EXPECT_EQ(exchange.response_body, text);
        EXPECT_EQ(exchange.message, text);
        EXPECT_TRUE(exchange.redacted_fields.empty());
    }
}

}  // namespace
}  // namespace reprise::telemetry
