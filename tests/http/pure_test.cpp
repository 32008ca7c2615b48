#include "../../server/http/idempotency.hpp"
#include "../../server/http/incident_series.hpp"
#include "../../server/http/inputs.hpp"
#include "../../server/http/json_text.hpp"
#include "../../server/http/origins.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include <cmath>
#include <limits>

namespace reprise::http {
namespace {

using claim_kind = idempotency_store::claim_kind;

TEST(idempotency_store, keeps_an_answer_for_a_day)
{
    idempotency_store answers;
    EXPECT_EQ(answers.begin("ada /users", "k", "body", 1).kind, claim_kind::first);
    EXPECT_EQ(answers.begin("ada /users", "k", "body", 1).kind, claim_kind::in_progress);
    answers.finish("ada /users", "k", net::response(200, "text/plain", std::string("done")));

    const auto repeated = answers.begin("ada /users", "k", "body", 1);
    ASSERT_EQ(repeated.kind, claim_kind::repeated);
    EXPECT_EQ(net::view(repeated.answer->body), "done");
    EXPECT_EQ(answers.begin("ada /users", "k", "other", 1).kind, claim_kind::other_body);
    EXPECT_EQ(answers.begin("bo /users", "k", "body", 1).kind, claim_kind::first);

    answers.prune(2 + idempotency_store::kept_ns);
    EXPECT_EQ(answers.begin("ada /users", "k", "body", 2 + idempotency_store::kept_ns).kind, claim_kind::first);
}

TEST(idempotency_store, a_forgotten_key_is_free_again)
{
    idempotency_store answers;
    EXPECT_EQ(answers.begin("s", "k", "body", 1).kind, claim_kind::first);
    answers.forget("s", "k");
    EXPECT_EQ(answers.begin("s", "k", "body", 1).kind, claim_kind::first);
}

TEST(idempotency_store, is_bounded_in_number_and_bytes)
{
    idempotency_store answers;
    for (int i = 0; i < 5000; ++i) {
        const std::string key = std::to_string(i);
        EXPECT_EQ(answers.begin("s", key, "body", 1).kind, claim_kind::first);
        answers.finish("s", key, net::response(200, "text/plain", std::string(10, 'x')));
    }
    EXPECT_LE(answers.size(), idempotency_store::entries_max);
    for (int i = 0; i < 50; ++i) {
        const std::string key = "big " + std::to_string(i);
        EXPECT_EQ(answers.begin("s", key, "body", 1).kind, claim_kind::first);
        answers.finish("s", key, net::response(200, "text/plain", std::string(1024 * 1024, 'x')));
    }
    EXPECT_LE(answers.size(), 20U);
}

struct utf8_case {
    std::string name;
    std::string text;
    std::string clean;
};

class utf8_table : public testing::TestWithParam<utf8_case> {};

TEST_P(utf8_table, is_cleaned)
{
    EXPECT_EQ(clean_utf8(GetParam().text), GetParam().clean);
}

const std::string bad = "\xEF\xBF\xBD";

INSTANTIATE_TEST_SUITE_P(
    cases, utf8_table,
    testing::Values(
        utf8_case{"empty", "", ""}, utf8_case{"ascii", "plain", "plain"},
        utf8_case{"good", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"},
        utf8_case{"lone_continuation", "a\x80z", "a" + bad + "z"},
        utf8_case{"cut_at_the_end", "a\xE2\x82", "a" + bad + bad},
        utf8_case{"overlong", "\xC0\x80", bad + bad}, utf8_case{"overlong_three", "\xE0\x80\x80", bad + bad + bad},
        utf8_case{"surrogate", "\xED\xA0\x80", bad + bad + bad},
        utf8_case{"too_large", "\xF4\x90\x80\x80", bad + bad + bad + bad},
        utf8_case{"latin_1", "caf\xE9!", "caf" + bad + "!"}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(json_text, numbers_that_json_cannot_say_become_zero)
{
    EXPECT_EQ(finite(std::numeric_limits<double>::infinity()), 0.0);
    EXPECT_EQ(finite(std::nan("")), 0.0);
    EXPECT_EQ(finite(1.5), 1.5);
}

TEST(origins, the_public_url_must_be_an_origin)
{
    EXPECT_TRUE(origin_rules::parse("http://127.0.0.1:4380", {}));
    EXPECT_TRUE(origin_rules::parse("https://reprise.test/", {}));
    for (const std::string text : {"", "reprise.test", "http://a/b", "http://a/?x", "ftp://a", "http://u@a"})
        EXPECT_EQ(origin_rules::parse(text, {}).error(), errc::invalid_argument) << text;
}

TEST(origins, loopback_has_three_names_and_others_one)
{
    const auto local = origin_rules::parse("http://127.0.0.1:4380", {"reprise.lan:4380"}).value();
    for (const std::string host :
         {"127.0.0.1:4380", "localhost:4380", "[::1]:4380", "LOCALHOST:4380", "reprise.lan:4380"})
        EXPECT_TRUE(local.is_our_host(host)) << host;
    for (const std::string host : {"127.0.0.1", "127.0.0.2:4380", "localhost:4381", "", "evil.test:4380"})
        EXPECT_FALSE(local.is_our_host(host)) << host;

    const auto named = origin_rules::parse("https://reprise.test", {}).value();
    EXPECT_TRUE(named.is_our_host("reprise.test"));
    EXPECT_FALSE(named.is_our_host("localhost"));
    EXPECT_EQ(named.cookie_name(), "__Host-reprise");
    EXPECT_EQ(local.cookie_name(), "reprise_4380");
}

TEST(inputs, if_match_is_a_version_in_quotes)
{
    const auto read = [](const std::string& text) {
        net::request req;
        if (!text.empty())
            req.headers = {{"If-Match", text}};
        return read_if_match(req);
    };
    EXPECT_EQ(read("\"7\"").value(), 7);
    EXPECT_EQ(read("7").value(), 7);
    EXPECT_EQ(read("").value(), std::nullopt);
    EXPECT_EQ(read("*").value(), std::nullopt);
    for (const std::string text : {"\"\"", "\"7", "W/\"7\"", "seven", "7 8"})
        EXPECT_FALSE(read(text)) << text;
}

store::operation_window window_of(int minute, std::uint64_t ok, std::uint64_t failing, bool anomalous)
{
    store::operation_window window;
    window.window_start_ns = minute * 60'000'000'000LL;
    window.counts[0] = ok;
    window.counts[3] = failing;
    window.p90_ns = minute;
    window.anomalous = anomalous;
    return window;
}

TEST(series, the_band_is_made_of_calm_windows_only)
{
    std::vector<store::operation_window> windows;
    for (int i = 0; i < 6; ++i)
        windows.push_back(window_of(i, 100, 0, false));
    windows.push_back(window_of(6, 50, 50, true));

    const auto series = render_series(model::signal(), windows);

    EXPECT_EQ(series.at("baseline").at("high").as_double(), 0.0);
    EXPECT_EQ(series.at("points").as_array().size(), 7U);
    EXPECT_EQ(series.at("points").at(6).at("value").as_double(), 0.5);
    EXPECT_EQ(series.at("points").at(6).at("n").to_number<int>(), 100);
}

TEST(series, too_few_calm_windows_make_no_band)
{
    const std::vector<store::operation_window> windows = {window_of(1, 1, 0, false), window_of(2, 0, 0, true)};
    const auto series = render_series(model::signal(), windows);
    EXPECT_FALSE(series.contains("baseline"));
    EXPECT_EQ(series.at("points").at(1).at("value").as_double(), 0.0);
}

TEST(series, each_kind_has_its_own_measure)
{
    const std::vector<store::operation_window> windows = {window_of(3, 10, 5, false)};
    model::signal signal;
    signal.kind = model::signal_kind::latency;
    EXPECT_EQ(render_series(signal, windows).at("points").at(0).at("value").as_double(), 3.0);
    EXPECT_EQ(render_series(signal, windows).at("unit").as_string(), "ns");
    signal.kind = model::signal_kind::n_plus_one;
    EXPECT_EQ(render_series(signal, windows).at("points").at(0).at("value").as_double(), 15.0);
    signal.kind = model::signal_kind::rate_limit_burst;
    EXPECT_EQ(render_series(signal, windows).at("points").at(0).at("value").as_double(), 0.0);
}

}  // namespace
}  // namespace reprise::http
