#include "reprise/ingest/door.hpp"

#include "byte_budget.hpp"

#include "reprise/telemetry/inflate.hpp"
#include "reprise/telemetry/otlp_answer.hpp"
#include "reprise/telemetry/otlp_json.hpp"
#include "reprise/telemetry/otlp_request.hpp"
#include "reprise/telemetry/protocol.hpp"

#include <algorithm>
#include <utility>

namespace reprise::ingest {
namespace {

constexpr int grpc_invalid_argument = 3;
constexpr int grpc_resource_exhausted = 8;
constexpr int grpc_unavailable = 14;

constexpr std::string_view cannot_keep_up = "the analysis cannot keep up, try again later";

constexpr std::array<std::string_view, refusal_count> refusal_texts = {
    "overload", "too_large", "bad_gzip", "malformed", "share", "unkept"};

// Bytes that a request has taken from the budget.
class byte_hold {
public:
    byte_hold(std::shared_ptr<byte_budget> budget, gauge& shown, byte_budget::holder& from, std::size_t bytes)
        : budget_(std::move(budget)), shown_(shown), from_(from), bytes_(bytes)
    {
        shown_.set(static_cast<std::int64_t>(budget_->bytes()));
    }
    ~byte_hold() { shrink_to(0); }
    byte_hold(const byte_hold&) = delete;
    byte_hold& operator=(const byte_hold&) = delete;

    void shrink_to(std::size_t bytes) noexcept
    {
        if (bytes >= bytes_)
            return;
        budget_->give_back(from_, std::exchange(bytes_, bytes) - bytes);
        shown_.set(static_cast<std::int64_t>(budget_->bytes()));
    }

private:
    std::shared_ptr<byte_budget> budget_;
    gauge& shown_;
    byte_budget::holder& from_;
    std::size_t bytes_;
};

std::string too_large_text(std::string_view what, std::size_t bytes_max)
{
    return "the request is over the limit of " + std::to_string(bytes_max) + " bytes " + std::string(what) +
           "; send smaller batches";
}

std::string encode_success(otlp_signal signal, otlp_encoding encoding, const model::observation_batch& batch)
{
    if (encoding == otlp_encoding::protobuf)
        return telemetry::encode_export_response(batch.rejected, batch.rejected_reason);
    return telemetry::encode_export_response_json(signal, batch.rejected, batch.rejected_reason);
}

std::string encode_failure(
    otlp_encoding encoding, int grpc_code, std::string_view message, std::optional<std::chrono::seconds> retry_after
)
{
    if (encoding == otlp_encoding::json)
        return telemetry::encode_status_json(grpc_code, message, retry_after);
    return telemetry::encode_status(grpc_code, message, retry_after);
}

counter& count_points(metrics& counts, std::string_view result)
{
    return counts.add_counter(
        "reprise_intake_metric_points_total", "Good metric points: those that feed an operation, and the others",
        "result=\"" + std::string(result) + "\""
    );
}

}  // namespace

door::door(door_config config, pipeline::intake& stream, metrics& counts)
    : config_(checked(config)), stream_(stream),
      counts_{count_signal(counts, "logs"), count_signal(counts, "traces"), count_signal(counts, "metrics")},
      used_points_(count_points(counts, "used")), unused_points_(count_points(counts, "unused")),
      budget_(std::make_shared<byte_budget>(config_.bytes_in_work_max)),
      bytes_in_work_(counts.add_gauge("reprise_intake_bytes_in_work", "Bytes of requests between door and windows.")),
      sources_(counts.add_gauge("reprise_intake_sources", "Peers that sent lately; each has a share of the bytes."))
{
}

door::~door() = default;

std::uint64_t door::refused() const noexcept
{
    std::uint64_t sum = 0;
    for (const counters& of_signal : counts_) {
        for (const counter* const reason : of_signal.refused)
            sum += reason->value();
    }
    return sum;
}

door_config door::checked(door_config config)
{
    config.bytes_in_work_max = std::max(config.bytes_in_work_max, 2 * config.body_bytes_max);
    return config;
}

door::counters door::count_signal(metrics& counts, std::string_view signal)
{
    const std::string label = "signal=\"" + std::string(signal) + "\"";
    counters made;
    made.records = &counts.add_counter("reprise_intake_records_total", "Records taken into windows", label);
    made.rejected = &counts.add_counter(
        "reprise_intake_rejected_records_total", "Records of accepted requests that say nothing usable", label
    );
    made.unknown_protocol = &counts.add_counter(
        "reprise_intake_unknown_protocol_records_total", "Records of a protocol that is only kept and counted", label
    );
    made.repeated = &counts.add_counter(
        "reprise_intake_repeated_records_total", "Records of requests that were sent again and counted once", label
    );
    made.bytes = &counts.add_counter("reprise_intake_bytes_total", "Bytes of accepted requests, as sent", label);
    for (std::size_t i = 0; i < refusal_count; ++i) {
        made.refused[i] = &counts.add_counter(
            "reprise_intake_refused_total", "Export requests refused as a whole",
            label + ",reason=\"" + std::string(refusal_texts[i]) + "\""
        );
    }
    return made;
}

void door::accept(export_request request, answer_handler done)
{
    const request_facts facts{request.signal, request.encoding, request.body.size()};
    auto opened = open(std::move(request), facts);
    if (auto* refused = std::get_if<answer>(&opened)) {
        done(std::move(*refused));
        return;
    }
    auto& what = std::get<pipeline::arrival>(opened);
    const auto batch = what.batch;
    if (batch->observations.empty() && batch->measured.empty()) {
        done(thank(facts, *batch, pipeline::taken_as::counted));
        return;
    }
    auto decided = [this, facts, batch, done = std::move(done)](result<pipeline::taken_as> taken) {
        done(taken ? thank(facts, *batch, *taken) : refuse_untaken(facts, taken.error()));
    };
    stream_.offer(std::move(what), std::move(decided));
}

std::variant<pipeline::arrival, answer> door::open(export_request request, const request_facts& facts)
{
    const std::size_t bytes_max = config_.body_bytes_max;
    if (facts.sent_bytes > bytes_max)
        return refuse(facts, refusal::too_large, too_large_text("as sent", bytes_max));

    // It does not become smaller by inflating, and inflating is most of the work.
    const bool zipped = request.content == content_encoding::gzip || telemetry::is_gzip(request.body);
    if (zipped && !stream_.has_room(facts.sent_bytes))
        return refuse(facts, refusal::overload, cannot_keep_up);

    // Nobody knows what it becomes, so a compressed request is held for the most it may become.
    const std::size_t wanted = facts.sent_bytes + (zipped ? bytes_max : 0);
    const auto taken = budget_->take(request.source, wanted, std::chrono::steady_clock::now());
    if (taken.as == byte_budget::verdict::full)
        return refuse(facts, refusal::overload, "too much is being taken in at once, try again later");
    if (taken.as == byte_budget::verdict::over_share)
        return refuse(facts, refusal::share, "this sender has its share of the server in work, try again later");
    auto held = std::make_shared<byte_hold>(budget_, bytes_in_work_, *taken.from, wanted);
    sources_.set(static_cast<std::int64_t>(budget_->sources()));
    if (!zipped)
        return decode(std::move(request.body), facts, std::move(held));

    auto inflated = telemetry::gunzip(request.body, bytes_max);
    if (!inflated && inflated.error() == errc::too_large)
        return refuse(facts, refusal::too_large, too_large_text("when inflated", bytes_max));
    if (!inflated)
        return refuse(facts, refusal::bad_gzip, "the gzip stream is cut off or damaged");
    held->shrink_to(inflated->size());
    return decode(std::move(*inflated), facts, std::move(held));
}

std::variant<pipeline::arrival, answer> door::decode(
    std::string bytes, const request_facts& facts, std::shared_ptr<void> held
)
{
    if (facts.encoding == otlp_encoding::json) {
        auto encoded = telemetry::encode_otlp_json(facts.signal, bytes);
        if (!encoded)
            return refuse(facts, refusal::malformed, telemetry::to_text(encoded.error()));
        bytes = std::move(*encoded);
    }
    if (!stream_.has_room(bytes.size()))
        return refuse(facts, refusal::overload, cannot_keep_up);
    const auto shared = std::make_shared<const std::string>(std::move(bytes));
    auto batch = telemetry::decode_request(facts.signal, shared);
    if (!batch)
        return refuse(facts, refusal::malformed, telemetry::to_text(batch.error()));
    pipeline::arrival what;
    what.batch = std::make_shared<const model::observation_batch>(std::move(*batch));
    what.signal = facts.signal;
    what.held = std::move(held);
    return what;
}

answer door::thank(const request_facts& facts, const model::observation_batch& batch, pipeline::taken_as as)
{
    counters& counts = counts_of(facts.signal);
    const std::size_t records = batch.observations.size() + batch.measured.size();
    if (as == pipeline::taken_as::repeated) {
        counts.repeated->add(records);
    } else {
        counts.bytes->add(facts.sent_bytes);
        counts.records->add(records);
        counts.rejected->add(batch.rejected);
        counts.unknown_protocol->add(telemetry::count_unknown_protocol(batch));
        used_points_.add(batch.measured.size());
        unused_points_.add(batch.unused);
    }

    answer given;
    given.message = batch.rejected_reason;
    given.body = encode_success(facts.signal, facts.encoding, batch);
    return given;
}

answer door::refuse_untaken(const request_facts& facts, error_code why)
{
    if (why == errc::io)
        return refuse(facts, refusal::unkept, "the request cannot be kept now, try again later");
    return refuse(facts, refusal::overload, cannot_keep_up);
}

answer door::refuse(const request_facts& facts, refusal reason, std::string_view message)
{
    counts_of(facts.signal).refused[static_cast<std::size_t>(reason)]->add();
    answer given;
    given.message = message;
    switch (reason) {
    case refusal::unkept:
        given.http_status = 503;
        given.grpc_code = grpc_unavailable;
        given.retry_after = config_.retry_after;
        break;
    case refusal::overload:
    case refusal::share:
        given.http_status = 429;
        given.grpc_code = grpc_resource_exhausted;
        given.retry_after = config_.retry_after;
        break;
    case refusal::too_large:
        given.http_status = 413;
        given.grpc_code = grpc_resource_exhausted;
        break;
    case refusal::bad_gzip:
    case refusal::malformed:
        given.http_status = 400;
        given.grpc_code = grpc_invalid_argument;
        break;
    }
    given.body = encode_failure(facts.encoding, given.grpc_code, message, given.retry_after);
    return given;
}

std::string door::encode_status(otlp_encoding encoding, int grpc_code, std::string_view message)
{
    return encode_failure(encoding, grpc_code, message, std::nullopt);
}

}  // namespace reprise::ingest
