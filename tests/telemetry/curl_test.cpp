#include "reprise/telemetry/curl.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace reprise::telemetry {
namespace {

model::exchange request(std::string method, std::string path)
{
    model::exchange exchange;
    exchange.operation.protocol = "http";
    exchange.method = std::move(method);
    exchange.path = std::move(path);
    return exchange;
}

TEST(curl, a_request_becomes_one_command)
{
    model::exchange exchange = request("POST", "/orders?x=1");
    exchange.request_headers = {{"Host", "shop"}, {"Content-Type", "application/json"}, {"X-Empty", ""}};
    exchange.request_body = "{\"name\":\"O'Brien\"}";
    EXPECT_EQ(
        to_curl(exchange, "http://127.0.0.1:3000/"),
        "curl --globoff --path-as-is --request 'POST' --header 'Content-Type: application/json' --header 'X-Empty;'"
        " --data-raw '{\"name\":\"O'\\''Brien\"}' 'http://127.0.0.1:3000/orders?x=1'"
    );
}

TEST(curl, what_is_not_http_has_no_command)
{
    model::exchange exchange = request("Query", "");
    exchange.operation.protocol = "sql";
    EXPECT_EQ(to_curl(exchange, "http://h"), "");
}

TEST(curl, headers_with_line_ends_are_left_out)
{
    model::exchange exchange = request("GET", "/");
    exchange.request_headers = {{"X-A", "1\r\nX-B: 2"}, {"X-C\n", "3"}, {"X-D", "4"}};
    EXPECT_EQ(to_curl(exchange, "http://h"),
              "curl --globoff --path-as-is --request 'GET' --header 'X-D: 4' 'http://h/'");
}

// The arguments and the input that a shell would hand to curl, one per line.
std::string run_in_shell(const std::string& command)
{
    char name[] = "/tmp/reprise_curl_XXXXXX";
    const int file = mkstemp(name);
    EXPECT_GE(file, 0);
    close(file);
    const std::string script =
        "curl() { for a in \"$@\"; do printf '%s\\n' \"$a\"; done;"
        " case \"$*\" in *@-*) od -An -tx1 -v;; esac; }\n" + command;
    std::ofstream(name) << script;
    std::string out;
    FILE* shell = popen((std::string("sh ") + name).c_str(), "r");
    std::array<char, 4096> buffer{};
    for (std::size_t size = 0; (size = fread(buffer.data(), 1, buffer.size(), shell)) > 0;)
        out.append(buffer.data(), size);
    EXPECT_EQ(pclose(shell), 0);
    std::filesystem::remove(name);
    return out;
}

TEST(curl, a_shell_hands_over_exactly_these_bytes)
{
    std::string body;
    for (int c = 1; c < 256; ++c)
        body += static_cast<char>(c);
    model::exchange exchange = request("PATCH", "/a b?q=$(touch x)`id`;\\'\"&|<>");
    exchange.request_headers = {{"X-Trap", "'; echo owned; '$HOME"}};
    exchange.request_body = body;
    EXPECT_EQ(
        run_in_shell(to_curl(exchange, "http://h")),
        "--globoff\n--path-as-is\n--request\nPATCH\n--header\nX-Trap: '; echo owned; '$HOME\n--data-raw\n" + body +
            "\nhttp://h/a%20b?q=$(touch%20x)`id`;\\'\"&|<>\n"
    );
}

TEST(curl, a_binary_body_goes_through_a_pipe)
{
    model::exchange exchange = request("PUT", "/");
    exchange.request_body = std::string("a\x00" "1\xff'\\", 6);
    EXPECT_EQ(
        run_in_shell(to_curl(exchange, "http://h")),
        "--globoff\n--path-as-is\n--request\nPUT\n--data-binary\n@-\nhttp://h/\n 61 00 31 ff 27 5c\n"
    );
}

}  // namespace
}  // namespace reprise::telemetry
