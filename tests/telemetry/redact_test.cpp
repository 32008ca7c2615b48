#include "redact_cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace reprise::telemetry {
namespace {

using test::http_exchange;
using test::key;
using test::types_only;

std::string redacted(std::string_view text)
{
    const std::string out = redact_text(text, key);
    EXPECT_EQ(redact_text(out, key), out) << "twice is once";
    return types_only(out);
}

struct text_case {
    std::string_view from;
    std::string_view to;
};

TEST(redact, secrets_are_found_by_their_form)
{
    const std::vector<text_case> cases = {
        {"mail bob@example.com now", "mail <email> now"},
        {"to=bob%40example.com&x=1", "to=<email>&x=1"},
        {"jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "jwt <jwt>"},
        {"cut eyJhbGciOiJIUzI1NiJ9.eyJzdWIi", "cut <jwt>"},
        {"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- x", "<pem> x"},
        {"-----BEGIN EC PRIVATE KEY-----\nMIIE", "<pem>"},
        {"AKIAIOSFODNN7EXAMPLE", "<key>"},
        {"ghp_16C7e42F292c6912E7710c838347Ae178B4a", "<key>"},
        {"github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuv", "<key>"},
        {"glpat-abcdefghij0123456789", "<key>"},
        {"xoxb-1234567890-abcdef", "<key>"},
        {"sk-abcdefghijklmnopqrstuvwx", "<key>"},
        {"shpat_0123456789abcdef0123456789abcdef", "<key>"},
        {"SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbb. Or", "<key>. Or"},
        {"hvs.abcdefghijklmnopqrstuvwx", "<key>"},
        {"dapi0123456789abcdef0123456789abcdef", "<key>"},
        {"card 4111 1111 1111 1111, ok", "card <card>, ok"},
        {"4111-1111-1111-1111", "<card>"},
        {"5555555555554444", "<card>"},
        {"378282246310005", "<card>"},
        {"not a card 4111111111111112", "not a card 4111111111111112"},
        {"4111111111111111 12 pieces", "<card> 12 pieces"},
        {"from 203.0.113.7:5123 to 10.0.0.1.", "from <ip>:5123 to <ip>."},
        {"GET /clients/203.0.113.7 by 2001:db8::8a2e:370:7334", "GET /clients/<ip> by <ip>"},
        {"::ffff:203.0.113.7 and ::1 and 127.0.0.1", "<ip> and ::1 and 127.0.0.1"},
        {"Mozilla/5.0 (X11) Chrome/120.0.0.0 lib 1.2.3.4.5 at 999.1.1.1",
         "Mozilla/5.0 (X11) Chrome/120.0.0.0 lib 1.2.3.4.5 at 999.1.1.1"},
        {"std::v1 Foo::bar2 12:34:56", "std::v1 Foo::bar2 12:34:56"},
        {"range 10.0.0.1-10.0.0.9 lib-1.2.3.4", "range <ip>-<ip> lib-1.2.3.4"},
        {"at 1763726400123", "at 1763726400123"},
        {"iban DE89370400440532013000.", "iban <iban>."},
        {"iban GB82 WEST 1234 5698 7654 32 paid", "iban <iban> paid"},
        {"call +49 30 1234567 or (555) 010-9999", "call <phone> or <phone>"},
        {"+4930123456 4111 1111 1111 1111", "<phone> <card>"},
        {"555-010-9999", "<phone>"},
        {"2025-11-21T12:00:00+01:00", "2025-11-21T12:00:00+01:00"},
        {"ssn 078-05-1120", "ssn <ssn>"},
        {"http://joe:pw@host/a", "http://<login>@host/a"},
        {"Bearer abcdef123456", "<auth>"},
        {"random Zk9qX2pL7vR4tY8wB3nM done", "random <random> done"},
        {"id 123e4567-e89b-12d3-a456-426614174000", "id 123e4567-e89b-12d3-a456-426614174000"},
        {"sha 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "sha 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"},
        {"getUserAccountDetailsWithRetry failed", "getUserAccountDetailsWithRetry failed"},
        {"GET api/v1/Users/2/Orders/3/Lines/4", "GET api/v1/Users/2/Orders/3/Lines/4"},
        {"ulid 01KAJ6Q0Z8N3T5W7Y9B1D3F5H7 id", "ulid 01KAJ6Q0Z8N3T5W7Y9B1D3F5H7 id"},
        {"pod payments-7d9f8b6c5d-x2x9z up", "pod payments-7d9f8b6c5d-x2x9z up"},
        {"one digit kJxQwZpLmN7vRtYhBgFd", "one digit <random>"},
        {"data Ym9iQGV4LmNvbQ== end", "data <encoded> end"},
        {"q=bob%40mail%2Eexample%2Ecom&r=1", "q=<email>&r=1"},
        {"plain text stays, 12345 too", "plain text stays, 12345 too"},
        {"a%3F@x.de stays, bob%2Btag@example.com goes", "a%3F@x.de stays, <email> goes"},
        {"of a path /u/Ym9iQGV4LmNvbQ/x", "of a path /u/<encoded>/x"},
        {"in a URL Ym9iQGV4LmNvbQ%3D%3D.", "in a URL <encoded>."},
        {"größe über alles", "größe über alles"},
    };
    for (const text_case& one : cases)
        EXPECT_EQ(redacted(one.from), one.to) << one.from;
}

TEST(redact, secrets_are_found_by_their_name)
{
    const std::vector<text_case> cases = {
        {"password=hunter2 next", "password=<password> next"},
        {"mysql --password=hunter2 -h db", "mysql --password=<password> -h db"},
        {"mysql --password hunter2 -h db", "mysql --password <password> -h db"},
        {"mysql --password 'hunter2 x' -h db", "mysql --password '<password>' -h db"},
        {"mysql --password -h db", "mysql --password -h db"},
        {"x-password-age=7", "x-password-age=<password>"},
        {"db_password: 'hunter 2', x", "db_password: '<password>', x"},
        {"{\"apiKey\":\"abc\",\"n\":1", "{\"apiKey\":\"<key>\",\"n\":1"},
        {"{\\\"apiKey\\\":\\\"abc\\\"}", "{\\\"apiKey\\\":\\\"<key>\\\"}"},
        {"Authorization: Digest abc def\nHost: h", "Authorization: <auth>\nHost: h"},
        {"<user><password>x y</password></user>", "<user><password><password></password></user>"},
        {"<ns:Token a=\"b\">zz</ns:Token>", "<ns:Token a=\"b\"><token></ns:Token>"},
        {"could not open postgres://shop:hun/ter2@db:5432/x", "could not open postgres://<login>@db:5432/x"},
        {"at http://host:8080/a@b and http://[::1]/a@b.", "at http://host:8080/a@b and http://[::1]/a@b."},
        {"in JSON https:\\/\\/joe:pw@host\\/a", "in JSON https:\\/\\/<login>@host\\/a"},
        {"root:hunter2@tcp(db:3306)/shop", "<login>@tcp(db:3306)/shop"},
        {"curl -u bob:hunter2 --user 'a:b' -u 1000:1000 x", "curl -u <login> --user '<login>' -u 1000:1000 x"},
        {"{'password': b'hunter2', 'a': b'x'}", "{'password': b'<password>', 'a': b'x'}"},
        {"{\"password\": [\"a\",\"b\"], \"key\": {\"a\":1}}", "{\"password\": <password>, \"key\": {\"a\":1}}"},
        {"{\\\"secret\\\":{\\\"a\\\":\\\"}\\\"},\\\"b\\\":1}", "{\\\"secret\\\":<secret>,\\\"b\\\":1}"},
        {"{\\\"password\\\":\\\"hun\\\\\\\"ter2\\\",\\\"b\\\":1}", "{\\\"password\\\":\\\"<password>\\\",\\\"b\\\":1}"},
        {"Key (api_token)=(hunter2) already exists.", "Key (api_token)=(<token>) already exists."},
        {"A=1\nDB_PASSWORD=hun,ter2;x\nB=2", "A=1\nDB_PASSWORD=<password>\nB=2"},
        {"Server=db;PWD=hunter2;UID=sa", "Server=db;PWD=<password>;UID=sa"},
        {"<password><![CDATA[hunter2]]></password>", "<password><![CDATA[<password>]]></password>"},
        {"<input type=\"hidden\" name=\"csrf_token\" value=\"0123abcd\">",
         "<input type=\"hidden\" name=\"csrf_token\" value=\"<token>\">"},
        {"<meta name='csrf-token' content='0123abcd' /><add key=\"ApiKey\" value=\"x\"/>",
         "<meta name='csrf-token' content='<token>' /><add key=\"<key>\" value=\"<key>\"/>"},
        {"<input type=\"password\" value=\"x\"><a name=\"b\" value=\"c\">",
         "<input type=\"password\" value=\"<password>\"><a name=\"b\" value=\"c\">"},
        {"dbpass=a userPw=b PHPSESSID=c", "dbpass=<password> userPw=<password> PHPSESSID=<session>"},
        {"?sv=2020&sig=abc&se=x", "?sv=2020&sig=<secret>&se=x"},
        {"bypass=1 compass=2 design=3 signal=4", "bypass=1 compass=2 design=3 signal=4"},
        {"monkey=1 author=bob max_tokens=5", "monkey=1 author=bob max_tokens=5"},
        {"sessionId=5; path=/", "sessionId=<session>; path=/"},
        {"?token=a.b&c=d", "?token=<token>&c=d"},
        {"key users.email is taken", "key users.email is taken"},
        {"<xoxo-password>x</password>", "<<key>><password></password>"},
        {"I.eyJzdWIiOiItoken=a", "I.<jwt>=<token>"},
        {"a%20password=hunter2", "a%20password=<password>"},
        {"<Bearer abcdefgh>x</Bearer>", "<<auth>><token></Bearer>"},
    };
    for (const text_case& one : cases)
        EXPECT_EQ(redacted(one.from), one.to) << one.from;
}

TEST(redact, a_token_is_stable_keyed_and_keeps_the_length)
{
    const std::string mail = "someone.with.a.long.name@example.com";
    const std::string one = redact_text(mail, key);
    EXPECT_EQ(one.size(), mail.size());
    EXPECT_EQ(redact_text(mail, key), one);
    EXPECT_NE(redact_text(mail, "another key"), one);
    EXPECT_NE(redact_text("x" + mail, key).substr(0, 15), one.substr(0, 15));
}

TEST(redact, headers_outside_the_allow_list_go)
{
    model::exchange exchange = http_exchange();
    exchange.request_headers = {{"Content-Type", "text/plain"}, {"Authorization", "Basic Ym9iOnB3"}, {"X-Custom", "v"},
                                {"Referer", "http://h/?email=bob@example.com"}, {"Cookie", "a=b; c=d"},
                                {"X-Replay", "r1"},
                                {"X-Empty", ""}};
    exchange.response_headers = {{"Set-Cookie", "sid=1"}, {"Server", "x"}};
    redact(exchange, key);
    std::string all;
    for (const auto& headers : {exchange.request_headers, exchange.response_headers})
        for (const auto& [name, value] : headers)
            all += name + "=" + types_only(value) + "\n";
    EXPECT_EQ(all, "Content-Type=text/plain\nAuthorization=Basic <auth>\nX-Custom=<header>\n"
                   "Referer=http://h/?email=<email>\nCookie=a=<cookie>; c=<cookie>\nX-Replay=r1\nX-Empty=\n"
                   "Set-Cookie=sid=<cookie>\nServer=x\n");
    const std::vector<std::string> fields = {
        "request.header.Authorization", "request.header.X-Custom", "request.header.Referer", "request.header.Cookie",
        "response.header.Set-Cookie"};
    EXPECT_EQ(exchange.redacted_fields, fields);
}

TEST(redact, json_keeps_everything_but_the_secrets)
{
    model::exchange exchange = http_exchange();
    exchange.request_body =
        "{ \"user\" : {\"email\":\"bob@example.com\", \"age\": 42.50, \"tags\":[\"a\",\"ann@example.com\"]},\n"
        "  \"card\": {\"number\": 4111111111111111, \"name\": \"B \\u00d6\"}, \"passwords\": [\"x\", 17, null, true],\n"
        "  \"note\": \"{\\\"token\\\":\\\"abc\\\"}\", \"pin\": -12e3, \"pan\": \"\",\n"
        "  \"id\": 5555555555554444, \"1\": 1.0 }";
    redact(exchange, key);
    EXPECT_EQ(
        types_only(exchange.request_body),
        "{ \"user\" : {\"email\":\"<email>\", \"age\": 42.50, \"tags\":[\"a\",\"<email>\"]},\n"
        "  \"card\": {\"number\": 9999999999999999, \"name\": \"<card>\"}, "
        "\"passwords\": [\"<password>\", 99, null, true],\n"
        "  \"note\": \"{\\\"token\\\":\\\"<token>\\\"}\", \"pin\": -99e3, \"pan\": \"\",\n"
        "  \"id\": 9999999999999999, \"1\": 1.0 }"
    );
    const std::vector<std::string> fields = {
        "request.body.user.email", "request.body.user.tags[]", "request.body.card.number", "request.body.card.name",
        "request.body.passwords[]", "request.body.note", "request.body.pin", "request.body.id"};
    EXPECT_EQ(exchange.redacted_fields, fields);
}

TEST(redact, json_names_its_secrets_in_a_member_or_an_item_before_them)
{
    const std::vector<text_case> cases = {
        {R"([{"name":"DB_PASSWORD","value":"hunter2"},{"name":"A","value":"x"}])",
         R"([{"name":"DB_PASSWORD","value":"<password>"},{"name":"A","value":"x"}])"},
        {R"({"Key":"pin","Value":1234})", R"({"Key":"<key>","Value":9999})"},
        {R"({"key":"api_key","value":{"stringValue":"hunter2"}})",
         R"({"key":"<key>","value":{"stringValue":"<key>"}})"},
        {R"({"args":["mysql","--password","hunter2","-h","db"]})",
         R"({"args":["mysql","--password","<password>","-h","db"]})"},
        {R"({"args":["--password=hunter2","x"]})", R"({"args":["--password=<password>","x"]})"},
        {R"({"rawHeaders":["Cookie","a=b","Accept","c"]})", R"({"rawHeaders":["Cookie","<cookie>","Accept","c"]})"},
        {R"({"headers":[["X-Api-Key","abc"],["Accept","c"]]})",
         R"({"headers":[["X-Api-Key","<key>"],["Accept","c"]]})"},
        {R"({"missing":["password","email","name"]})", R"({"missing":["password","email","name"]})"},
        {R"({"api_key":{"value":"hunter2"},"key":{"value":"x"},"keys":[{"id":"y"}]})",
         R"({"api_key":{"value":"<key>"},"key":{"value":"x"},"keys":[{"id":"y"}]})"},
        {R"({"name":"password reset","value":"x"})", R"({"name":"password reset","value":"x"})"},
    };
    for (const text_case& one : cases) {
        model::exchange exchange = http_exchange();
        exchange.request_body = one.from;
        redact(exchange, key);
        EXPECT_EQ(types_only(exchange.request_body), one.to) << one.from;
        const std::string once = exchange.request_body;
        redact(exchange, key);
        EXPECT_EQ(exchange.request_body, once) << "twice is once";
    }
}

TEST(redact, json_that_was_cut_off_is_redacted_too)
{
    model::exchange exchange = http_exchange();
    exchange.response_body = "[{\"a\":1,\"password\":\"hunter";
    redact(exchange, key);
    EXPECT_EQ(types_only(exchange.response_body), "[{\"a\":1,\"password\":\"<password>");
}

TEST(redact, forms_queries_and_paths)
{
    model::exchange exchange = http_exchange();
    exchange.path = "/users/bob%40example.com/orders/17?token=abc&q=a+b&mail=x&empty=&flag&next=%2Fa%3Ftoken%3Dzz";
    exchange.request_headers = {{"content-type", "application/x-www-form-urlencoded"}};
    exchange.request_body = "user=bob&password=p%40ss+word&phone=5";
    redact(exchange, key);
    EXPECT_EQ(types_only(exchange.path),
              "/users/<email>/orders/17?token=<token>&q=a+b&mail=<email>&empty=&flag&next=%2Fa%3Ftoken%3D<token>");
    EXPECT_EQ(types_only(exchange.request_body), "user=bob&password=<password>&phone=<phone>");
    EXPECT_EQ(exchange.path.find_first_of("<> "), std::string::npos);
    const std::vector<std::string> fields = {
        "request.body.password", "request.body.phone", "request.path", "request.query.token", "request.query.mail",
        "request.query.next"};
    EXPECT_EQ(exchange.redacted_fields, fields);
}

// Who writes a query by hand means the sign, although it stands for a blank there.
TEST(redact, a_plus_in_a_query_is_read_as_sign_as_well)
{
    model::exchange exchange = http_exchange();
    exchange.path = "/a?q=+498492615667&r=call++498492615667&s=a+b+1";
    redact(exchange, key);
    EXPECT_EQ(types_only(exchange.path), "/a?q=<phone>&r=call%2B<phone>&s=a+b+1");
}

TEST(redact, a_query_value_that_is_no_text_is_looked_at_all_the_same)
{
    model::exchange exchange = http_exchange();
    exchange.path = "/a?q=%ff+bob%40example.com";
    redact(exchange, key);
    EXPECT_EQ(types_only(exchange.path), "/a?q=%FF%20<email>");
}

TEST(redact, fields_are_named_in_valid_and_bounded_text)
{
    model::exchange exchange = http_exchange();
    exchange.path = "/a?%FFtoken=abc";
    exchange.request_headers = {{"content-type", "application/x-www-form-urlencoded"}, {"X-\xe9", "v"}};
    exchange.request_body = std::string(10'000, 'a') + "-token=abc";
    redact(exchange, key);
    const std::vector<std::string> fields = {
        "request.header.X-\xef\xbf\xbd", ("request.body." + std::string(200, 'a')).substr(0, 200),
        "request.query.\xef\xbf\xbdtoken"};
    EXPECT_EQ(exchange.redacted_fields, fields);
}

TEST(redact, a_plus_sign_in_a_path_is_no_blank)
{
    model::exchange exchange = http_exchange();
    exchange.path = "/users/bob+news@example.com/a+b?q=a+b";
    redact(exchange, key);
    EXPECT_EQ(types_only(exchange.path), "/users/<email>/a+b?q=a+b");
}

TEST(redact, what_is_no_text_becomes_a_digest)
{
    model::exchange exchange = http_exchange();
    exchange.response_body = std::string("\x1f\x8b\x08\x00secret", 10);
    redact(exchange, key);
    EXPECT_TRUE(std::regex_match(exchange.response_body, std::regex("<binary:[0-9a-f]{8}:10>")));
    EXPECT_EQ(exchange.redacted_fields, std::vector<std::string>{"response.body"});
}

TEST(redact, sql_loses_its_text_literals)
{
    const std::vector<text_case> cases = {
        {"SELECT a FROM t WHERE b = 'x' AND c = 17", "SELECT a FROM t WHERE b = '<text>' AND c = 17"},
        {"SELECT 'O\\'Brien', 'y' FROM t", "SELECT '<text>'"},
        {"SELECT \"a\" FROM \"t\" WHERE \"t\".\"b\" = \"bob\"",
         "SELECT \"a\" FROM \"t\" WHERE \"t\".\"b\" = \"<text>\""},
        {"SELECT a -- bob@example.com\nFROM t", "SELECT a -- <email>\nFROM t"},
        {"INSERT INTO t VALUES (4111111111111111, 'a''b', '')",
         "INSERT INTO t VALUES (9999999999999999, '<text>', '')"},
        {"SELECT $x$ secret $x$", "SELECT '<text>'"},
        {"SELECT 'never closed", "SELECT '<text>'"},
        {"SELECT a FROM t", "SELECT a FROM t"},
        {"SELECT mail bob@example.com 4111111111111111", "SELECT mail <email> 9999999999999999"},
        {"INSERT INTO u (\"a\", \"b\") VALUES (\"bob\", LOWER(\"x\")), (\"c\", 1) ON CONFLICT (\"a\") DO NOTHING",
         "INSERT INTO u (\"a\", \"b\") VALUES (\"<text>\", LOWER(\"<text>\")), (\"<text>\", 1) "
         "ON CONFLICT (\"a\") DO NOTHING"},
        {"SELECT \"a\" FROM u WHERE p = MD5(\"x\") AND b LIKE \"y\" OR c IN (\"z\", \"z\") ORDER BY \"d\"",
         "SELECT \"a\" FROM u WHERE p = MD5(\"<text>\") AND b LIKE \"<text>\" OR c IN (\"<text>\", \"<text>\") "
         "ORDER BY \"d\""},
        {"SELECT a FROM t WHERE b IN (SELECT \"c\" FROM \"d\" GROUP BY \"e\")",
         "SELECT a FROM t WHERE b IN (SELECT \"c\" FROM \"d\" GROUP BY \"e\")"},
        {"ALTER USER bob IDENTIFIED BY \"x\"", "ALTER USER bob IDENTIFIED BY \"<text>\""},
        {"SELECT password=/* 'x'", "SELECT password=<password> '<text>'"},
    };
    for (const text_case& one : cases) {
        const std::string out = redact_sql(one.from, key);
        EXPECT_EQ(types_only(out), one.to) << one.from;
        EXPECT_EQ(redact_sql(out, key), out) << one.from;
    }
}

TEST(redact, a_secret_has_one_token_wherever_it_stands)
{
    model::exchange exchange = http_exchange();
    exchange.request_headers = {{"Authorization", "Bearer s3cr3t-value=="}, {"Cookie", "a=1; sid=s3cr3t-value%3D%3D"},
                                {"X-Session", "s3cr3t-value=="}, {"content-type", "application/json"}};
    exchange.request_body = R"({"session_id":"s3cr3t-value=="})";
    exchange.response_headers = {{"Set-Cookie", "sid=s3cr3t-value%3D%3D; Path=/; HttpOnly; Expires=Sun, 06 Nov 1994"}};
    redact(exchange, key);

    const std::string& bearer = exchange.request_headers[0].second;
    ASSERT_TRUE(bearer.starts_with("Bearer <auth:")) << bearer;
    const std::string digest = bearer.substr(13, 8);
    EXPECT_TRUE(exchange.request_headers[1].second.starts_with("a=<cookie:"));
    EXPECT_TRUE(exchange.request_headers[1].second.ends_with("; sid=<cookie:" + digest + ">"));
    EXPECT_TRUE(exchange.request_headers[2].second.starts_with("<session:" + digest));
    EXPECT_TRUE(exchange.request_body.starts_with("{\"session_id\":\"<session:" + digest));
    EXPECT_EQ(exchange.response_headers[0].second,
              "sid=<cookie:" + digest + ">; Path=/; HttpOnly; Expires=Sun, 06 Nov 1994");
}

TEST(redact, credentials_in_no_known_form_go_whole)
{
    const auto kept = [](std::string_view name, std::string_view value) {
        model::exchange exchange = http_exchange();
        exchange.request_headers = {{std::string(name), std::string(value)}};
        redact(exchange, key);
        const std::string once = exchange.request_headers[0].second;
        redact(exchange, key);
        EXPECT_EQ(exchange.request_headers[0].second, once) << value;
        return types_only(once);
    };
    EXPECT_EQ(kept("Authorization", "Digest username=\"bob\", response=\"x\""), "<auth>");
    EXPECT_EQ(kept("Authorization", "Bearer a b"), "<auth>");
    EXPECT_EQ(kept("Authorization", "hunter2"), "<auth>");
    EXPECT_EQ(kept("Authorization", "Bearer "), "<auth>");
    EXPECT_EQ(kept("Cookie", "hunter2; bob@example.com=1; a b=c; =x;;a=; t=1"),
              "<cookie>; <cookie>; <cookie>; <cookie>;;a=; t=<cookie>");
    EXPECT_EQ(kept("Set-Cookie", "sid=1; hunter2; Path=/u/bob@example.com; x=y"),
              "sid=<cookie>; <cookie>; Path=/u/<email>; <cookie>");
    EXPECT_EQ(kept("X-Api-Key", "Bearer abc"), "<key>");
}

TEST(redact, twice_is_once)
{
    model::exchange exchange = http_exchange();
    exchange.path = "/u/bob@example.com?token=abc";
    exchange.request_headers = {{"Authorization", "x"}, {"content-type", "application/json"}};
    exchange.request_body = R"({"password":"hunter2","pin":1234,"t":"Bearer abcdefgh"})";
    exchange.message = "mail to bob@example.com failed";
    redact(exchange, key);
    model::exchange again = exchange;
    redact(again, key);
    EXPECT_EQ(again.path, exchange.path);
    EXPECT_EQ(again.request_headers, exchange.request_headers);
    EXPECT_EQ(again.request_body, exchange.request_body);
    EXPECT_EQ(again.message, exchange.message);
    EXPECT_EQ(again.redacted_fields, exchange.redacted_fields);
}

// A text of 128 KiB that began every search anew would take minutes.
TEST(redact, hostile_texts_cost_no_more_than_their_length)
{
    constexpr std::size_t bytes = 128 * 1024;
    const auto begin = std::chrono::steady_clock::now();
    for (const std::string_view unit :
         {"%40", "%3C", "a-", "a:", "a/", "a+", "::", "--a", "/AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE.",
          "4111111111111111+", "%20bob", "://a", "user:a@", "name: a ", "<a b=\"", "\\\"password\\\":", "eyJ-"}) {
        std::string text;
        while (text.size() < bytes)
            text += unit;
        EXPECT_FALSE(redact_text(text, key).empty()) << unit;
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

TEST(redact, the_list_of_fields_is_bounded)
{
    model::exchange exchange = http_exchange();
    for (int i = 0; i < 1000; ++i)
        exchange.request_headers.emplace_back("X-" + std::to_string(i), "v");
    redact(exchange, key);
    EXPECT_EQ(exchange.redacted_fields.size(), redacted_fields_max);
    EXPECT_TRUE(exchange.request_headers.back().second.starts_with("<header:"));
}

}  // namespace
}  // namespace reprise::telemetry
