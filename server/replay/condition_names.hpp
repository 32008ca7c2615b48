#pragma once

#include "reprise/replay/condition.hpp"

#include <array>
#include <string>
#include <string_view>

namespace reprise::replay {

struct named_subject {
    std::string_view name;
    subject what;
};

inline constexpr std::array subjects = {
    named_subject{"status", subject::status},   named_subject{"latency", subject::latency},
    named_subject{"body", subject::body},       named_subject{"header", subject::header},
    named_subject{"json", subject::json},       named_subject{"p50", subject::p50},
    named_subject{"p90", subject::p90},         named_subject{"p95", subject::p95},
    named_subject{"p99", subject::p99},         named_subject{"failing", subject::failing},
    named_subject{"unanswered", subject::unanswered},
    named_subject{"calls", subject::calls},     named_subject{"peak", subject::peak},
    named_subject{"arrivals", subject::arrivals},
};

struct named_comparison {
    std::string_view name;
    comparison how;
};

// Longer signs first: ">=" begins with ">".
inline constexpr std::array comparisons = {
    named_comparison{"==", comparison::equal},       named_comparison{"!=", comparison::not_equal},
    named_comparison{"<=", comparison::less_equal},  named_comparison{">=", comparison::greater_equal},
    named_comparison{"<", comparison::less},         named_comparison{">", comparison::greater},
    named_comparison{"contains", comparison::contains}, named_comparison{"matches", comparison::matches},
};

const named_subject* find_subject(std::string_view name) noexcept;
bool may_compare(subject what, comparison how) noexcept;
std::string subject_list();
std::string comparison_list(subject what);

// As the language compares numbers.
bool compare_numbers(double left, comparison how, double right) noexcept;

}  // namespace reprise::replay
