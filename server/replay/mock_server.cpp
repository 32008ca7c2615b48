#include "reprise/replay/mock_server.hpp"

#include <string_view>
#include <utility>

namespace reprise::replay {
namespace {

constexpr std::uint64_t was_asked_bit = 1ULL << 63;
constexpr std::uint64_t relaxed_bit = 1ULL << 62;

// A decision on its way from respond() to finish(), in the one number an answer has for it.
std::uint64_t pack(const mock_decision& decided)
{
    const std::uint64_t label = static_cast<std::uint64_t>(decided.label) << 40;
    return was_asked_bit | (decided.relaxed ? relaxed_bit : 0) | label | decided.recording;
}

model::trace_id trace_of(const net::raw_request& request)
{
    // "00-<32 hex digits>-<16>-<flags>"
    const std::string_view parent = request.header("traceparent");
    return parent.size() >= 35 ? model::parse_trace_id(parent.substr(3, 32)) : model::trace_id();
}

}  // namespace

struct mock_server::state final : net::raw_responder {
    state(
        boost::asio::any_io_executor pool, mock_server_config config, std::shared_ptr<mock> answers_,
        const clock& time, metrics& numbers
    )
        : answers(std::move(answers_)), log(std::move(config.spool_directory), config.limits),
          server(std::move(pool), std::move(config.listener), *this, time, numbers),
          hits(count(numbers, "hit")), misses(count(numbers, "miss")), faults(count(numbers, "fault")),
          refused(count(numbers, "refused"))
    {
    }

    static counter& count(metrics& numbers, std::string_view label)
    {
        return numbers.add_counter(
            "reprise_mock_requests_total", "Requests to the mock, by what became of them.",
            "label=\"" + std::string(label) + "\""
        );
    }

    void respond(const net::raw_request& request, net::raw_answer& answer) override
    {
        answer.tag = pack(answers->answer(request, answer));
    }

    void finish(const net::raw_request& request, const net::raw_answer& answer, const net::raw_finish& how)
        noexcept override
    {
        arrival what;
        what.wall_ns = request.arrived.wall_ns;
        what.steady_ns = request.arrived.steady_ns;
        what.end_ns = how.steady_ns;
        what.end = how.end;
        what.status = static_cast<std::uint16_t>(how.status);
        what.trace = trace_of(request);
        // Refused, or cut before it was complete: nobody was asked.
        const bool was_asked = (answer.tag & was_asked_bit) != 0;
        what.label = was_asked ? static_cast<mock_label>(answer.tag >> 40 & 0xFF) : mock_label::refused;
        what.relaxed = was_asked && (answer.tag & relaxed_bit) != 0;
        what.recording = was_asked ? static_cast<std::uint32_t>(answer.tag) : no_recording;
        (what.label == mock_label::hit       ? hits
         : what.label == mock_label::fault   ? faults
         : what.label == mock_label::refused ? refused
                                             : misses)
            .add();
        log.add(request, what);
    }

    std::shared_ptr<mock> answers;
    arrival_log log;
    net::raw_server server;
    counter& hits;
    counter& misses;
    counter& faults;
    counter& refused;
};

mock_server::mock_server(
    boost::asio::any_io_executor pool, mock_server_config config, std::shared_ptr<mock> answers, const clock& time,
    metrics& numbers
)
    : state_(std::make_unique<state>(std::move(pool), std::move(config), std::move(answers), time, numbers))
{
}

mock_server::~mock_server() = default;

result<void> mock_server::start()
{
    if (const auto listening = state_->server.listen(); !listening)
        return listening;
    state_->server.start();
    return {};
}

std::uint16_t mock_server::port() const noexcept
{
    return state_->server.port();
}

void mock_server::stop()
{
    state_->server.stop();
}

boost::asio::awaitable<bool> mock_server::drain(std::chrono::milliseconds limit)
{
    return state_->server.drain(limit);
}

const mock& mock_server::answers() const noexcept
{
    return *state_->answers;
}

arrival_log& mock_server::log() noexcept
{
    return state_->log;
}

}  // namespace reprise::replay
