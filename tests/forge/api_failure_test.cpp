#include "../../server/forge/api_client.hpp"
#include "../../server/forge/api_failure.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::forge {
namespace {

using testing::HasSubstr;
using kind = decltype(effect_failure::kind);

constexpr std::int64_t now_ns = 1'764'115'200'000'000'000;  // 2025-11-26T00:00:00Z
constexpr const char* origin = "https://api.test";

api_request post()
{
    api_request made("POST", "/things?secret=no", "Things: write");
    made.changes = true;
    return made;
}

api_request get()
{
    return api_request("GET", "/things", "Things: read");
}

net::client_response answered(int status, std::string body, net::header_list headers = {})
{
    net::client_response made;
    made.status = status;
    made.body = std::move(body);
    made.headers = std::move(headers);
    return made;
}

TEST(api_failure, only_what_may_have_been_sent_leaves_open_whether_it_was_done)
{
    struct row {
        net::errc error;
        kind of_change;
        kind of_look;
    };
    const row rows[] = {
        {net::errc::resolve_failed, kind::later, kind::later},
        {net::errc::connect_failed, kind::later, kind::later},
        {net::errc::connect_timed_out, kind::later, kind::later},
        {net::errc::closed, kind::unknown, kind::later},
        {net::errc::write_timed_out, kind::unknown, kind::later},
        {net::errc::answer_timed_out, kind::unknown, kind::later},
        {net::errc::read_timed_out, kind::unknown, kind::later},
        {net::errc::bad_message, kind::unknown, kind::later},
        {net::errc::body_too_large, kind::unknown, kind::later},
        {net::errc::target_refused, kind::refused, kind::refused},
        {net::errc::address_refused, kind::refused, kind::refused},
        {net::errc::tls_untrusted, kind::refused, kind::refused},
        {net::errc::tls_wrong_host, kind::refused, kind::refused},
    };
    for (const row& one : rows) {
        const result<net::client_response> lost = net::make_error_code(one.error);
        EXPECT_EQ(judge(post(), origin, lost, now_ns).error().kind, one.of_change) << static_cast<int>(one.error);
        EXPECT_EQ(judge(get(), origin, lost, now_ns).error().kind, one.of_look) << static_cast<int>(one.error);
    }
}

TEST(api_failure, statuses_say_whether_another_try_helps)
{
    struct row {
        int status;
        kind of_change;
        kind of_look;
    };
    const row rows[] = {
        {301, kind::refused, kind::refused}, {400, kind::refused, kind::refused}, {401, kind::refused, kind::refused},
        {403, kind::refused, kind::refused}, {404, kind::refused, kind::refused}, {408, kind::unknown, kind::later},
        {409, kind::refused, kind::refused}, {410, kind::refused, kind::refused}, {413, kind::refused, kind::refused},
        {422, kind::refused, kind::refused}, {429, kind::later, kind::later},     {500, kind::unknown, kind::later},
        {502, kind::unknown, kind::later},   {503, kind::unknown, kind::later},   {504, kind::unknown, kind::later},
    };
    for (const row& one : rows) {
        EXPECT_EQ(judge(post(), origin, answered(one.status, "{}"), now_ns).error().kind, one.of_change) << one.status;
        EXPECT_EQ(judge(get(), origin, answered(one.status, ""), now_ns).error().kind, one.of_look) << one.status;
    }
}

TEST(api_failure, an_expected_status_is_an_answer_and_a_good_one_must_be_json)
{
    api_request wanted = get();
    wanted.expected = {404};
    const auto missing = judge(wanted, origin, answered(404, R"({"message":"Not Found"})"), now_ns);
    ASSERT_TRUE(missing);
    EXPECT_EQ(missing->status, 404);
    EXPECT_THAT(refused_answer(*missing, "no such branch").text,
                HasSubstr("GET /things at https://api.test: status 404, \"Not Found\"; no such branch"));
    EXPECT_TRUE(judge(get(), origin, answered(204, ""), now_ns));
    EXPECT_EQ(judge(get(), origin, answered(200, "<html>"), now_ns).error().kind, kind::later);
    EXPECT_EQ(judge(post(), origin, answered(201, "{\"id\":"), now_ns).error().kind, kind::unknown);
}

TEST(api_failure, a_query_is_not_in_the_text_and_what_is_needed_is)
{
    const auto judged = judge(post(), origin, answered(403, R"({"message":"no"})"), now_ns);
    EXPECT_EQ(
        judged.error().text,
        "POST /things at https://api.test: status 403, \"no\"; the credentials may not do this: it needs Things: write"
    );
}

TEST(api_failure, the_words_of_every_tracker_are_found_and_cleaned)
{
    const auto words = [](const char* text) { return words_of(json::parse(text)); };
    EXPECT_EQ(words(R"({"message":"Validation Failed","errors":[{"resource":"Issue","code":"custom","message":"x"}]})"),
              "Validation Failed; x");
    EXPECT_EQ(words(R"({"message":["Another open merge request already exists"]})"),
              "Another open merge request already exists");
    EXPECT_EQ(words(R"({"error":"insufficient_scope","error_description":"needs api"})"),
              "insufficient_scope; needs api");
    EXPECT_EQ(words(R"({"errorMessages":["a"],"errors":{"labels":"b"}})"), "a; b");
    EXPECT_EQ(words(R"({"errors":[{"message":"c","extensions":{"code":"X"}}]})"), "c");
    EXPECT_EQ(words(R"({"message":"line\nfeed\u202e"})"), "line feed\\u{202e}");
    EXPECT_EQ(words("[]"), "");
    EXPECT_LT(words_of(json::object{{"message", std::string(100'000, 'x')}}).size(), 500U);
}

TEST(api_failure, the_time_to_wait_is_read_in_every_form_and_kept_in_bounds)
{
    const auto wait = [](const char* name, const char* value) {
        return find_retry_after({{name, value}}, now_ns);
    };
    using std::chrono::seconds;
    EXPECT_EQ(wait("Retry-After", "30"), seconds(30));
    EXPECT_EQ(wait("Retry-After", "0"), seconds(1));
    EXPECT_EQ(wait("Retry-After", "999999"), retry_after_max);
    EXPECT_EQ(wait("Retry-After", "soon"), std::nullopt);
    EXPECT_EQ(wait("X-RateLimit-Reset", "1764115260"), seconds(60));
    EXPECT_EQ(wait("x-ratelimit-reset", "1700000000"), seconds(1));
    EXPECT_EQ(wait("RateLimit-Reset", "1764115205"), seconds(5));
    EXPECT_EQ(wait("X-RateLimit-Requests-Reset", "1764115320000"), seconds(120));
    EXPECT_EQ(wait("X-RateLimit-Reset", "2025-11-26T00:01:30Z"), seconds(90));
    EXPECT_EQ(wait("X-RateLimit-Reset", "9223372036854775807"), retry_after_max);
    EXPECT_EQ(find_retry_after({}, now_ns), std::nullopt);
}

TEST(api_failure, links_that_a_page_may_not_show_are_none)
{
    const auto link = [](const char* text) { return link_at(json::object{{"url", text}}, "url"); };
    EXPECT_EQ(link("https://github.com/a/b/issues/1#x"), "https://github.com/a/b/issues/1#x");
    for (const char* bad : {"javascript:alert(1)", "https://a b", "https://a\"b", "https://a\n", "//a", ""})
        EXPECT_EQ(link(bad), "") << bad;
    EXPECT_EQ(encoded("a b/c%\xC3\xA9"), "a%20b%2Fc%25%C3%A9");
    EXPECT_EQ(encoded("a/b c", true), "a/b%20c");
}

}  // namespace
}  // namespace reprise::forge
