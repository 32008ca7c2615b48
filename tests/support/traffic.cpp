#include "traffic.hpp"

#include "reprise/telemetry/otlp_decode.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <stdexcept>

namespace reprise::support {

std::vector<model::exchange> to_exchanges(std::span<const call> calls)
{
    std::vector<model::exchange> exchanges;
    for (const call& one : calls)
        exchanges.push_back(to_exchange(one));
    return exchanges;
}

std::shared_ptr<const model::observation_batch> to_batch(std::span<const call> calls)
{
    const auto exchanges = to_exchanges(calls);
    auto bytes = std::make_shared<const std::string>(telemetry::encode_logs_request(exchanges));
    auto decoded = telemetry::decode_logs(std::move(bytes));
    if (!decoded || decoded->rejected != 0)
        throw std::logic_error("the test's own traffic was refused");
    return std::make_shared<const model::observation_batch>(std::move(*decoded));
}

}  // namespace reprise::support
