#include "redact_cases.hpp"

#include <gtest/gtest.h>

namespace reprise::telemetry {
namespace {

using test::http_exchange;
using test::key;
using test::types_only;

TEST(redact_multipart, multipart_by_the_name_of_the_part)
{
    model::exchange exchange = http_exchange();
    exchange.request_headers = {{"Content-Type", "multipart/form-data; boundary=\"b1\""}};
    exchange.request_body =
        "--b1\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n"
        "--b1\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nmail bob@example.com\r\n--b1--\r\n";
    redact(exchange, key);
    EXPECT_EQ(types_only(exchange.request_body),
              "--b1\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n<password>\r\n"
              "--b1\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nmail <email>\r\n--b1--\r\n");
}

TEST(redact_multipart, multipart_parts_are_named_in_every_spelling)
{
    model::exchange exchange = http_exchange();
    exchange.request_headers = {{"Content-Type", "multipart/form-data; boundary=b1"}};
    exchange.request_body = "--b1\r\nContent-Disposition: form-data;name=\"password\"\r\n\r\nhunter2\r\n"
                            "--b1\r\nContent-Disposition: form-data; name=token\r\n\r\nhunter2\r\n"
                            "--b1\r\nContent-Disposition: form-data; filename=\"key\"; name=\"a\"\r\n\r\nb\r\n"
                            "--b1--\r\n";
    redact(exchange, key);
    EXPECT_EQ(exchange.request_body.find("hunter2"), std::string::npos) << exchange.request_body;
    EXPECT_NE(exchange.request_body.find("\r\n\r\nb\r\n"), std::string::npos) << exchange.request_body;
    const std::vector<std::string> fields = {"request.body.password", "request.body.token"};
    EXPECT_EQ(exchange.redacted_fields, fields);
}

TEST(redact_multipart, multipart_under_another_content_type)
{
    model::exchange exchange = http_exchange();
    exchange.request_headers = {{"Content-Type", "application/json"}};
    exchange.request_body =
        "--b1\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n--b1--\r\n";
    redact(exchange, key);
    EXPECT_EQ(exchange.request_body.find("hunter2"), std::string::npos) << exchange.request_body;
}

TEST(redact_multipart, a_first_line_that_holds_a_secret_is_no_boundary)
{
    const std::string pem =
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n";
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"--password=hunter2\nname=\"x\"\n", "hunter2"},
        {"-- --token=\"hunter2\"\nname=\"x\"\n", "hunter2"},
        {pem + "name=\"x\"\n", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"},
    };
    for (const auto& [body, secret] : cases) {
        model::exchange exchange = http_exchange();
        exchange.request_headers.clear();
        exchange.request_body = body;
        redact(exchange, key);
        EXPECT_EQ(exchange.request_body.find(secret), std::string::npos) << exchange.request_body;
        const std::string once = exchange.request_body;
        redact(exchange, key);
        EXPECT_EQ(exchange.request_body, once);
    }
}

TEST(redact_multipart, boundaries_as_programs_write_them)
{
    const std::vector<std::string> boundaries = {
        "----WebKitFormBoundary7MA4YWxkTrZu0gW", "----=_Part_7_1234.5678", "d74496d66958873e"};
    for (const std::string& boundary : boundaries) {
        model::exchange exchange = http_exchange();
        exchange.request_headers.clear();
        exchange.request_body = "--" + boundary +
                                "\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n--" +
                                boundary + "--\r\n";
        redact(exchange, key);
        EXPECT_EQ(exchange.request_body.find("hunter2"), std::string::npos) << exchange.request_body;
        EXPECT_TRUE(exchange.request_body.starts_with("--" + boundary + "\r\n")) << exchange.request_body;
    }
}

}  // namespace
}  // namespace reprise::telemetry
