#include "reprise/replay/compare.hpp"

#include "reprise/base/time_text.hpp"

#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

#include <string>

namespace reprise::replay {
namespace {

using model::header_list;

const header_list json_type{{"Content-Type", "application/json"}};

struct answer {
    int status = 200;
    header_list headers;
    std::string body;
};

answer_comparison compare(const answer& left, const answer& right, const compare_options& options = {})
{
    return compare_answers(
        {left.status, left.headers, left.body}, {right.status, right.headers, right.body}, options
    );
}

// "body/a value 1 -> 2 (cause) [why]\n"
std::string listed(const answer_comparison& made)
{
    std::string out;
    for (const difference& one : made.differences) {
        out += one.path + " " + std::string(to_text(one.kind)) + " " + one.left + " -> " + one.right;
        if (one.cause != telemetry::value_form::plain)
            out += " (" + std::string(telemetry::to_text(one.cause)) + ")";
        out += (one.ignored ? " [" + one.why + "]" : "") + "\n";
    }
    return out;
}

std::string json_differences(std::string_view left, std::string_view right, const compare_options& options = {})
{
    return listed(compare({200, json_type, std::string(left)}, {200, json_type, std::string(right)}, options));
}

struct pair_case {
    std::string_view left;
    std::string_view right;
    std::string_view differences;
};

TEST(compare, json_is_compared_by_structure)
{
    constexpr pair_case cases[] = {
        {R"({"a":1,"b":[1,2]})", R"({ "b" : [1, 2], "a" : 1 })", ""},
        {R"({"a":1.10,"b":1e2,"c":0.0})", R"({"a":1.1,"b":100,"c":-0})", ""},
        {R"({"a":12345678901234567890})", R"({"a":12345678901234567891})",
         "body/a value 12345678901234567890 -> 12345678901234567891\n"},
        {R"({"a":1})", R"({"a":2})", "body/a value 1 -> 2\n"},
        {R"({"a":1})", R"({"a":"1"})", "body/a type number -> text\n"},
        {R"({"a":null})", R"({"a":false})", "body/a type null -> boolean\n"},
        {R"({"a":{"b":1}})", R"({"a":[1]})", "body/a type object -> array\n"},
        {R"({"a":{"b":1}})", R"({"a":7})", "body/a type object -> number\n"},
        {R"({"a":{}})", R"({"a":{"b":1}})", "body/a/b added  -> 1\n"},
        {R"({"a":{"b":1,"c":[1,2]},"z":0})", R"({"z":0})", "body/a missing an object of 2 members -> \n"},
        {R"({"z":0})", R"({"z":0,"a":[[],{}]})", "body/a added  -> an array of 2 items\n"},
        {R"([1,2,3])", R"([1,2])", "body/2 missing 3 -> \n"},
        {R"([{"id":1},{"id":2}])", R"([{"id":1},{"id":3}])", "body/1/id value 2 -> 3\n"},
        {R"({"a/b":1,"~":1})", R"({"a/b":2,"~":2})", "body/a~1b value 1 -> 2\nbody/~0 value 1 -> 2\n"},
        {"1", "2", "body value 1 -> 2\n"},
        {"{}", "[]", "body type object -> array\n"},
        {R"({"0":1})", R"({"0":2})", "body/0 value 1 -> 2\n"},
    };
    for (const pair_case& one : cases)
        EXPECT_EQ(json_differences(one.left, one.right), one.differences) << one.left << " and " << one.right;
}

TEST(compare, the_order_of_an_array_is_a_difference_of_its_own)
{
    constexpr std::string_view left = R"({"a":[{"x":1,"y":[1,2]},{"x":2},3,3]})";
    constexpr std::string_view right = R"({"a":[3,{"x":2},{"y":[2,1],"x":1},3]})";

    EXPECT_EQ(json_differences(R"([1,2,2])", R"([2,1,2])"), "body order 3 items -> in another order\n");
    EXPECT_EQ(json_differences(R"([1,2,2])", R"([2,1,1])"),
              "body/0 value 1 -> 2\nbody/1 value 2 -> 1\nbody/2 value 2 -> 1\n");
    compare_options any_order;
    any_order.ignores_array_order = true;
    EXPECT_EQ(json_differences(left, right, any_order), "");
    EXPECT_EQ(json_differences(R"([1,2,2])", R"([2,1,1])", any_order), "body/2 value 2 -> 1\n");
    EXPECT_EQ(json_differences(R"([{"id":7,"v":1},{"id":8}])", R"([{"id":8},{"id":7,"v":2},9])", any_order),
              "body/0/v value 1 -> 2\nbody/2 added  -> 9\n");
}

TEST(compare, status_and_headers_are_compared_and_noise_is_marked)
{
    const answer left{200,
                      {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"X-Request-Id", "a"}, {"Content-Type", "text/plain"},
                       {"X-B3-TraceId", "1"}, {"Cache-Control", "no-store"}, {"Link", "a"}, {"link", "b"},
                       {"Set-Cookie", "sid=1; Path=/"}, {"Set-Cookie", "old=1"}},
                      ""};
    const answer right{500,
                       {{"date", "Sun, 06 Nov 1994 08:49:38 GMT"}, {"content-type", "text/html"}, {"LINK", "b"},
                        {"link", "a"}, {"x-new", "1"}, {"set-cookie", "sid=2; Path=/"}},
                       ""};

    const answer_comparison made = compare(left, right);

    EXPECT_EQ(listed(made),
              "status value 200 -> 500\n"
              "header.cache-control missing no-store -> \n"
              "header.content-type value text/plain -> text/html\n"
              "header.date value Sun, 06 Nov 1994 08:49:37 GMT -> Sun, 06 Nov 1994 08:49:38 GMT (datetime)"
              " [a header that differs by its nature]\n"
              "header.link value a, b -> b, a\n"
              "header.set-cookie.old missing 1 -> \n"
              "header.set-cookie.sid value 1; Path=/ -> 2; Path=/ [the value of a cookie]\n"
              "header.x-b3-traceid missing 1 ->  [a header that differs by its nature]\n"
              "header.x-request-id missing a ->  [a header that differs by its nature]\n"
              "header.x-new added  -> 1\n");
    EXPECT_FALSE(made.matches());
}

TEST(compare, equal_answers_match)
{
    EXPECT_TRUE(compare({200, json_type, R"({"a":1})"}, {200, json_type, R"({"a":1})"}).matches());
    EXPECT_TRUE(compare({200, {{"Date", "a"}}, "x"}, {200, {{"Date", "b"}}, "x"}).matches());
    EXPECT_FALSE(compare({200, {}, "x"}, {200, {}, "y"}).matches());
}

TEST(compare, forms_texts_and_bytes_are_compared_as_what_they_are)
{
    const header_list form{{"Content-Type", "application/x-www-form-urlencoded"}};
    EXPECT_EQ(listed(compare({200, form, "a=1&b=2&b=3"}, {200, form, "b=2&a=1&b=4&c=5"})),
              "body/b/1 value 3 -> 4\nbody/c added  -> 5\n");
    EXPECT_EQ(listed(compare({200, json_type, "{}"}, {200, json_type, "<html>"})), "body type json -> text\n");
    EXPECT_EQ(listed(compare({200, json_type, "{}"}, {200, json_type, ""})), "body type json -> empty\n");
    const std::string left = listed(compare({200, {}, std::string("\0a", 2)}, {200, {}, std::string("\0b", 2)}));
    EXPECT_TRUE(left.starts_with("body value sha256:")) << left;
    EXPECT_EQ(listed(compare({200, {}, "a\nb\nc\nd\n"}, {200, {}, "a\nc\nx\nd\nd\n"})),
              "body:2 missing b -> \nbody:3 added  -> x\nbody:4 added  -> d\n");
    EXPECT_EQ(listed(compare({200, {}, "a\r\nb"}, {200, {}, "a\nc\n"})), "body:2 value b -> c\n");
}

TEST(compare, the_cause_of_a_difference_is_named)
{
    EXPECT_EQ(json_differences(R"({"id":"919108f7-52d1-4320-9bac-f847db4148a8","at":"2026-11-26T02:10:00Z","n":1})",
                               R"({"id":"5df41881-3aed-3515-88a7-2f4a814cf09e","at":"2026-11-26T03:10:00Z","n":2})"),
              "body/id value 919108f7-52d1-4320-9bac-f847db4148a8 -> 5df41881-3aed-3515-88a7-2f4a814cf09e (uuid)\n"
              "body/at value 2026-11-26T02:10:00Z -> 2026-11-26T03:10:00Z (datetime)\n"
              "body/n value 1 -> 2\n");
}

TEST(compare, what_was_made_during_the_capture_does_not_count)
{
    compare_options options;
    options.captured = {parse_rfc3339("2026-11-26T02:00:00Z").value(), parse_rfc3339("2026-11-26T02:30:00Z").value()};

    EXPECT_EQ(json_differences(R"({"at":"2026-11-26T02:10:00Z","since":"2020-01-01T00:00:00Z"})",
                               R"({"at":"2026-11-27T09:00:00Z","since":"2021-01-01T00:00:00Z"})", options),
              "body/at value 2026-11-26T02:10:00Z -> 2026-11-27T09:00:00Z (datetime)"
              " [made during the capture (datetime)]\n"
              "body/since value 2020-01-01T00:00:00Z -> 2021-01-01T00:00:00Z (datetime)\n");
    EXPECT_EQ(json_differences(R"({"at":"2026-11-26T02:10:00Z"})", R"({"at":"never"})", options),
              "body/at value 2026-11-26T02:10:00Z -> never\n");
}

TEST(compare, what_was_redacted_in_the_recording_is_said)
{
    EXPECT_EQ(json_differences(R"({"email":"<email:9f86d081....>"})", R"({"email":"bob@example.com"})"),
              "body/email value <email:9f86d081....> -> bob@example.com [redacted in the recording]\n");
    const answer_comparison binary = compare({200, {}, "<binary:9f86d081:3>"}, {200, {}, std::string("\0\1\2", 3)});
    ASSERT_EQ(binary.differences.size(), 1U);
    EXPECT_EQ(binary.differences[0].why, "redacted in the recording");
}

TEST(compare, rules_cover_a_field_and_what_is_below_it)
{
    compare_options options;
    options.ignored_fields = {"body/items/*/id", "header.x-build", "body/meta"};
    const answer left{200, {{"Content-Type", "application/json"}, {"X-Build", "1"}},
                      R"({"items":[{"id":1,"n":1}],"meta":{"a":{"b":1}},"metadata":1})"};
    const answer right{200, {{"Content-Type", "application/json"}, {"X-Build", "2"}},
                       R"({"items":[{"id":2,"n":2}],"meta":{"a":{"b":2}},"metadata":2})"};

    EXPECT_EQ(listed(compare(left, right, options)),
              "header.x-build value 1 -> 2 [the rule header.x-build]\n"
              "body/items/0/id value 1 -> 2 [the rule body/items/*/id]\n"
              "body/items/0/n value 1 -> 2\n"
              "body/meta/a/b value 1 -> 2 [the rule body/meta]\n"
              "body/metadata value 1 -> 2\n");
}

TEST(compare, texts_are_bounded_and_differences_are_counted_beyond_their_limit)
{
    std::string left = "[";
    std::string right = "[";
    for (std::size_t i = 0; i < answer_differences_max + 9; ++i) {
        left += std::string(i == 0 ? "" : ",") + "\"" + std::string(1'000, 'x') + "\"";
        right += std::string(i == 0 ? "" : ",") + "\"" + std::string(1'000, 'y') + "\"";
    }

    const answer_comparison made = compare({200, json_type, left + "]"}, {200, json_type, right + "]"});

    ASSERT_EQ(made.differences.size(), answer_differences_max);
    EXPECT_EQ(made.left_out, 9U);
    EXPECT_EQ(made.differences[0].left, std::string(difference_text_bytes_max, 'x') + "...");
}

TEST(compare, hostile_answers_are_compared_in_bounded_time)
{
    const std::string deep = "[" + std::string(100'000, '[') + std::string(100'000, ']') + ",1]";
    EXPECT_EQ(json_differences(deep, deep), "");
    EXPECT_EQ(json_differences(deep, "[1,1]").substr(0, 25), "body/0 type array -> numb");
    std::string lines;
    for (int i = 0; i < 50'000; ++i)
        lines += std::to_string(i * 7 % 1'000) + "\n";
    EXPECT_EQ(compare({200, {}, lines}, {200, {}, "x\n" + lines + "y\n"}).differences.size(), answer_differences_max);
    EXPECT_EQ(json_differences(R"({"a":1,"a":2})", R"({"a":2})"), "");
}

answer_comparison differing_in(std::string_view path, bool ignored = false)
{
    answer_comparison made;
    difference one;
    one.path = path;
    one.ignored = ignored;
    made.differences.push_back(one);
    return made;
}

compare_report report_of(std::uint64_t requests, std::uint64_t raw, std::uint64_t pairs, std::uint64_t noise)
{
    difference_book book;
    for (std::uint64_t i = 0; i < requests; ++i)
        book.add("GET /a", i < raw ? differing_in("body/a") : answer_comparison());
    for (std::uint64_t i = 0; i < pairs; ++i)
        book.add_noise("GET /a", i < noise ? differing_in("body/a") : answer_comparison());
    return book.summarise();
}

TEST(compare_book, a_field_counts_when_it_differs_clearly_more_often_than_between_equal_trials)
{
    struct book_case {
        std::uint64_t requests, raw, pairs, noise;
        bool regressed;
    };
    constexpr book_case cases[] = {
        {100, 10, 100, 0, true},
        {100, 10, 100, 10, false},
        {100, 60, 100, 40, false},     // 20 of 100 is not more than 20 %.
        {100, 61, 100, 40, true},
        {100, 0, 100, 0, false},
        {10'000, 3, 10'000, 0, false}, // 3 is not more than 0.03 %.
        {10'000, 4, 10'000, 0, true},
        {100, 50, 10, 5, false},       // Scaled: 5 of 10 is 50 of 100.
        {100, 80, 10, 5, true},
        {10, 1, 0, 0, true},
    };
    for (const book_case& one : cases) {
        const compare_report report = report_of(one.requests, one.raw, one.pairs, one.noise);
        ASSERT_EQ(report.operations.size(), 1U);
        const operation_summary& operation = report.operations[0];
        EXPECT_EQ(operation.verdict == operation_verdict::regressed, one.regressed) << one.requests << " " << one.raw;
        EXPECT_EQ(operation.requests, one.requests);
        EXPECT_EQ(operation.pairs, one.pairs);
        EXPECT_EQ(operation.matched, one.regressed ? one.requests - one.raw : one.requests);
        EXPECT_EQ(report.matched, operation.matched);
        if (!operation.fields.empty()) {
            EXPECT_EQ(operation.fields[0].raw, one.raw);
            EXPECT_EQ(operation.fields[0].noise, one.noise);
        }
    }
}

TEST(compare_book, a_request_counts_a_field_once_and_matches_only_when_nothing_counts)
{
    difference_book book;
    answer_comparison many = differing_in("body/items/0/id");
    many.differences.push_back(differing_in("body/items/1/id").differences[0]);
    many.differences.push_back(differing_in("header.date", true).differences[0]);
    book.add("GET /a", many);
    book.add("GET /a", differing_in("header.date", true));
    book.add("GET /b", answer_comparison());

    const compare_report report = book.summarise();

    ASSERT_EQ(report.operations.size(), 2U);
    EXPECT_EQ(report.operations[0].operation, "GET /a");
    ASSERT_EQ(report.operations[0].fields.size(), 2U);
    EXPECT_EQ(report.operations[0].fields[0].field, "body/items/*/id");
    EXPECT_EQ(report.operations[0].fields[0].raw, 1U);
    EXPECT_EQ(report.operations[0].fields[0].share, 0.5);
    EXPECT_EQ(report.operations[0].fields[1].field, "header.date");
    EXPECT_EQ(report.operations[0].fields[1].verdict, field_verdict::ignored);
    EXPECT_EQ(report.operations[0].fields[1].ignored, 2U);
    EXPECT_EQ(report.operations[1].verdict, operation_verdict::same);
    EXPECT_EQ(report.requests, 3U);
    EXPECT_EQ(report.matched, 2U);
    EXPECT_DOUBLE_EQ(report.match_share, 2.0 / 3.0);
}

TEST(compare_book, what_only_the_recording_hides_is_no_regression_when_trials_differ_there)
{
    difference_book book;
    for (int i = 0; i < 4; ++i)
        book.add("GET /a", differing_in("body/email", true));
    book.add_noise("GET /a", differing_in("body/email"));

    const compare_report report = book.summarise();

    EXPECT_EQ(report.operations[0].fields[0].verdict, field_verdict::ignored);
    EXPECT_EQ(report.operations[0].verdict, operation_verdict::same);
    EXPECT_EQ(report.matched, 4U);
}

TEST(compare_book, learned_noise_is_marked_and_kept)
{
    difference_book book;
    answer_comparison both = differing_in("body/id");
    both.differences.push_back(differing_in("body/total").differences[0]);
    book.add("GET /a", both);
    book.add_noise("GET /a", differing_in("body/id"));

    book.mark_noise("GET /a", both);

    ASSERT_EQ(both.differences.size(), 2U);
    EXPECT_TRUE(both.differences[0].ignored);
    EXPECT_EQ(both.differences[0].why, "differs between identical trials, too");
    EXPECT_FALSE(both.differences[1].ignored);
}

TEST(compare_book, limits_are_counted)
{
    difference_book book;
    answer_comparison cut;
    cut.left_out = 1;
    book.add("GET /cut", cut);
    for (std::size_t i = 0; i < compared_fields_max + 2; ++i)
        book.add("GET /fields", differing_in("body/f" + std::to_string(i)));
    for (std::size_t i = 0; i < compared_operations_max; ++i)
        book.add("GET /" + std::to_string(i), answer_comparison());

    const compare_report report = book.summarise();

    EXPECT_EQ(report.operations.size(), compared_operations_max);
    EXPECT_EQ(report.left_out, 2U);
    const auto of = [&report](std::string_view operation) {
        for (const operation_summary& one : report.operations) {
            if (one.operation == operation)
                return one;
        }
        return operation_summary();
    };
    EXPECT_EQ(of("GET /cut").matched, 0U);
    EXPECT_EQ(of("GET /fields").fields.size(), compared_fields_max);
    EXPECT_EQ(of("GET /fields").left_out, 2U);
    EXPECT_EQ(of("GET /fields").matched, 0U);
}

TEST(compare_book, combinations_over_their_limit_do_not_match)
{
    difference_book book;
    for (std::size_t i = 0; i < combinations_max + 5; ++i) {
        answer_comparison made;
        for (std::size_t bit = 0; bit < 14; ++bit) {
            if ((i + 1) >> bit & 1U)
                made.differences.push_back(differing_in("body/f" + std::to_string(bit)).differences[0]);
        }
        book.add("GET /a", made);
        book.add_noise("GET /a", made);
    }

    const compare_report report = book.summarise();

    EXPECT_EQ(report.requests, combinations_max + 5);
    EXPECT_EQ(report.matched, combinations_max);
}

TEST(compare_book, the_report_is_written_as_json)
{
    difference_book book;
    book.add("GET /a", compare({200, json_type, R"({"id":1})"}, {500, json_type, R"({"id":1})"}));
    book.add("GET /a", compare({200, json_type, R"({"id":1})"}, {200, json_type, R"({"id":1})"}));

    EXPECT_EQ(boost::json::serialize(to_json(book.summarise())),
              R"({"requests":2,"matched":1,"match_share":5E-1,"left_out":0,"operations":[{"operation":"GET /a",)"
              R"("requests":2,"matched":1,"pairs":0,"left_out":0,"verdict":"regressed","fields":[{"field":"status",)"
              R"("raw":1,"ignored":0,"noise":0,"share":5E-1,"verdict":"regressed","first":{"path":"status",)"
              R"("kind":"value","left":"200","right":"500","ignored":false}}]}]})");
    EXPECT_EQ(boost::json::serialize(to_json(compare({200, {{"Date", "a"}}, ""}, {200, {{"Date", "b"}}, ""}))),
              R"({"matches":true,"differences":[{"path":"header.date","kind":"value","left":"a","right":"b",)"
              R"("ignored":true,"why":"a header that differs by its nature"}],"left_out":0})");
}

}  // namespace
}  // namespace reprise::replay
