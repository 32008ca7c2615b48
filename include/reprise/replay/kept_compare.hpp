#pragma once

#include "reprise/model/evidence.hpp"
#include "reprise/model/kept_answer.hpp"
#include "reprise/replay/compare.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// A captured exchange beside what a run's targets answered to it. Pure, any thread.
namespace reprise::replay {

enum class answer_side : std::uint8_t { captured, replayed, last_good };

struct side_comparison {
    answer_side left = answer_side::captured;
    answer_side right = answer_side::replayed;
    answer_comparison comparison;
    bool has_status = true;    // What is not known of one side is not compared.
    bool has_headers = true;
    bool has_body = true;
};

enum class answer_match : std::uint8_t {
    same,       // No difference counts.
    changed,
    no_answer,  // Of the target.
};

// What is kept of one exchange of the bundle.
struct replayed_exchange {
    std::size_t exchange = 0;                                // Its place in the bundle.
    const model::exchange_answers* replayed = nullptr;       // Of the failing arm, or the control.
    const model::exchange_answers* last_good = nullptr;      // Null without a last-good target.
};

// Those of the bundle's exchanges of which something is kept, in its order. Points into `answers`.
std::vector<replayed_exchange> list_replayed(std::span<const model::exchange_answers> answers);

// By operation, the fields in which answers to the same request differ: to one that was sent several times, and to
// several that are the same.
class answer_noise {
public:
    answer_noise(
        std::span<const model::evidence_item> items, std::span<const model::exchange_answers> answers
    );

    bool covers(const model::operation_key& operation, std::string_view path) const;

private:
    void learn(
        const model::operation_key& operation, const model::kept_answer& one, const model::kept_answer& other
    );

    std::map<std::string, std::set<std::string, std::less<>>, std::less<>> fields_;
};

// Captured and replayed; with a last-good answer also captured and last good, last good and replayed. None of a side
// without an answer.
std::vector<side_comparison> compare_kept(
    const model::exchange& captured, const replayed_exchange& replayed, const answer_noise& noise,
    const compare_options& options
);

answer_match match_of(const replayed_exchange& replayed, std::span<const side_comparison> comparisons) noexcept;

// When the bundle's traffic was captured: values made then do not count.
telemetry::time_interval interval_of(std::span<const model::evidence_item> items) noexcept;

std::string_view to_text(answer_side value) noexcept;
std::string_view to_text(answer_match value) noexcept;

}  // namespace reprise::replay
