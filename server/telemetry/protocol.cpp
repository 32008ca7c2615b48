#include "protocol.hpp"

#include "call.hpp"

#include "reprise/telemetry/protocol.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace reprise::telemetry {
namespace {

using form = protocol_form;

// The usual ones first: every record is looked up.
constexpr std::array<protocol_entry, 30> known = {{
    {"http", "http", "HTTP", form::http},
    {"https", "http", "HTTP", form::http},
    {"http2", "http", "HTTP", form::http},
    {"json", "http", "HTTP", form::http},
    {"postgres", "sql", "SQL", form::sql},
    {"mysql", "sql", "SQL", form::sql},
    {"grpc", "grpc", "gRPC", form::grpc},
    {"grpcs", "grpc", "gRPC", form::grpc},
    {"redis", "redis", "Redis", form::key_value},
    {"valkey", "redis", "Redis", form::key_value},
    {"memcached", "memcached", "Memcached", form::key_value},
    {"mongo", "mongodb", "MongoDB", form::document},
    {"mongodb", "mongodb", "MongoDB", form::document},
    {"dynamodb", "aws.dynamodb", "DynamoDB", form::document},
    {"aws.dynamodb", "aws.dynamodb", "DynamoDB", form::document},
    {"kafka", "kafka", "Kafka", form::messaging},
    {"amqp", "amqp", "AMQP", form::messaging},
    {"amqp091", "amqp", "AMQP", form::messaging},
    {"amqpv091", "amqp", "AMQP", form::messaging},
    {"rabbitmq", "rabbitmq", "AMQP", form::messaging},
    {"nats", "nats", "NATS", form::messaging},
    {"mqtt", "mqtt", "MQTT", form::messaging},
    {"jms", "jms", "JMS", form::messaging},
    {"pulsar", "pulsar", "Pulsar", form::messaging},
    {"rocketmq", "rocketmq", "RocketMQ", form::messaging},
    {"aws_sqs", "aws_sqs", "SQS", form::messaging},
    {"aws.sns", "aws.sns", "SNS", form::messaging},
    {"gcp_pubsub", "gcp_pubsub", "Pub/Sub", form::messaging},
    {"servicebus", "servicebus", "Service Bus", form::messaging},
    {"messaging", "messaging", "messaging", form::messaging},
}};

}  // namespace

protocol_entry find_protocol(std::string_view name) noexcept
{
    const auto found = std::find_if(known.begin(), known.end(), [name](const protocol_entry& one) {
        return is_same_text(one.name, name);
    });
    if (found != known.end())
        return *found;
    if (is_sql_system(name))
        return {name, "sql", "SQL", form::sql};
    return {name, name, {}, form::unknown};
}

std::string_view protocol_family(std::string_view protocol) noexcept
{
    return protocol.empty() ? std::string_view("internal") : find_protocol(protocol).family;
}

std::size_t count_unknown_protocol(const model::observation_batch& batch)
{
    std::vector<bool> unknown;
    bool any = false;
    for (const model::operation_view& operation : batch.operations) {
        unknown.push_back(protocol_family(operation.protocol).empty());
        any |= unknown.back();
    }
    if (!any)
        return 0;
    return static_cast<std::size_t>(std::count_if(
        batch.observations.begin(), batch.observations.end(),
        [&unknown](const model::observation& one) { return unknown[one.operation_index]; }
    ));
}

}  // namespace reprise::telemetry
