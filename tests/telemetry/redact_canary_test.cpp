#include "reprise/telemetry/redact.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <random>

// Secrets of every kind, seeded, put into every place of an exchange: none may be found afterwards in
// any form in which the exchange leaves the process.
namespace reprise::telemetry {
namespace {

constexpr int rounds = 400;

class canaries {
public:
    explicit canaries(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t limit) { return random_() % limit; }

    std::string chars(std::string_view alphabet, std::size_t count)
    {
        std::string text;
        for (std::size_t i = 0; i < count; ++i)
            text += alphabet[below(alphabet.size())];
        return text;
    }
    std::string digits(std::size_t count) { return chars("0123456789", count); }
    std::string word(std::size_t count) { return chars("abcdefghijkmnpqrstuvwxyz", count); }
    std::string mixed(std::size_t count)
    {
        return chars("ABCDEFGHIJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789", count);
    }

    std::string card()
    {
        std::string number = "4" + digits(14);
        for (char check = '0'; check <= '9'; ++check) {
            int sum = 0;
            const std::string whole = number + check;
            for (std::size_t i = 0; i < whole.size(); ++i) {
                const int digit = whole[whole.size() - 1 - i] - '0';
                sum += i % 2 == 1 ? digit * 2 / 10 + digit * 2 % 10 : digit;
            }
            if (sum % 10 == 0)
                return whole;
        }
        return {};
    }

    std::string iban()
    {
        const std::string account = digits(18);
        int rest = 0;
        for (const char c : account + "131400")  // "DE00"
            rest = (rest * 10 + (c - '0')) % 97;
        const int check = 98 - rest;
        return "DE" + std::string(check < 10 ? "0" : "") + std::to_string(check) + account;
    }

    // Recognisable wherever it stands.
    std::string by_form()
    {
        switch (below(11)) {
        case 0: return word(8) + "." + word(5) + "@" + word(7) + ".example.org";
        case 1: return "eyJ" + mixed(24) + ".eyJ" + mixed(40) + "." + mixed(43);
        case 2: return "AKIA" + chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
        case 3: return "ghp_" + mixed(36);
        case 4: return "github_pat_" + mixed(22) + "_" + mixed(40);
        case 5: return "glpat-" + mixed(20);
        case 6: return "xoxb-" + digits(11) + "-" + mixed(24);
        case 7: return "sk-" + mixed(40);
        case 8: return card();
        case 9: return iban();
        default: return "+49" + digits(10);
        }
    }

    std::string secret_name()
    {
        static const std::vector<std::string> names = {
            "password", "db_password", "clientSecret", "access_token", "refreshToken", "apiKey", "x-api-key",
            "session_id", "ssn", "cardNumber", "iban", "email", "phone_number", "privateKey", "pin", "cvv",
            "Authorization", "dob"};
        return names[below(names.size())];
    }

private:
    std::mt19937_64 random_;
};

std::string json_text(std::string_view text)
{
    return boost::json::serialize(boost::json::string(text));
}

std::string url_encoded(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            out += c;
        else
            out += "%" + to_hex({reinterpret_cast<const unsigned char*>(&c), 1});
    }
    return out;
}

// Puts `secret` somewhere; `named` says that its form alone need not be known.
using place = std::function<void(model::exchange&, const std::string& name, const std::string& secret)>;

void add_json(std::string& body, const std::string& name, const std::string& value)
{
    body = "{\"a\":[{\"b\":1}],\"deep\":{\"x\":[{" + json_text(name) + ": " + value + " }]},\"z\":" + "\"end\"}";
}

const std::vector<std::pair<std::string, place>>& named_places()
{
    static const std::vector<std::pair<std::string, place>> places = {
        {"header", [](auto& e, auto&, auto& s) { e.request_headers.emplace_back("X-Internal", s); }},
        {"cookie", [](auto& e, auto& n, auto& s) {
             e.response_headers.emplace_back("Set-Cookie", n + "=" + s + "; Path=/"); }},
        {"query", [](auto& e, auto& n, auto& s) { e.path += "?a=1&" + n + "=" + url_encoded(s) + "&b=2"; }},
        {"json", [](auto& e, auto& n, auto& s) { add_json(e.request_body, n, json_text(s)); }},
        {"json list", [](auto& e, auto& n, auto& s) { add_json(e.response_body, n, "[" + json_text(s) + "]"); }},
        {"json in json", [](auto& e, auto& n, auto& s) {
             add_json(e.response_body, "payload", json_text("{\"" + n + "\":" + json_text(s) + "}")); }},
        {"cut json", [](auto& e, auto& n, auto& s) { e.request_body = "{\"a\":1,\"" + n + "\":\"" + s; }},
        {"form", [](auto& e, auto& n, auto& s) {
             e.request_headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
             e.request_body = "x=1&" + url_encoded(n) + "=" + url_encoded(s); }},
        {"multipart", [](auto& e, auto& n, auto& s) {
             e.request_headers.emplace_back("Content-Type", "multipart/form-data; boundary=xx");
             e.request_body = "--xx\r\nContent-Disposition: form-data; name=\"" + n + "\"\r\n\r\n" + s +
                              "\r\n--xx--\r\n"; }},
        {"xml", [](auto& e, auto& n, auto& s) { e.response_body = "<a><" + n + ">" + s + "</" + n + "></a>"; }},
        {"message", [](auto& e, auto& n, auto& s) { e.message = "login failed (" + n + "=" + s + ")"; }},
        {"sql", [](auto& e, auto& n, auto& s) {
             e.operation.protocol = "sql";
             e.statement = "UPDATE users SET `" + n + "` = '" + s + "' WHERE id = 5"; }},
    };
    return places;
}

const std::vector<std::pair<std::string, place>>& plain_places()
{
    static const std::vector<std::pair<std::string, place>> places = {
        {"path", [](auto& e, auto&, auto& s) { e.path = "/users/" + url_encoded(s) + "/x"; }},
        {"allowed header", [](auto& e, auto&, auto& s) {
             e.request_headers.emplace_back("User-Agent", "bot (" + s + ")"); }},
        {"referer", [](auto& e, auto&, auto& s) {
             e.request_headers.emplace_back("Referer", "http://h/a?q=" + url_encoded(s)); }},
        {"query", [](auto& e, auto&, auto& s) { e.path += "?q=" + url_encoded(s); }},
        {"json", [](auto& e, auto&, auto& s) { add_json(e.request_body, "note", json_text("see " + s + " there")); }},
        {"json key", [](auto& e, auto&, auto& s) { add_json(e.request_body, s, "1"); }},
        {"text", [](auto& e, auto&, auto& s) { e.response_body = "hello " + s + ", bye"; }},
        {"lines", [](auto& e, auto&, auto& s) { e.response_body = "a,b\n1," + s + "\n2,x\n"; }},
        {"message", [](auto& e, auto&, auto& s) { e.message = "no user '" + s + "' in table"; }},
        {"base64", [](auto& e, auto&, auto& s) { e.request_body = "v=" + to_base64("user " + s + " ok"); }},
        {"sql comment", [](auto& e, auto&, auto& s) {
             e.operation.protocol = "sql";
             e.statement = "SELECT 1 /* " + s + " */"; }},
        {"sql literal", [](auto& e, auto&, auto& s) {
             e.operation.protocol = "sql";
             e.statement = "SELECT '" + s + "'"; }},
    };
    return places;
}

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
    for (const std::string& form : {secret, url_encoded(secret), to_base64("user " + secret + " ok")})
        ASSERT_EQ(all.find(form), std::string::npos) << where << " leaks " << form << "\n" << all;
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
