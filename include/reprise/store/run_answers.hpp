#pragma once

#include "reprise/model/kept_answer.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

// What targets answered in the trials of a run. Written with the trial's checkpoint, in its transaction and under its
// lease; redacted before it comes here.
namespace reprise::store {

constexpr std::size_t run_answers_listed_max = 600;                    // Of one run: three arms of 200 exchanges.
constexpr std::uint64_t run_answers_bytes_max = 8ULL << 20;            // Of one run; bodies beyond it are left out.
constexpr std::uint64_t all_answers_bytes_max = 2ULL << 30;            // Of all runs; those of the oldest go.

struct answer_totals {
    std::uint64_t runs = 0;
    std::uint64_t bytes = 0;
};

// Joins what a trial brought with what is known of the run. errc::too_large: a row beyond run_answers_listed_max.
result<void> save_run_answers(
    transaction& tx, std::string_view run_id, std::string_view evidence_id,
    std::span<const model::exchange_answers> answers, std::int64_t now_ns
);
// By exchange, then arm.
result<std::vector<model::exchange_answers>> list_run_answers(const reader& from, std::string_view run_id);
// A run that takes up the trials of another has their answers, too.
result<void> copy_run_answers(transaction& tx, std::string_view from_run, std::string_view to_run);
result<void> delete_run_answers(transaction& tx, std::string_view run_id);
// Of all runs of a bundle that is deleted.
result<void> delete_evidence_answers(transaction& tx, std::string_view evidence_id);

result<answer_totals> sum_run_answers(const reader& from);
// Of the oldest runs, at most runs_max of them, until all together are within the limit; how many runs lost theirs.
result<std::uint64_t> trim_run_answers(transaction& tx, std::uint64_t bytes_max, std::size_t runs_max);

}  // namespace reprise::store
