#include "exchange_check.hpp"

#include "reprise/telemetry/captured_record.hpp"
#include "reprise/telemetry/otlp_decode.hpp"
#include "reprise/telemetry/protocol.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <gtest/gtest.h>

#include <memory>

// Exchanges of every protocol as recorders write them, and the operations they become.
namespace reprise::telemetry {
namespace {

using kind = model::operation_kind;
using model::outcome;

struct protocol_case {
    const char* name;
    const char* record;  // Without ts, direction and service.
    kind operation;
    const char* protocol;
    const char* method;
    const char* route;
    outcome result;
    int status;
    const char* message;
};

const protocol_case cases[] = {
    {"a Postgres query",
     R"("l7protocol":"postgres","tech":"Postgres","command":"Query","location":"SELECT * FROM t WHERE id = 7",
        "status":"OK","postgres":{"request":{"query":{"query":"SELECT * FROM t WHERE id = 7"}},
        "response":{"query":{"messages":[]}}},
        "mutableSignature":{"postgres:msg_type":"Query","postgres:query":"SELECT * FROM t WHERE id = $1"})",
     kind::db, "sql", "SELECT", "SELECT * FROM t WHERE id = ?", outcome::ok, 0, ""},
    {"the execution of a prepared statement",
     R"("l7protocol":"postgres","command":"Execute Prepared Statement","location":"DELETE FROM t WHERE id = $1",
        "status":"OK")",
     kind::db, "sql", "DELETE", "DELETE FROM t WHERE id = ?", outcome::ok, 0, ""},
    {"a step around it is not the execution",
     R"("l7protocol":"postgres","command":"Bind Statement Parameters","location":"DELETE FROM t WHERE id = $1",
        "status":"OK")",
     kind::db, "sql", "Bind Statement Parameters", "DELETE FROM t WHERE id = ?", outcome::ok, 0, ""},
    {"the start of a Postgres connection",
     R"("l7protocol":"postgres","command":"Startup","location":"N/A","status":"OK",
        "postgres":{"request":{"startup":{}}})",
     kind::db, "sql", "Startup", "", outcome::ok, 0, ""},
    {"an error that only the answer tells",
     R"("l7protocol":"postgres","command":"Query","location":"SELECT x","status":"OK","postgres":{"response":{"query":
        {"messages":[{"dataRow":{"error":"a column"}},{"error":{"severity":"ERROR","code":"42703",
        "msg":"column x does not exist"}}]}}})",
     kind::db, "sql", "SELECT", "SELECT x", outcome::server_error, 0, "column x does not exist"},
    {"a MySQL query",
     R"x("l7protocol":"mysql","command":"COM_QUERY","location":"insert into t values (1, 'x')",
        "status":"Duplicate entry '1'","mysql":{"request":{"query":"insert into t values (1, 'x')"},
        "response":{"error":{"code":1062}}})x",
     kind::db, "sql", "INSERT", "INSERT INTO t VALUES (?)", outcome::server_error, 0, "Duplicate entry '1'"},
    {"a MySQL statement named by its part alone",
     R"("l7protocol":"mysql","command":"COM_STMT_EXECUTE","location":"N/A","status":"OK",
        "mysql":{"request":{"statement":{"query":"SELECT 1 FROM dual WHERE a = 'b'"}}})",
     kind::db, "sql", "SELECT", "SELECT ? FROM dual WHERE a = ?", outcome::ok, 0, ""},
    {"a MySQL statement prepared",
     R"("l7protocol":"mysql","command":"COM_STMT_PREPARE","location":"SELECT a FROM t WHERE b = ?","status":"OK")",
     kind::db, "sql", "COM_STMT_PREPARE", "SELECT a FROM t WHERE b = ?", outcome::ok, 0, ""},
    {"a gRPC call",
     R"("l7protocol":"grpc","command":"POST","location":"/shop.v1.Cart/AddItem","status":"OK",
        "http":{"req":{"method":"POST","uri":"/shop.v1.Cart/AddItem","headers":{"Content-Type":["application/grpc"]}},
        "res":{"statusCode":200,
        "headers":{"Content-Type":["application/grpc"]},"trailers":{"Grpc-Status":["14"],"Grpc-Message":["down"]}}})",
     kind::client, "grpc", "AddItem", "shop.v1.Cart/AddItem", outcome::server_error, 14, ""},
    {"a gRPC call with the status by name",
     R"("l7protocol":"gRPC","location":"/shop.v1.Cart/AddItem","status":"RESOURCE_EXHAUSTED")",
     kind::client, "grpc", "AddItem", "shop.v1.Cart/AddItem", outcome::throttled, 8, ""},
    {"gRPC recorded as HTTP/2",
     R"("l7protocol":"http2","status":"200","http":{"req":{"method":"POST","url":"http://cart:50051/shop.v1.Cart/List",
        "headers":{"content-type":["application/grpc+proto"]}},
        "res":{"statusCode":200,"headers":{"grpc-status":["0"]}}})",
     kind::client, "grpc", "List", "shop.v1.Cart/List", outcome::ok, 0, ""},
    {"gRPC that a proxy answered",
     R"("l7protocol":"grpc","location":"/shop.v1.Cart/List","status":"503")",
     kind::client, "grpc", "List", "shop.v1.Cart/List", outcome::server_error, 14, ""},
    {"a gRPC call whose status is nothing but wrong",
     R"("l7protocol":"grpc","location":"/shop.v1.Cart/List","status":"connection reset")",
     kind::client, "grpc", "List", "shop.v1.Cart/List", outcome::server_error, 0, "connection reset"},
    {"a Redis read",
     R"("l7protocol":"redis","tech":"Redis","command":"get","location":"user:1234:cart","status":"OK")",
     kind::db, "redis", "GET", "user:{id}:cart", outcome::ok, 0, ""},
    {"a Redis write in one line",
     R"("l7protocol":"redis","command":"SET session:0af7651916cd43dd8448eb211c80319c secret EX 60","location":"N/A",
        "status":"OK")",
     kind::db, "redis", "SET", "session:{id}", outcome::ok, 0, ""},
    {"a Redis error",
     R"("l7protocol":"redis","command":"LPUSH","location":"LPUSH user:7 x",
        "status":"WRONGTYPE Operation against a key holding the wrong kind of value")",
     kind::db, "redis", "LPUSH", "user:{id}", outcome::server_error, 0,
     "WRONGTYPE Operation against a key holding the wrong kind of value"},
    {"a Redis command without key",
     R"("l7protocol":"redis","command":"PING","location":"N/A","status":"OK")",
     kind::db, "redis", "PING", "", outcome::ok, 0, ""},
    {"a Kafka record sent",
     R"("l7protocol":"kafka","command":"Produce","location":"orders","status":"OK",
        "kafka":{"response":{"ProduceResponse":{"topics":[{"topic":"orders","partitions":[{"errorCode":0}]}]}}})",
     kind::messaging, "kafka", "Produce", "orders", outcome::ok, 0, ""},
    {"a Kafka topic and error in the parts",
     R"("l7protocol":"kafka","command":"Fetch","location":"N/A","status":"OK",
        "kafka":{"request":{"FetchRequest":{"topics":[{"topic":"orders","partitions":[0]}]}},
        "response":{"FetchResponse":{"topics":[{"partitions":[{"errorCode":6.0,
        "records":{"records":[{"valueString":"x"}]}}]}]}}})",
     kind::messaging, "kafka", "Fetch", "orders", outcome::server_error, 0, ""},
    {"a Kafka request without topic",
     R"("l7protocol":"kafka","command":"ApiVersions","location":"N/A","status":"OK")",
     kind::messaging, "kafka", "ApiVersions", "", outcome::ok, 0, ""},
    {"an AMQP queue",
     R"("l7protocol":"amqp091","command":"Queue.Declare","location":"Queue: demo-queue","status":"OK")",
     kind::messaging, "amqp", "Queue.Declare", "demo-queue", outcome::ok, 0, ""},
    {"an AMQP delivery, named by its consumer",
     R"("l7protocol":"amqp091","command":"Basic.Deliver","location":"Consumer Tag: ctag-/tmp/go-build309/exe/main-1",
        "status":"OK","AmqpV091":{"server":{"basic":{"deliver":{"consumerTag":"ctag","routingKey":"demo-queue"}}}})",
     kind::messaging, "amqp", "Basic.Deliver", "demo-queue", outcome::ok, 0, ""},
    {"a MongoDB command",
     R"("l7protocol":"mongo","command":"find","location":"users","status":"OK")",
     kind::db, "mongodb", "find", "users", outcome::ok, 0, ""},
    {"a protocol nobody knows",
     R"("l7protocol":"Tarantool","command":"CALL","location":"get_user","status":"ER_NO_SUCH_PROC",
        "tarantool":{"request":[1,2,3]})",
     kind::client, "tarantool", "CALL", "get_user", outcome::server_error, 0, "ER_NO_SUCH_PROC"},
};

model::exchange read(const protocol_case& one)
{
    const std::string text = R"({"msgType":"rrpair","ts":"2025-11-21T12:00:00Z","duration":2,"direction":"OUT",)"
                             R"("service":"shop","network_address":"db.internal:5432",)" +
                             std::string(one.record) + "}";
    auto exchange = parse_rrpair_json(text);
    EXPECT_TRUE(exchange) << one.name << ": " << exchange.error().message();
    return exchange ? std::move(*exchange) : model::exchange();
}

TEST(rrpair_protocol, each_becomes_an_operation_of_its_fields)
{
    for (const protocol_case& one : cases) {
        SCOPED_TRACE(one.name);
        const model::exchange exchange = read(one);
        EXPECT_EQ(exchange.operation.kind, one.operation);
        EXPECT_EQ(exchange.operation.protocol, one.protocol);
        EXPECT_EQ(exchange.operation.method, one.method);
        EXPECT_EQ(exchange.operation.route, one.route);
        EXPECT_EQ(exchange.outcome, one.result);
        EXPECT_EQ(exchange.status, one.status);
        EXPECT_EQ(exchange.message, one.message);
        EXPECT_EQ(exchange.duration_ns, 2'000'000);
        EXPECT_FALSE(exchange.complete);
    }
}

TEST(rrpair_protocol, written_and_read_again_it_is_the_same_operation_with_the_same_outcome)
{
    for (const protocol_case& one : cases) {
        SCOPED_TRACE(one.name);
        const model::exchange exchange = read(one);
        const auto by_json = parse_rrpair_json(write_rrpair_json(exchange));
        const auto by_markdown = parse_rrpair_markdown(write_rrpair_markdown(exchange));
        ASSERT_TRUE(by_json) << write_rrpair_json(exchange);
        ASSERT_TRUE(by_markdown) << write_rrpair_markdown(exchange);
        for (const auto& back : {*by_json, *by_markdown}) {
            EXPECT_EQ(back.operation, exchange.operation);
            EXPECT_EQ(back.outcome, exchange.outcome);
            EXPECT_EQ(back.status, exchange.status);
            EXPECT_EQ(back.host, exchange.host);
            EXPECT_EQ(back.statement, exchange.statement);
            EXPECT_EQ(back.path, exchange.path);
            EXPECT_EQ(back.message, exchange.message);
        }
    }
}

TEST(rrpair_protocol, a_url_inside_a_statement_or_a_key_is_not_the_host)
{
    for (const char* record :
         {R"("l7protocol":"postgres","location":"UPDATE hooks SET url = 'https://evil.example/a'","status":"OK")",
          R"("l7protocol":"redis","command":"GET","location":"https://evil.example/a","status":"OK")"}) {
        const auto exchange = parse_rrpair_json(
            std::string(R"({"ts":"2025-11-21T12:00:00Z","network_address":"db:5432",)") + record + "}"
        );
        ASSERT_TRUE(exchange) << record;
        EXPECT_EQ(exchange->host, "db:5432") << record;
    }
}

TEST(rrpair_protocol, headers_and_bodies_of_grpc_are_kept)
{
    const auto exchange = parse_rrpair_json(
        R"({"ts":"2025-11-21T12:00:00Z","l7protocol":"http","service":"shop","http":{"request":{"method":"POST",
            "url":"http://shop:9000/shop.Orders/Get","headers":{"content-type":"application/grpc","x-a":"b"},
            "bodyBase64":"AAAAAAH/"},"response":{"statusCode":200,"headers":{"grpc-status":"5"},"body":"c"}}})"
    );
    ASSERT_TRUE(exchange);
    EXPECT_EQ(exchange->operation.protocol, "grpc");
    const auto by_json = parse_rrpair_json(write_rrpair_json(*exchange));
    const auto by_record = to_exchange(to_record(*exchange));
    ASSERT_TRUE(by_json);
    ASSERT_TRUE(by_record);
    for (const auto& back : {*by_json, *by_record}) {
        EXPECT_EQ(back.operation, exchange->operation);
        EXPECT_EQ(back.status, 5);
        EXPECT_EQ(back.host, exchange->host);
        EXPECT_EQ(back.path, exchange->path);
        EXPECT_EQ(back.request_headers, exchange->request_headers);
        EXPECT_EQ(back.response_headers, exchange->response_headers);
        EXPECT_EQ(back.request_body, exchange->request_body);
        EXPECT_EQ(back.response_body, exchange->response_body);
    }
}

TEST(rrpair_protocol, the_live_decoder_sees_the_same)
{
    for (const protocol_case& one : cases) {
        SCOPED_TRACE(one.name);
        const captured_record record = to_record(read(one));
        const captured_record* const records[] = {&record};
        const auto batch = decode_logs(std::make_shared<const std::string>(encode_export_request(records)));
        ASSERT_TRUE(batch);
        ASSERT_EQ(batch->observations.size(), 1U) << batch->rejected_reason;
        const model::operation_view seen = batch->operations.front();
        EXPECT_EQ(seen.kind, one.operation);
        EXPECT_EQ(seen.protocol, one.protocol);
        EXPECT_EQ(seen.method, one.method);
        EXPECT_EQ(seen.route, one.route);
        EXPECT_EQ(batch->observations.front().outcome, one.result);
    }
}

TEST(rrpair_protocol, families_name_what_is_known)
{
    EXPECT_EQ(protocol_family("http"), "HTTP");
    EXPECT_EQ(protocol_family("sql"), "SQL");
    EXPECT_EQ(protocol_family("grpc"), "gRPC");
    EXPECT_EQ(protocol_family("redis"), "Redis");
    EXPECT_EQ(protocol_family("kafka"), "Kafka");
    EXPECT_EQ(protocol_family("amqp"), "AMQP");
    EXPECT_EQ(protocol_family(""), "internal");
    EXPECT_EQ(protocol_family("tarantool"), "");
}

TEST(rrpair_protocol, a_part_nested_without_end_says_nothing_and_does_no_harm)
{
    std::string deep;
    for (int i = 0; i < 60; ++i)
        deep += R"({"a":)";
    const std::string text = R"({"ts":"2025-11-21T12:00:00Z","l7protocol":"kafka","command":"Fetch","kafka":)" + deep +
                             R"("x")" + std::string(60, '}') + "}";
    const auto exchange = parse_rrpair_json(text);
    ASSERT_TRUE(exchange) << exchange.error().message();
    EXPECT_EQ(exchange->operation.route, "");
}

}  // namespace
}  // namespace reprise::telemetry
