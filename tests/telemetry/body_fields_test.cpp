#include "reprise/telemetry/body_fields.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::telemetry {
namespace {

constexpr std::string_view json_type = "application/json; charset=utf-8";
constexpr std::string_view form_type = "application/x-www-form-urlencoded";
constexpr std::string_view multipart_type = "multipart/form-data; boundary=xYz";

// "/a number 1\n/b text x\n"
std::string listed(const body_fields& body)
{
    std::string out;
    for (const body_field& field : body.fields)
        out += field.path + " " + std::string(to_text(field.type)) + " " + field.value + "\n";
    return out;
}

std::string replaced(std::string_view body, std::string_view type, std::string_view path, std::string_view value)
{
    const auto out = replace_field(body, type, path, value);
    return out ? *out : "refused: " + to_text(out.error());
}

TEST(body_fields, json_is_listed_by_pointer_in_its_order)
{
    constexpr std::string_view body =
        R"({"id": 17, "price":1.10, "big":123456789012345678901234567890, "on":true, "off":false, "no":null,
            "items":[{"sku":"a\u00e9\n\ud83d\ude00"},{"sku":"b"},[]], "a/b~c":{}, "":"" })";

    const body_fields fields = flatten_body(body, json_type);

    EXPECT_EQ(fields.form, body_form::json);
    EXPECT_EQ(
        listed(fields),
        "/id number 17\n/price number 1.10\n/big number 123456789012345678901234567890\n/on boolean true\n"
        "/off boolean false\n/no null null\n/items/0/sku text a\u00e9\n\U0001F600\n/items/1/sku text b\n"
        "/items/2 array []\n/a~1b~0c object {}\n/ text \n"
    );
    for (const body_field& field : fields.fields)
        EXPECT_LE(field.offset + field.bytes, body.size());
    EXPECT_EQ(body.substr(fields.fields[6].offset, fields.fields[6].bytes), R"("a\u00e9\n\ud83d\ude00")");
}

TEST(body_fields, json_of_one_value_has_the_empty_path)
{
    EXPECT_EQ(listed(flatten_body("42", json_type)), " number 42\n");
    EXPECT_EQ(listed(flatten_body(" \"x\" ", json_type)), " text x\n");
    EXPECT_EQ(listed(flatten_body("[]", "")), " array []\n");
    EXPECT_EQ(listed(flatten_body("\xef\xbb\xbf{\"a\":1}", json_type)), "/a number 1\n");
}

TEST(body_fields, a_form_is_listed_by_decoded_name)
{
    const body_fields fields = flatten_body("a=1&b+c=x%20y+z&a=2&flag&&=n&a=3", form_type);

    EXPECT_EQ(fields.form, body_form::form);
    EXPECT_EQ(listed(fields), "/a text 1\n/b c text x y z\n/a/1 text 2\n/flag text \n/ text n\n/a/2 text 3\n");
}

TEST(body_fields, a_multipart_body_is_listed_by_part)
{
    const std::string body =
        "preamble\r\n--xYz\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA --xYz in the text\r\n"
        "--xYz\r\nContent-Disposition: form-data; filename=\"a.bin\"; name=file\r\nContent-Type: image/png\r\n\r\n" +
        std::string("\x89PNG\0\xff", 6) + "\r\n--xYz--\r\n";

    const body_fields fields = flatten_body(body, multipart_type);

    EXPECT_EQ(fields.form, body_form::multipart);
    EXPECT_EQ(
        listed(fields),
        "/title text A --xYz in the text\n"
        "/file binary sha256:ffdb519b788f33bddc8647611c3a24cc5e1a9ef5780c1f6f828a637c309ad8f1\n"
    );
}

TEST(body_fields, text_and_binary_are_one_value)
{
    EXPECT_EQ(listed(flatten_body("<a>1</a>", "application/xml")), " text <a>1</a>\n");
    EXPECT_EQ(flatten_body("{\"a\":1}", "text/html").form, body_form::text);
    EXPECT_EQ(
        listed(flatten_body(std::string_view("\0", 1), "application/json")),
        " binary sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d\n"
    );
    EXPECT_EQ(flatten_body("\xff\xfe", "").form, body_form::binary);
    EXPECT_EQ(flatten_body("", json_type).form, body_form::empty);
    EXPECT_TRUE(flatten_body("", json_type).fields.empty());
}

TEST(body_fields, a_body_without_a_type_is_taken_for_what_it_looks_like)
{
    EXPECT_EQ(flatten_body(" {\"a\":1}", "").form, body_form::json);
    EXPECT_EQ(flatten_body("[1]", "text/plain").form, body_form::json);
    EXPECT_EQ(flatten_body("a=1&b=2", "").form, body_form::form);
    EXPECT_EQ(flatten_body("--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nv\r\n--b--", "").form,
              body_form::multipart);
    EXPECT_EQ(flatten_body("a = 1", "").form, body_form::text);
    EXPECT_EQ(flatten_body("{\"a\":1}", "application/vnd.api+json").form, body_form::json);
}

TEST(body_fields, what_is_no_json_is_text_and_says_where)
{
    constexpr std::string_view wrong[] = {
        "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "[01]", "[1.]", "[1e]", "[-]", "[.5]", "[tru]", "[\"\\x\"]",
        "[\"\\u12\"]", "[\"a\nb\"]", "{\"a\":1}{\"b\":2}", "[1 2]", "[}", "nothing", "[\"", "[\"\\", "[\"\\u123",
        "[NaN]"};
    for (const std::string_view body : wrong) {
        const body_fields fields = flatten_body(body, json_type);
        EXPECT_EQ(fields.form, body_form::text) << body;
        EXPECT_EQ(fields.fields.size(), 1U) << body;
        EXPECT_EQ(fields.note.rfind("not JSON: ", 0), 0U) << body << ": " << fields.note;
    }
    EXPECT_EQ(flatten_body("{\"a\":1 \"b\":2}", json_type).note,
              "not JSON: a comma or the end of the list was expected here (at byte 7)");
}

TEST(body_fields, half_of_a_surrogate_pair_becomes_a_replacement_character)
{
    EXPECT_EQ(listed(flatten_body(R"(["\ud83d","\ude00x","\ud83d\u0041"])", json_type)),
              "/0 text \ufffd\n/1 text \ufffdx\n/2 text \ufffdA\n");
}

TEST(body_fields, what_is_nested_too_deeply_is_one_field)
{
    const std::size_t deep = 100'000;
    const std::string body = "{\"a\":" + std::string(deep, '[') + std::string(deep, ']') + ",\"b\":1}";

    const body_fields fields = flatten_body(body, json_type);

    ASSERT_EQ(fields.fields.size(), 2U);
    EXPECT_TRUE(fields.fields[0].cut);
    EXPECT_EQ(fields.fields[0].type, field_type::array);
    EXPECT_EQ(fields.fields[1].path, "/b");
    EXPECT_EQ(fields.note, "1 values are too long or nested too deeply to be kept whole");
}

TEST(body_fields, a_long_value_is_kept_in_part_and_stays_comparable)
{
    const std::string value(1U << 20, 'x');
    const std::string body = "{\"a\":\"" + value + "\",\"b\":\"" + value + "\",\"c\":\"" + value + "y\"}";

    const body_fields fields = flatten_body(body, json_type);

    ASSERT_EQ(fields.fields.size(), 3U);
    EXPECT_TRUE(fields.fields[0].cut);
    EXPECT_LT(fields.fields[0].value.size(), body_value_bytes_max + 200);
    EXPECT_EQ(fields.fields[0].value, fields.fields[1].value);
    EXPECT_NE(fields.fields[0].value, fields.fields[2].value);
    EXPECT_EQ(replaced(body, json_type, "/c", "z"), body.substr(0, fields.fields[2].offset) + "\"z\"}");
}

TEST(body_fields, fields_over_the_limits_are_counted)
{
    std::string many = "[0";
    for (std::size_t i = 1; i < body_fields_max + 7; ++i)
        many += ",0";
    const body_fields fields = flatten_body(many + "]", json_type);
    EXPECT_EQ(fields.fields.size(), body_fields_max);
    EXPECT_EQ(fields.left_out, 7U);
    EXPECT_EQ(fields.note, "7 further fields are left out");

    const std::string long_name = "{\"" + std::string(1U << 20, 'n') + "\":1,\"b\":2}";
    EXPECT_EQ(listed(flatten_body(long_name, json_type)), "/b number 2\n");

    const body_fields huge = flatten_body(std::string(body_bytes_max + 1, ' '), json_type);
    EXPECT_EQ(huge.form, body_form::binary);
    EXPECT_EQ(huge.note, "the body is longer than 16777216 bytes");
}

TEST(body_fields, a_replacement_leaves_every_other_byte)
{
    constexpr std::string_view body = "{ \"id\" : 17,\n\t\"price\":1.10,\"big\":123456789012345678901234567890,"
                                      "\"t\":\"\\u0041\\/\", \"list\":[1.0e0,{\"id\":\"x\"}]}";

    EXPECT_EQ(replaced(body, json_type, "/list/1/id", "new"),
              "{ \"id\" : 17,\n\t\"price\":1.10,\"big\":123456789012345678901234567890,"
              "\"t\":\"\\u0041\\/\", \"list\":[1.0e0,{\"id\":\"new\"}]}");
    EXPECT_EQ(replaced(body, json_type, "/id", "99999999999999999999"),
              "{ \"id\" : 99999999999999999999,\n\t\"price\":1.10,\"big\":123456789012345678901234567890,"
              "\"t\":\"\\u0041\\/\", \"list\":[1.0e0,{\"id\":\"x\"}]}");
}

TEST(body_fields, a_replaced_value_keeps_to_the_type_it_had)
{
    EXPECT_EQ(replaced("{\"a\":1}", json_type, "/a", "-2.50"), "{\"a\":-2.50}");
    EXPECT_EQ(replaced("{\"a\":1}", json_type, "/a", "null"), "{\"a\":null}");
    EXPECT_EQ(replaced("{\"a\":1}", json_type, "/a", "1,\"b\":2"), R"({"a":"1,\"b\":2"})");
    EXPECT_EQ(replaced("{\"a\":1}", json_type, "/a", "007"), R"({"a":"007"})");
    EXPECT_EQ(replaced("{\"a\":\"1\"}", json_type, "/a", "2"), R"({"a":"2"})");
    EXPECT_EQ(replaced("{\"a\":\"1\"}", json_type, "/a", "q\"\\\n\x01"), R"({"a":"q\"\\\n\u0001"})");
    EXPECT_EQ(replaced("{\"a\":\"1\"}", json_type, "/a", "\xff"), "{\"a\":\"\ufffd\"}");
    EXPECT_EQ(replaced("{\"a\":{}}", json_type, "/a", "x"), R"({"a":"x"})");
}

TEST(body_fields, a_member_named_twice_is_replaced_twice)
{
    EXPECT_EQ(replaced(R"({"a":1,"b":2,"a":3})", json_type, "/a", "9"), R"({"a":9,"b":2,"a":9})");
}

TEST(body_fields, replacing_in_a_form_escapes_the_value)
{
    EXPECT_EQ(replaced("a=1&b=%41&a=2", form_type, "/a/1", "x&y=z %\r\n"), "a=1&b=%41&a=x%26y%3Dz%20%25%0D%0A");
    EXPECT_EQ(replaced("flag&a", form_type, "/flag", "1"), "flag=1&a");
    EXPECT_EQ(replaced("a=", form_type, "/a", "<email:9f86d081>"), "a=%3Cemail:9f86d081%3E");
}

TEST(body_fields, replacing_a_part_leaves_the_others)
{
    constexpr std::string_view body =
        "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--xYz\r\n"
        "Content-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--xYz--\r\n";

    EXPECT_EQ(replaced(body, multipart_type, "/a/1", "two"),
              "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--xYz\r\n"
              "Content-Disposition: form-data; name=\"a\"\r\n\r\ntwo\r\n--xYz--\r\n");
    EXPECT_EQ(replaced(body, multipart_type, "/a", "--xYz--"),
              "refused: the value of \"/a\" holds the boundary of its body (at byte 51)");
    EXPECT_EQ(replaced(body, multipart_type, "/a", "x --xYz"),
              "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx --xYz\r\n--xYz\r\n"
              "Content-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--xYz--\r\n");
}

TEST(body_fields, several_fields_are_replaced_at_once)
{
    const field_change changes[] = {{"/b", "B"}, {"/a", "2"}};

    EXPECT_EQ(replace_fields(R"({"a":1,"b":"x","c":1.10})", json_type, changes).value(), R"({"a":2,"b":"B","c":1.10})");
}

TEST(body_fields, a_path_that_is_not_there_is_refused)
{
    EXPECT_EQ(replaced("{\"a\":1}", json_type, "/b", "x"), "refused: the body has no field \"/b\"");
    EXPECT_EQ(replaced("{\"a\":{\"b\":1}}", json_type, "/a", "x"), "refused: the body has no field \"/a\"");
    EXPECT_EQ(replaced("", json_type, "", "x"), "refused: the body has no field \"\"");
    EXPECT_EQ(replaced("whole", "text/plain", "", "new"), "new");
}

}  // namespace
}  // namespace reprise::telemetry
