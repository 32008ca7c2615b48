#pragma once

#include "reprise/replay/compare.hpp"
#include "reprise/telemetry/body_fields.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace reprise::replay {

// Gathers differences within the limit and decides which count.
class difference_list {
public:
    explicit difference_list(const compare_options& options) : options_(options) {}

    // `why` when it is known not to count.
    void add(
        std::string path, difference_kind kind, std::string_view left, std::string_view right,
        std::string_view why = {}
    );
    bool ignores_array_order() const noexcept { return options_.ignores_array_order; }
    answer_comparison take() { return std::move(made_); }

private:
    std::string find_why(const difference& made, std::string_view left) const;

    const compare_options& options_;
    answer_comparison made_;
};

void compare_bodies(const telemetry::answer_parts& left, const telemetry::answer_parts& right, difference_list& out);

// By line, with the longest common part in between where it is short enough to look for.
void compare_lines(std::string_view left, std::string_view right, difference_list& out);

}  // namespace reprise::replay
