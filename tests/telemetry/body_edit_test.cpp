#include "reprise/telemetry/body_edit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace reprise::telemetry {
namespace {

std::vector<std::string> paths_of(const body_outline& outline)
{
    std::vector<std::string> paths;
    for (const body_part& part : outline.parts)
        paths.push_back(part.path);
    return paths;
}

std::string without(std::string_view body, std::vector<std::string> paths, std::string_view type = "application/json")
{
    const body_outline outline = outline_body(type, "", body);
    std::vector<bool> taken_out(outline.parts.size());
    for (std::size_t i = 0; i < outline.parts.size(); ++i)
        taken_out[i] = std::find(paths.begin(), paths.end(), outline.parts[i].path) != paths.end();
    return without_parts(body, outline, taken_out);
}

constexpr std::string_view order = R"( { "id" : 1.50, "items":[ {"sku":"a\"b"} , {"sku":"c", "n":2} ],"note":"x" } )";

TEST(body_edit, lists_members_and_items_level_by_level)
{
    const body_outline outline = outline_body("application/json", "", order);

    EXPECT_EQ(outline.form, outline_form::json);
    EXPECT_EQ(
        paths_of(outline), (std::vector<std::string>{"", "/id", "/items", "/note", "/items/0", "/items/1",
                                                     "/items/0/sku", "/items/1/sku", "/items/1/n"})
    );
    EXPECT_EQ(order.substr(outline.parts[1].begin, outline.parts[1].end - outline.parts[1].begin), "\"id\" : 1.50");
    EXPECT_EQ(outline.parts[8].depth, 3U);
    EXPECT_EQ(outline.parts[8].parent, 5U);
}

TEST(body_edit, leaves_every_other_byte_as_it_is)
{
    EXPECT_EQ(without(order, {}), order);
    EXPECT_EQ(without(order, {"/id"}), R"( { "items":[ {"sku":"a\"b"} , {"sku":"c", "n":2} ],"note":"x" } )");
    EXPECT_EQ(without(order, {"/note"}), R"( { "id" : 1.50, "items":[ {"sku":"a\"b"} , {"sku":"c", "n":2} ] } )");
    EXPECT_EQ(without(order, {"/items/0"}), R"( { "id" : 1.50, "items":[ {"sku":"c", "n":2} ],"note":"x" } )");
    EXPECT_EQ(
        without(order, {"/items/1/sku", "/items/0"}), R"( { "id" : 1.50, "items":[ {"n":2} ],"note":"x" } )"
    );
    EXPECT_EQ(without(order, {"/id", "/items", "/note"}), " {  } ");
    EXPECT_EQ(without(order, {"/items/1", "/note"}), R"( { "id" : 1.50, "items":[ {"sku":"a\"b"} ] } )");
    EXPECT_EQ(without(order, {""}), "");
}

TEST(body_edit, names_members_as_json_pointers)
{
    EXPECT_EQ(paths_of(outline_body("", "", R"({"a/b":{"~":1,"\u00e9":2}})"))[2], "/a~1b/~0");
    EXPECT_EQ(paths_of(outline_body("", "", R"({"a/b":{"~":1,"\u00e9":2}})"))[3], "/a~1b/\xc3\xa9");
}

TEST(body_edit, takes_fields_out_of_forms)
{
    constexpr std::string_view type = "application/x-www-form-urlencoded; charset=utf-8";
    EXPECT_EQ(paths_of(outline_body(type, "", "a=1&b=%26&c")), (std::vector<std::string>{"", "a", "b", "c"}));
    EXPECT_EQ(without("a=1&b=%26&c", {"b"}, type), "a=1&c");
    EXPECT_EQ(without("a=1&b=%26&c", {"c", "b"}, type), "a=1");
    EXPECT_EQ(without("a=1&b=%26&c", {"a"}, type), "b=%26&c");
    EXPECT_EQ(without("a=1&b=%26&c", {"a", "b", "c"}, type), "");
}

TEST(body_edit, cuts_text_into_lines_or_pieces)
{
    EXPECT_EQ(without("one\ntwo\nthree", {"line 2"}, "text/plain"), "one\nthree");
    EXPECT_EQ(without("one\ntwo\nthree", {"line 3"}, "text/plain"), "one\ntwo\n");
    EXPECT_EQ(outline_body("text/plain", "", std::string(100'000, 'x')).parts.size(), 1 + text_pieces_max);
    EXPECT_EQ(outline_body("text/plain", "", std::string(1'000, '\n')).parts.size(), 64U);
    EXPECT_EQ(outline_body("text/plain", "", "short").parts.size(), 1U);
}

TEST(body_edit, does_not_cut_what_is_no_text)
{
    for (const auto& [encoding, body] : std::vector<std::pair<std::string, std::string>>{
             {"gzip", "{}"}, {"", "\xff\xfe"}, {"", std::string("a\0b", 3)}}) {
        const body_outline outline = outline_body("application/json", encoding, body);
        EXPECT_EQ(outline.form, outline_form::opaque);
        EXPECT_EQ(outline.parts.size(), 1U);
    }
    EXPECT_TRUE(outline_body("application/json", "", "").parts.empty());
    EXPECT_EQ(outline_body("application/json", "", "{\"a\":").form, outline_form::text);
}

TEST(body_edit, lists_no_more_parts_than_its_limit)
{
    std::string body = "[";
    for (int i = 0; i < 10'000; ++i)
        body += "0,";
    body += "0]";
    const body_outline outline = outline_body("", "", body);

    EXPECT_EQ(outline.parts.size(), body_parts_max);
    EXPECT_TRUE(outline.cut);
}

TEST(body_edit, gives_valid_json_whatever_is_taken_out)
{
    std::mt19937 random(7);
    const body_outline outline = outline_body("application/json", "", order);
    for (int round = 0; round < 2'000; ++round) {
        std::vector<bool> taken_out(outline.parts.size());
        for (std::size_t i = 1; i < taken_out.size(); ++i)
            taken_out[i] = random() % 3 == 0;
        const std::string left = without_parts(order, outline, taken_out);
        ASSERT_EQ(outline_body("application/json", "", left).form, outline_form::json) << left;
    }
}

}  // namespace
}  // namespace reprise::telemetry
