#pragma once

#include "reprise/model/detection.hpp"
#include "reprise/store/transaction.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Which signals people do not want to hear of. Each change appends a live event: topic "services", type "suppression".
namespace reprise::store {

struct suppression_filter {
    std::string service;                               // Empty: any.
    std::optional<model::suppression_state> state;
    std::string after;                                 // Cursor: the last id of the page before.
    std::size_t limit = 50;
};

constexpr std::size_t suppressions_listed_max = 500;
constexpr std::uint64_t suppressions_standing_max = 100;  // Of one service: neither lifted nor over.

// errc::too_large beyond suppressions_standing_max.
result<void> insert_suppression(transaction& tx, const model::suppression& what, std::int64_t now_ns);

result<std::optional<model::suppression>> find_suppression(const reader& from, std::string_view id);
// Newest first; the states are those of now.
result<std::vector<model::suppression>> list_suppressions(
    const reader& from, const suppression_filter& filter, std::int64_t now_ns
);

// The oldest active one that the signal fits.
result<std::optional<std::string>> find_suppression_of(
    const reader& from, const model::signal& signal, std::int64_t now_ns
);
// One more signal kept quiet. errc::not_found.
result<void> count_suppressed(transaction& tx, std::string_view id, std::int64_t now_ns);

// errc::not_found when there is none or it was lifted before.
result<void> lift_suppression(transaction& tx, std::string_view id, std::string_view by, std::int64_t now_ns);

}  // namespace reprise::store
