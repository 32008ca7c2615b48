#pragma once

#include "reprise/model/approval.hpp"
#include "reprise/model/person.hpp"

#include <cstdint>
#include <span>

// What a person has to do with an approval already.
namespace reprise::lifecycle {

enum class own_part : std::uint8_t { none, started, edited };

// For CRITICAL only; at lower levels the starter may decide.
own_part has_own_part(const model::approval& approval, const model::person& person);
bool has_approved(std::span<const model::decision> decisions, const model::person& person);

}  // namespace reprise::lifecycle
