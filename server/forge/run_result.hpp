#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/run.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a ticket says about a replay, read from RunResult of web/src/api/types.ts.
namespace reprise::forge {

constexpr std::size_t trials_max = 20;
constexpr std::size_t numbers_max = 16;

struct trial_row {
    std::int64_t number = 0;
    bool shows = false;
    double metric = 0;
    double control = 0;
    std::int64_t n = 0;
    std::int64_t control_n = 0;
    double p_value = 1;
    double last_good = 0;         // Where the run has a last-good target.
    std::int64_t last_good_n = 0;
};

struct run_result {
    model::verdict verdict = model::verdict::inconclusive;
    std::string reason;
    std::string metric;
    std::string unit;
    double gate = 0;
    double baseline = 0;
    std::vector<trial_row> trials;  // At most trials_max.
    std::size_t trials_done = 0;
    std::size_t trials_shown = 0;
    std::int64_t trials_planned = 0;
    std::int64_t requests_planned = 0;
    std::int64_t requests_sent = 0;
    std::int64_t requests_answered = 0;
    std::string target;
    std::string last_good_target;  // Empty: none.
    std::string methodology_hash;
    std::vector<std::pair<std::string, double>> numbers;  // At most numbers_max.
};

// invalid_argument when it is no JSON object, or has no verdict or no list of trials.
result<run_result> parse_run_result(std::string_view json);

}  // namespace reprise::forge
