#pragma once

#include "staged_output.hpp"

#include "reprise/model/exchange.hpp"
#include "reprise/replay/export.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

namespace reprise::app {

// What a smallest scenario is written as.
enum class reproducer_form : unsigned char { curl, pytest, gtest, har, rrpair };

std::optional<reproducer_form> find_reproducer_form(std::string_view name) noexcept;

// Whole or not at all; `rrpair` makes a snapshot directory. Blocks on disk. `captured`: what the scenario was made of.
outcome_of_step write_reproducer(
    const replay::reproducer& from, std::span<const model::exchange> captured, reproducer_form form,
    const std::filesystem::path& path, bool force
);

}  // namespace reprise::app
