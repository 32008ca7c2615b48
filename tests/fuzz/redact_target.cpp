#include "fuzz_target.hpp"
#include "require.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/telemetry/redact.hpp"

#include <random>
#include <string>

// Redacting twice is redacting once, whatever the text. A secret that stands in the middle of it, as a
// word of its own, is gone afterwards.
namespace reprise::fuzz {
namespace {

constexpr std::string_view key = "fuzz key";

// Fresh for every choice, so that it is in the text only where it was put.
std::string secret_of(unsigned char choice)
{
    std::mt19937 random(choice);
    const auto chars = [&random](std::string_view alphabet, std::size_t count) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i)
            text += alphabet[random() % alphabet.size()];
        return text;
    };
    constexpr std::string_view mixed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    switch (choice % 9) {
    case 0: return chars("abcdefghij", 9) + "@" + chars("klmnopqrst", 8) + ".example.org";
    case 1: return "eyJ" + chars(mixed, 24) + ".eyJ" + chars(mixed, 30) + "." + chars(mixed, 40);
    case 2: return "AKIA" + chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
    case 3: return "ghp_" + chars(mixed, 36);
    case 4: return "glpat-" + chars(mixed, 20);
    case 5: return "xoxb-" + chars("0123456789", 11) + "-" + chars(mixed, 24);
    case 6: return "sk-" + chars(mixed, 40);
    case 7: return "5555555555554444";
    default: return "DE89370400440532013000";
    }
}

std::string all_of(const model::exchange& exchange)
{
    std::string all = exchange.path + "\n" + exchange.request_body + "\n" + exchange.response_body;
    for (const auto& [name, value] : exchange.request_headers)
        all += "\n" + value;
    return all;
}

// What the text becomes in one place.
std::string redacted(std::string_view text, unsigned char place)
{
    constexpr std::string_view content_types[] = {
        "", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"};
    model::exchange exchange;
    switch (place % 9) {
    case 0: return telemetry::redact_text(text, key);
    case 1: return telemetry::redact_sql(text, key);
    case 2: exchange.path = "/a?q=" + std::string(text); break;
    case 3: exchange.request_headers = {{"Referer", std::string(text)}, {"Cookie", std::string(text)}}; break;
    case 4: exchange.response_body = "{\"a\":[1,{\"b\":\"" + std::string(text); break;
    default:
        exchange.request_headers = {{"Content-Type", std::string(content_types[place % 9 - 5])}};
        exchange.request_body = text;
    }
    telemetry::redact(exchange, key);
    const std::string all = all_of(exchange);
    telemetry::redact(exchange, key);
    require_same(all_of(exchange), all, "redacted again");
    return all;
}

void check_texts(std::string_view text)
{
    const std::string once = telemetry::redact_text(text, key);
    require_same(telemetry::redact_text(once, key), once, "text");
    const std::string sql = telemetry::redact_sql(text, key);
    require_same(telemetry::redact_sql(sql, key), sql, "statement");
}

}  // namespace

void redact(std::string_view input)
{
    if (input.size() < 2)
        return;
    const auto choice = static_cast<unsigned char>(input[0]);
    const auto place = static_cast<unsigned char>(input[1]);
    constexpr std::size_t text_bytes_max = 3'800;  // Longer ones need not be stable (redact.hpp).
    const std::string_view text = input.substr(2, text_bytes_max);
    if (place % 9 < 2)
        check_texts(text);
    else
        redacted(text, place);

    const std::string secret = secret_of(choice);
    if (text.find(secret) != std::string_view::npos)
        return;  // Inside a longer word it is none.
    const std::size_t middle = text.size() / 2;
    const std::string planted =
        std::string(text.substr(0, middle)) + " " + secret + " " + std::string(text.substr(middle));
    const std::string kept = redacted(planted, place);
    require(kept.find(secret) == std::string::npos, "leaks " + secret + ": " + kept);
}

}  // namespace reprise::fuzz
