#pragma once

#include "reprise/base/metrics.hpp"
#include "reprise/pipeline/intake.hpp"
#include "reprise/telemetry/otlp_json.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace reprise::ingest {

using otlp_signal = telemetry::otlp_request;
enum class otlp_encoding : std::uint8_t { protobuf, json };       // Of the body and of its answer alike.
enum class content_encoding : std::uint8_t { identity, gzip };    // As declared; gzip is seen by its magic, too.

struct door_config {
    std::size_t body_bytes_max = 20 * 1024 * 1024;        // Of one request, as sent and again as inflated.
    std::size_t bytes_in_work_max = 128 * 1024 * 1024;    // Of all requests between admission and windows; a
                                                          // compressed one counts with what it may become until
                                                          // it is inflated. Less than two full requests is
                                                          // raised to that. Above half of it nobody may
                                                          // hold more than a fair share.
    std::chrono::seconds retry_after{1};                  // Told to whoever is turned away for load.
};

// One export request without its transport.
struct export_request {
    otlp_signal signal = otlp_signal::logs;
    otlp_encoding encoding = otlp_encoding::protobuf;
    content_encoding content = content_encoding::identity;
    std::string body;
    std::string source;  // Address of the peer, without its port.
};

// What to tell the sender, for either transport. `body` is in the request's encoding: the export
// response when ok(), else a google.rpc.Status (with RetryInfo when retry_after is set).
struct answer {
    int http_status = 200;  // 200, 400, 413, 429, 503.
    int grpc_code = 0;      // OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNAVAILABLE.
    std::string message;    // What was wrong, for people; empty when all was taken.
    std::string body;
    std::optional<std::chrono::seconds> retry_after;

    bool ok() const noexcept { return grpc_code == 0; }
};

// Why a request was refused; the `reason` label of reprise_intake_refused_total.
enum class refusal : std::uint8_t {
    overload,   // bytes_in_work_max, or the stream behind is full. The sender shall come back.
    too_large,  // body_bytes_max, before or after inflating.
    bad_gzip,   // Truncated, wrong checksum, bytes after the end.
    malformed,  // Not an export request.
    share,      // The sender has more in work than its fair share. It shall come back.
    unkept,     // The journal cannot write. The sender shall come back.
};
constexpr std::size_t refusal_count = 6;

class byte_budget;

// Called exactly once, from accept() or later on another thread; must not block and must not throw.
using answer_handler = std::function<void(answer)>;

// Where export requests enter: admits by size and load, inflates, decodes once, offers the batch to
// the stream and words the answer when the stream has decided. accept() runs on the caller's thread,
// any number at a time; it uses the processor (about 0.5 ns per byte of protobuf, gzip and JSON more)
// and never waits. The intake must outlive the door, the door the last answer, the metrics everything
// that was offered.
class door {
public:
    door(door_config config, pipeline::intake& stream, metrics& counts);
    ~door();

    // When it throws, `done` is not called.
    void accept(export_request request, answer_handler done);

    // A google.rpc.Status of the given code in the given encoding, for what never reaches accept().
    static std::string encode_status(otlp_encoding encoding, int grpc_code, std::string_view message);

    const door_config& config() const noexcept { return config_; }

    // Requests refused as a whole since the start, for whatever reason. Any thread.
    std::uint64_t refused() const noexcept;

private:
    struct counters {
        counter* records = nullptr;
        counter* rejected = nullptr;
        counter* unknown_protocol = nullptr;
        counter* bytes = nullptr;
        counter* repeated = nullptr;
        std::array<counter*, refusal_count> refused{};
    };

    // What an answer is worded from, long after the request's bytes are gone.
    struct request_facts {
        otlp_signal signal = otlp_signal::logs;
        otlp_encoding encoding = otlp_encoding::protobuf;
        std::size_t sent_bytes = 0;
    };

    static counters count_signal(metrics& counts, std::string_view signal);
    static door_config checked(door_config config);
    std::variant<pipeline::arrival, answer> open(export_request request, const request_facts& facts);
    std::variant<pipeline::arrival, answer> decode(
        std::string bytes, const request_facts& facts, std::shared_ptr<void> held
    );
    answer thank(const request_facts& facts, const model::observation_batch& batch, pipeline::taken_as as);
    answer refuse(const request_facts& facts, refusal reason, std::string_view message);
    answer refuse_untaken(const request_facts& facts, error_code why);
    counters& counts_of(otlp_signal signal) { return counts_[static_cast<std::size_t>(signal)]; }

    const door_config config_;
    pipeline::intake& stream_;
    std::array<counters, telemetry::otlp_request_count> counts_;
    counter& used_points_;
    counter& unused_points_;
    std::shared_ptr<byte_budget> budget_;  // Shared with the requests in work.
    gauge& bytes_in_work_;
    gauge& sources_;
};

}  // namespace reprise::ingest
