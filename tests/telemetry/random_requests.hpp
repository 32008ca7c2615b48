#pragma once

#include "record_builder.hpp"

#include <random>
#include <string>

namespace reprise::telemetry {

// Seeded requests of every shape that the generated types can write: known keys with odd values, odd
// keys, nesting, missing parts.
class random_requests {
public:
    explicit random_requests(std::uint64_t seed) : random_(seed) {}

    logs_request make_logs();
    traces_request make_traces();

private:
    std::size_t below(std::size_t limit) { return random_() % limit; }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }
    std::string any_text();
    std::string one_of(std::initializer_list<std::string_view> texts);
    any_value_message any_value(int depth);
    any_value_message pair_value(std::string_view key);
    log_record any_log();
    span_record any_span();

    std::mt19937_64 random_;
};

}  // namespace reprise::telemetry
