#include "reprise/telemetry/normalise.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::telemetry {
namespace {

struct text_case {
    std::string_view from;
    std::string_view to;
};

TEST(normalise, routes)
{
    const std::vector<text_case> cases = {
        {"", "/"},
        {"/", "/"},
        {"/orders", "/orders"},
        {"/orders/", "/orders"},
        {"//orders//17", "/orders/{id}"},
        {"/orders/17?x=1#y", "/orders/{id}"},
        {"http://host:80/orders/17?x=http://a/b", "/orders/{id}"},
        {"https://host", "/"},
        {"https://host?x=/1/2", "/"},
        {"/redirect?to=http://a/b", "/redirect"},
        {"/users/123e4567-e89b-12d3-a456-426614174000/posts", "/users/{id}/posts"},
        {"/commits/deadbeef01", "/commits/{id}"},
        {"/commits/deadbeefaa", "/commits/deadbeefaa"},
        {"/commits/deadbee01", "/commits/deadbee01"},
        {"/blobs/a1b2c3d4e5f6g7h8", "/blobs/{id}"},
        {"/blobs/a1b2c3d4e5f6g7h", "/blobs/a1b2c3d4e5f6g7h"},
        {"/api/v2/internationalisation", "/api/v2/internationalisation"},
        {"/oauth2-authorization-server", "/oauth2-authorization-server"},
        {"/k/AbC-dEf_123-xyZ-987q", "/k/{id}"},
        {"/days/2025-11-21", "/days/{id}"},
        {"/batch/1,2,3", "/batch/{id}"},
        {"/files/17.json", "/files/{id}.json"},
        {"/files/app.js", "/files/app.js"},
        {"/mail/bob@example.com", "/mail/{id}"},
        {"/mail/bob%40example.com", "/mail/{id}"},
        {"/npm/@scope", "/npm/@scope"},
        {"/login;jsessionid=AB12/next", "/login/next"},
        {"/orders/:order/items/{item}", "/orders/{id}/items/{id}"},
        {"/orders/<int:order>", "/orders/{id}"},
        {"orders/{id}", "/orders/{id}"},
        {"/t/eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "/t/{id}"},
        {"*", "/*"},
        {"/users/ghp%5F16C7e42F292c6912E7710c838347Ae", "/users/{id}"},
        {"/users/%2B4930123456", "/users/{id}"},
        {"/users/+4930123456", "/users/{id}"},
        {"/files/a%20b", "/files/a%20b"},
    };
    for (const text_case& one : cases) {
        EXPECT_EQ(normalise_route(one.from), one.to) << one.from;
        EXPECT_EQ(normalise_route(one.to), one.to) << one.to;
    }
}

TEST(normalise, a_segment_may_be_longer_than_one_byte_counts)
{
    EXPECT_EQ(normalise_route("/long/" + std::string(300, '7')), "/long/{id}");
    EXPECT_EQ(normalise_route("/long/" + std::string(256, '7') + ",8"), "/long/{id}");
    EXPECT_EQ(normalise_route("/long/" + std::string(300, 'a') + "1b"), "/long/{id}");
}

TEST(normalise, a_long_route_is_cut_at_a_segment)
{
    std::string path;
    for (int i = 0; i < 100; ++i)
        path += "/segment";
    const std::string route = normalise_route(path);
    EXPECT_LE(route.size(), route_bytes_max + 4);
    EXPECT_TRUE(route.ends_with("/segment/..."));
    EXPECT_EQ(normalise_route(route), route);
    EXPECT_EQ(normalise_route("/" + std::string(10'000, 'a')), "/...");
}

TEST(normalise, sql)
{
    const std::vector<text_case> cases = {
        {"select * from t where id=17", "SELECT * FROM t WHERE id = ?"},
        {"SELECT a , b FROM t WHERE x IN (1,2, 3)", "SELECT a, b FROM t WHERE x IN (?)"},
        {"SELECT a FROM t WHERE x in($1,$2)", "SELECT a FROM t WHERE x IN (?)"},
        {"insert into t(a,b) values (1,'x'),(2,'y'),(3,'z')", "INSERT INTO t(a, b) VALUES (?)"},
        {"INSERT INTO t VALUES (1, NULL), (2, NULL)", "INSERT INTO t VALUES (?, NULL)"},
        {"INSERT INTO t VALUES (?, now()), (?, now())", "INSERT INTO t VALUES (?, now()), (?, now())"},
        {"SELECT 'it''s', \"name\" FROM \"T\"", "SELECT ?, \"name\" FROM \"T\""},
        {"SELECT 'O\\'Brien' FROM t", "SELECT ? FROM t"},
        {"SELECT 'C:\\' , a FROM t", "SELECT ?, a FROM t"},
        {"SELECT `a` FROM `t` WHERE b = \"bob\"", "SELECT `a` FROM `t` WHERE b = ?"},
        {"SELECT a FROM t WHERE b = \"bob smith\"", "SELECT a FROM t WHERE b = ?"},
        {"SELECT [a] FROM [dbo].[t]", "SELECT [a] FROM [dbo].[t]"},
        {"SELECT a /* c1 */ FROM t -- c2\nWHERE b = 1 # c3", "SELECT a FROM t WHERE b = ?"},
        {"SELECT count( * ), max(a) FROM t", "SELECT count(*), max(a) FROM t"},
        {"SELECT t.* FROM t", "SELECT t.* FROM t"},
        {"SELECT a::text, b->>'k' FROM t WHERE c @> '{}'", "SELECT a::text, b ->> ? FROM t WHERE c @> ?"},
        {"SELECT $$body$$, $tag$x$$y$tag$ FROM t", "SELECT ? FROM t"},
        {"SELECT -1, 1.5e-3, 0x1F, .5, a - 5 FROM t", "SELECT ?, a - ? FROM t"},
        {"SELECT a FROM t WHERE b = -1 AND c=+2", "SELECT a FROM t WHERE b = ? AND c = ?"},
        {"UPDATE t SET a=:a, b=@b, c=%s, d=%(d)s WHERE e=?", "UPDATE t SET a = ?, b = ?, c = ?, d = ? WHERE e = ?"},
        {"SELECT E'\\'x' , N'y', X'00'", "SELECT ?"},
        {"  SELECT 1 ; ", "SELECT ?"},
        {"SELECT a FROM t LIMIT 10 OFFSET 20", "SELECT a FROM t LIMIT ? OFFSET ?"},
        {"SELECT a FROM t WHERE (b = 1 AND c = 2) OR NOT (d)", "SELECT a FROM t WHERE (b = ? AND c = ?) OR NOT (d)"},
        {"SELECT t.order FROM t", "SELECT t.order FROM t"},
        {"SELECT 'unfinished", "SELECT ?"},
        {"SELECT id FROM t WHERE a IS NOT NULL AND b <> ''", "SELECT id FROM t WHERE a IS NOT NULL AND b <> ?"},
        {"SELECT a FROM größe", "SELECT a FROM größe"},
        {"", ""},
        {"-- nothing", ""},
    };
    for (const text_case& one : cases) {
        EXPECT_EQ(normalise_sql(one.from), one.to) << one.from;
        EXPECT_EQ(normalise_sql(one.to), one.to) << one.to;
    }
}

TEST(normalise, lists_of_any_length_are_one_statement)
{
    std::string ids = "1";
    for (int i = 2; i < 2000; ++i)
        ids += ", " + std::to_string(i);
    EXPECT_EQ(normalise_sql("SELECT a FROM t WHERE id IN (" + ids + ")"), "SELECT a FROM t WHERE id IN (?)");
}

TEST(normalise, a_long_statement_is_cut_at_a_token)
{
    std::string statement = "SELECT a0";
    for (int i = 1; i < 500; ++i)
        statement += ", column_" + std::to_string(i);
    const std::string sql = normalise_sql(statement + " FROM t");
    EXPECT_LE(sql.size(), sql_bytes_max + 4);
    EXPECT_TRUE(sql.ends_with(" ..."));
    EXPECT_EQ(normalise_sql(sql), sql);
}

TEST(normalise, verbs)
{
    const std::vector<text_case> cases = {
        {"select 1", "SELECT"},
        {"/* x */ Insert into t", "INSERT"},
        {"(SELECT 1) UNION (SELECT 2)", "SELECT"},
        {"WITH a AS (SELECT 1) UPDATE t SET b = 2", "UPDATE"},
        {"with recursive a as (delete from x returning *) select * from a", "SELECT"},
        {"WITH a AS (SELECT", "WITH"},
        {"BEGIN", "BEGIN"},
        {"", "OTHER"},
        {"17", "OTHER"},
    };
    for (const text_case& one : cases)
        EXPECT_EQ(sql_verb(one.from), one.to) << one.from;
}

TEST(normalise, messages)
{
    const std::vector<text_case> cases = {
        {"", ""},
        {"  a \t b\n", "a b"},
        {"user 12345 not found", "user {id} not found"},
        {"status 503 after 250 ms", "status 503 after 250 ms"},
        {"order12345 failed", "order{id} failed"},
        {"bad token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJlMQ for a", "bad token {token} for a"},
        {"at 2025-11-21T12:00:00.123Z done", "at {timestamp} done"},
        {"at 2025-11-21 12:00:00+01:00, done", "at {timestamp}, done"},
        {"on 2025-11-21.", "on {timestamp}."},
        {"id 123e4567-e89b-12d3-a456-426614174000!", "id {uuid}!"},
        {"mail to 12345.bob@mail.example.com.", "mail to {email}."},
        {"<bob@example.com>", "<{email}>"},
        {"connect 10.0.0.5:5432", "connect {ip}:{id}"},
        {"version 1.2.3 and 1.2.3.4.5", "version 1.2.3 and 1.2.3.4.5"},
        {"peer 2001:db8::1 lost", "peer {ip} lost"},
        {"version 10.0.0.1.5432", "version 10.0.0.1.{id}"},
        {"version 10.0.0.1.{id}", "version 10.0.0.1.{id}"},
        {"at ::0d081884x1", "at ::0d{id}x1"},
        {"at ::0d{id}x1", "at ::0d{id}x1"},
        {"std::string and cafe::bad", "std::string and cafe::bad"},
        {"at 0x7f and deadbeef12", "at {hex} and {hex}"},
        {"defaced facade", "defaced facade"},
        {"{id} {uuid} {timestamp}", "{id} {uuid} {timestamp}"},
        {"größe 4711", "größe {id}"},
        {"timeout after 30000ms", "timeout after {id}ms"},
    };
    for (const text_case& one : cases) {
        EXPECT_EQ(normalise_message(one.from), one.to) << one.from;
        EXPECT_EQ(normalise_message(one.to), one.to) << one.to;
    }
}

TEST(normalise, what_a_mask_takes_from_a_longer_word_does_not_make_its_rest_an_address_or_an_id)
{
    // The digits at the end are masked by themselves; without them the rest would have the form of an id.
    const std::string_view no_uuid = "abcdefab-abcd-abcd-abcd-abcdefabcdef1234g";
    const std::string once = normalise_message(no_uuid);
    EXPECT_EQ(once, "abcdefab-abcd-abcd-abcd-abcdefabcdef{id}g");
    EXPECT_EQ(normalise_message(once), once);
}

TEST(normalise, an_address_is_masked_up_to_its_last_label_of_two_letters)
{
    const std::vector<text_case> cases = {
        {"to ann@shop.example.1 now", "to {email}.1 now"},
        {"to ann@shop.example.x now", "to {email}.x now"},
        {"to em@0.e103.0e21.41F43eF1.m now", "to {email}1.m now"},
        {"to ann@shop.x now", "to ann@shop.x now"},
        {"to ann@.example now", "to ann@.example now"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(normalise_message(one.from), one.to) << one.from;
        EXPECT_EQ(normalise_message(one.to), one.to) << one.to;
    }
}

TEST(normalise, a_long_message_is_cut_between_characters)
{
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += "ä";
    const std::string message = normalise_message("x" + text);
    EXPECT_EQ(message.size(), message_bytes_max - 1);
    EXPECT_EQ(normalise_message(message), message);
}

}  // namespace
}  // namespace reprise::telemetry
