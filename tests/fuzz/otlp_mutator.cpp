#include "../telemetry/random_metrics.hpp"
#include "../telemetry/record_builder.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// Changes requests by their structure, so that most inputs stay valid: a field gets another value, an
// element is added, doubled or dropped, a part is copied to another place of its type. Every fifth
// time the bytes themselves are changed.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace reprise::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// The words our readers look for, and values that mean something under them.
constexpr std::string_view words[] = {
    "service", "service.name", "msgType", "rrpair", "ts", "2025-11-21T12:00:00Z", "2025-11-21T12:00:00.25+02:00",
    "l7protocol", "http", "https", "json", "grpc", "postgres", "mysql", "redis", "direction", "IN", "OUT", "duration",
    "command", "GET", "post", "location", "status", "OK", "404 Not Found", "14", "UNAVAILABLE", "traceId", "spanId",
    "parentSpanId", "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "request", "response", "method", "url", "headers",
    "traceparent", "X-Replay", "statusCode", "body", "bodyBase64", "mutableSignature", "postgres:query",
    "SELECT a FROM t WHERE b = 'x' AND c IN (1, 2)", "/orders/17?x=1", "http://u:p@shop:80/a/b?c=d#e", "12.5",
    "http.request.method", "http.method", "http.response.status_code", "http.status_code", "http.route",
    "url.template", "url.path", "url.query", "url.full", "http.url", "http.target", "server.address", "net.peer.name",
    "db.system", "db.system.name", "db.statement", "db.query.text", "db.operation", "db.operation.name", "rpc.system",
    "rpc.system.name", "rpc.service", "rpc.method", "shop.Cart/Add", "rpc.grpc.status_code", "messaging.system",
    "messaging.operation", "messaging.operation.name", "messaging.destination", "messaging.destination.name",
    "http.request.header.x-replay", "exception", "exception.message", "exception.type", "http.server.request.duration",
    "http.client.request.duration", "http.server.duration", "db.client.operation.duration", "rpc.server.duration",
    "messaging.process.duration", "s", "ms", "us", "By", "error.type", "timeout", "db.collection.name"};

class message_mutator {
public:
    explicit message_mutator(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t limit) { return random_() % limit; }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }

    void mutate(Message& root)
    {
        std::vector<Message*> parts;
        collect(root, parts);
        Message& part = *parts[below(parts.size())];
        if (chance(6)) {
            copy_into(part, *parts[below(parts.size())]);
            return;
        }
        const auto* type = part.GetDescriptor();
        if (type->field_count() > 0)
            change(part, *type->field(static_cast<int>(below(static_cast<std::size_t>(type->field_count())))));
    }

private:
    static void collect(Message& message, std::vector<Message*>& parts)
    {
        parts.push_back(&message);
        const Reflection& reflection = *message.GetReflection();
        std::vector<const FieldDescriptor*> fields;
        reflection.ListFields(message, &fields);
        for (const FieldDescriptor* field : fields) {
            if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
                continue;
            if (!field->is_repeated()) {
                collect(*reflection.MutableMessage(&message, field), parts);
                continue;
            }
            for (int i = 0; i < reflection.FieldSize(message, field); ++i)
                collect(*reflection.MutableRepeatedMessage(&message, field, i), parts);
        }
    }

    // Through a copy: one may lie inside the other.
    static void copy_into(Message& to, const Message& from)
    {
        if (to.GetDescriptor() != from.GetDescriptor())
            return;
        std::unique_ptr<Message> copy(from.New());
        copy->CopyFrom(from);
        to.CopyFrom(*copy);
    }

    void change(Message& message, const FieldDescriptor& field)
    {
        const Reflection& reflection = *message.GetReflection();
        if (!field.is_repeated()) {
            if (chance(8))
                reflection.ClearField(&message, &field);
            else
                set(message, field);
            return;
        }
        const int size = reflection.FieldSize(message, &field);
        if (size > 0 && chance(4)) {
            reflection.RemoveLast(&message, &field);
        } else if (size > 1 && chance(3)) {
            reflection.SwapElements(&message, &field, 0, size - 1);
        } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
            Message* added = reflection.AddMessage(&message, &field);
            if (size > 0 && chance(2))
                copy_into(*added, reflection.GetRepeatedMessage(message, &field, static_cast<int>(below(
                                      static_cast<std::size_t>(size)))));
        } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
            reflection.AddUInt64(&message, &field, number<std::uint64_t>());
        } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
            reflection.AddDouble(&message, &field, real());
        }
    }

    void set(Message& message, const FieldDescriptor& field)
    {
        const Reflection& reflection = *message.GetReflection();
        switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE: reflection.MutableMessage(&message, &field); break;
        case FieldDescriptor::CPPTYPE_STRING:
            reflection.SetString(&message, &field, text(field, reflection.GetString(message, &field)));
            break;
        case FieldDescriptor::CPPTYPE_BOOL: reflection.SetBool(&message, &field, chance(2)); break;
        case FieldDescriptor::CPPTYPE_ENUM:
            reflection.SetEnumValue(&message, &field, chance(2) ? static_cast<int>(below(4)) : number<std::int32_t>());
            break;
        case FieldDescriptor::CPPTYPE_INT32: reflection.SetInt32(&message, &field, number<std::int32_t>()); break;
        case FieldDescriptor::CPPTYPE_UINT32: reflection.SetUInt32(&message, &field, number<std::uint32_t>()); break;
        case FieldDescriptor::CPPTYPE_INT64: reflection.SetInt64(&message, &field, number<std::int64_t>()); break;
        case FieldDescriptor::CPPTYPE_UINT64: reflection.SetUInt64(&message, &field, number<std::uint64_t>()); break;
        case FieldDescriptor::CPPTYPE_DOUBLE: reflection.SetDouble(&message, &field, real()); break;
        case FieldDescriptor::CPPTYPE_FLOAT: reflection.SetFloat(&message, &field, 1.5F); break;
        }
    }

    template <class Number>
    Number number()
    {
        switch (below(6)) {
        case 0: return 0;
        case 1: return std::numeric_limits<Number>::max();
        case 2: return std::numeric_limits<Number>::min();
        case 3: return static_cast<Number>(random_());
        case 4: return static_cast<Number>(telemetry::noon_ns);
        default: return static_cast<Number>(below(600));
        }
    }

    double real()
    {
        constexpr double some[] = {0, 12.5, -1, 1e300, 3.2e12, 1e-9, std::numeric_limits<double>::quiet_NaN()};
        return some[below(std::size(some))];
    }

    std::string text(const FieldDescriptor& field, std::string old)
    {
        if (field.type() == FieldDescriptor::TYPE_BYTES)
            return telemetry::id_bytes(chance(2) ? 16 : 8, static_cast<unsigned char>(below(256)));
        if (!chance(4))
            return std::string(words[below(std::size(words))]);
        const std::size_t size = old.size();
        old.resize(size + 16);
        old.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(old.data()), size, old.size()));
        for (char& c : old)
            c = static_cast<char>(c & 0x7f);  // Stays UTF-8; the other way is the raw mutation's.
        return old;
    }

    std::mt19937 random_;
};

// A point whose counts do not add up is rejected before much is done with it.
template <class Point, class Counts>
void add_up(Point& point, const Counts& counts, std::uint64_t beside)
{
    point.set_count(std::accumulate(counts.begin(), counts.end(), beside));
}

[[maybe_unused]] void make_counts_add_up(telemetry::metrics_request& request)
{
    for (auto& entry : *request.mutable_resource_metrics()) {
        for (auto& scope : *entry.mutable_scope_metrics()) {
            for (auto& metric : *scope.mutable_metrics()) {
                if (metric.has_histogram()) {
                    for (auto& point : *metric.mutable_histogram()->mutable_data_points())
                        add_up(point, point.bucket_counts(), 0);
                }
                if (metric.has_exponential_histogram()) {
                    for (auto& point : *metric.mutable_exponential_histogram()->mutable_data_points())
                        add_up(point, point.positive().bucket_counts(), point.zero_count());
                }
            }
        }
    }
}

template <class Request>
std::size_t mutate(std::uint8_t* data, std::size_t size, std::size_t size_max, unsigned seed, const Request& example)
{
    message_mutator mutator(seed);
    Request request;
    const bool valid = request.ParseFromArray(data, static_cast<int>(size));
    if (mutator.chance(5) || (!valid && mutator.chance(2)))
        return LLVMFuzzerMutate(data, size, size_max);
    if (!valid || size == 0)
        request = example;
    for (std::size_t i = 1 + mutator.below(4); i > 0; --i)
        mutator.mutate(request);
    if constexpr (std::is_same_v<Request, telemetry::metrics_request>) {
        if (!mutator.chance(4))
            make_counts_add_up(request);
    }
    const std::string bytes = request.SerializeAsString();
    if (bytes.size() > size_max)
        return LLVMFuzzerMutate(data, size, size_max);
    bytes.copy(reinterpret_cast<char*>(data), bytes.size());
    return bytes.size();
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(
    std::uint8_t* data, std::size_t size, std::size_t size_max, unsigned seed
)
{
    using namespace reprise;
    constexpr std::string_view name = REPRISE_FUZZ_TARGET_NAME;
    if constexpr (name == "otlp_logs")
        return fuzz::mutate(data, size, size_max, seed, telemetry::request_of({telemetry::http_record()}));
    else if constexpr (name == "otlp_spans")
        return fuzz::mutate(data, size, size_max, seed, telemetry::request_of({telemetry::server_span()}));
    else
        return fuzz::mutate(data, size, size_max, seed, telemetry::random_metrics(seed).make());
}
