#pragma once

#include "reprise/model/observation.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

// Decoded records made by hand, without a wire format: for tests that need many, in any order.
namespace reprise::pipeline::test {

struct made_record {
    model::operation_key operation;
    model::observation call;   // But for its place in a batch.
    std::string bytes;
    std::string version;       // Empty: the resource names none.
    std::int64_t arrival_ns = 0;
};

std::shared_ptr<const model::observation_batch> to_batch(std::span<const made_record> records);

// The same on every machine, unlike the standard library's distributions.
class dice {
public:
    explicit dice(std::uint64_t seed) : state_(seed) {}

    std::uint64_t below(std::uint64_t limit);

private:
    std::uint64_t state_;
};

// Some services with inbound requests (as exchanges and as spans), database and client calls: failing, throttled,
// slow and repeated ones among them. `seconds` of traffic from start_ns on, in the order of time.
struct traffic_shape {
    std::int64_t start_ns = 1'700'000'000LL * 1'000'000'000;
    int seconds = 20;
    int services = 5;
    int requests_per_second = 20;  // Of each service.
    int routes = 90;
};
std::vector<made_record> make_traffic(const traffic_shape& shape, std::uint64_t seed);

}  // namespace reprise::pipeline::test
