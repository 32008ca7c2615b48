#pragma once

#include "reprise/pipeline/intake.hpp"
#include "reprise/telemetry/otlp_json.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <zlib.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::test {

// Remembers what it was offered, or says no.
class remembering_intake final : public pipeline::intake {
public:
    void offer(pipeline::arrival what, pipeline::taken_handler done) override
    {
        {
            const std::lock_guard lock(mutex_);
            if (!full)
                batches.push_back(std::move(what.batch));
        }
        if (full)
            done(errc::unavailable);
        else
            done(pipeline::taken_as::counted);
    }

    std::size_t records()
    {
        const std::lock_guard lock(mutex_);
        std::size_t sum = 0;
        for (const auto& batch : batches)
            sum += batch->observations.size() + batch->measured.size();
        return sum;
    }

    bool full = false;
    std::vector<std::shared_ptr<const model::observation_batch>> batches;

private:
    std::mutex mutex_;
};

constexpr std::int64_t some_time_ns = 1'790'000'000'000'000'000;

inline model::exchange make_exchange(int number)
{
    model::exchange made;
    made.operation.source = model::source::rrpair;
    made.operation.kind = model::operation_kind::server;
    made.operation.service = "shop";
    made.operation.protocol = "http";
    made.operation.method = "GET";
    made.operation.route = "/orders/{id}";
    made.status = 200;
    made.start_ns = some_time_ns + number;
    made.duration_ns = 5'000'000;
    made.host = "shop:8080";
    made.method = "GET";
    made.path = "/orders/" + std::to_string(number);
    return made;
}

inline std::string logs_request(int records)
{
    std::vector<model::exchange> exchanges;
    for (int i = 0; i < records; ++i)
        exchanges.push_back(make_exchange(i));
    return telemetry::encode_logs_request(exchanges);
}

// One span per id; "" makes a span that says nothing usable.
inline std::string spans_json(const std::vector<std::string>& span_ids)
{
    std::string spans;
    for (const auto& id : span_ids) {
        spans += spans.empty() ? "" : ",";
        spans += R"({"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":")" + id +
                 R"(","kind":2,"name":"GET /orders/{id}","startTimeUnixNano":"1790000000000000000",)"
                 R"("endTimeUnixNano":"1790000000005000000","attributes":[)"
                 R"({"key":"http.request.method","value":{"stringValue":"GET"}},)"
                 R"({"key":"http.route","value":{"stringValue":"/orders/{id}"}},)"
                 R"({"key":"http.response.status_code","value":{"intValue":"200"}}]})";
    }
    return R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},)"
           R"("scopeSpans":[{"spans":[)" +
           spans + "]}]}]}";
}

inline std::string spans_request(const std::vector<std::string>& span_ids)
{
    return telemetry::encode_otlp_json(telemetry::otlp_request::traces, spans_json(span_ids)).value();
}

// One histogram point of http.server.request.duration for each count; 8 calls are in its buckets, so that
// another count is wrong.
inline std::string metrics_json(const std::vector<std::string>& counts)
{
    std::string points;
    for (const auto& count : counts) {
        points += points.empty() ? "" : ",";
        points += R"({"startTimeUnixNano":"1789999940000000000","timeUnixNano":"1790000000000000000",)"
                  R"("count":)" + count + R"(,"sum":0.3,"bucketCounts":["3","5","0"],"explicitBounds":[0.01,0.1],)"
                  R"("attributes":[)"
                  R"({"key":"http.request.method","value":{"stringValue":"GET"}},)"
                  R"({"key":"http.route","value":{"stringValue":"/orders/{id}"}},)"
                  R"({"key":"http.response.status_code","value":{"intValue":200}}]})";
    }
    return R"({"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},)"
           R"("scopeMetrics":[{"metrics":[{"name":"http.server.request.duration","unit":"s","histogram":)"
           R"({"aggregationTemporality":1,"dataPoints":[)" +
           points + "]}}]}]}]}";
}

inline std::string metrics_request(const std::vector<std::string>& counts)
{
    return telemetry::encode_otlp_json(telemetry::otlp_request::metrics, metrics_json(counts)).value();
}

// One gzip member; `times` repeats the bytes.
inline std::string gzip(std::string_view bytes, std::size_t times = 1)
{
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("deflateInit2");
    std::string out;
    std::vector<unsigned char> chunk(64 * 1024);
    std::vector<unsigned char> in(bytes.begin(), bytes.end());
    for (std::size_t i = 0; i <= times; ++i) {
        stream.next_in = in.data();
        stream.avail_in = i < times ? static_cast<uInt>(in.size()) : 0;
        do {
            stream.next_out = chunk.data();
            stream.avail_out = static_cast<uInt>(chunk.size());
            deflate(&stream, i < times ? Z_NO_FLUSH : Z_FINISH);
            out.append(chunk.begin(), chunk.end() - stream.avail_out);
        } while (stream.avail_out == 0);
    }
    deflateEnd(&stream);
    return out;
}

}  // namespace reprise::test
