#pragma once

#include "staged_output.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/model/exchange.hpp"
#include "reprise/replay/export.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace reprise::app {

// What a smallest scenario is written as.
enum class reproducer_form : unsigned char { curl, pytest, gtest, har, rrpair, bundle };

// What a scenario was made of.
struct scenario_origin {
    std::vector<model::exchange> captured;   // The requests, as the scenario numbers them.
    std::vector<model::exchange> calls;      // What the service sent out, for a mock.
    std::optional<archive::bundle> bundle;   // Where they come from an evidence bundle, without its items.
    archive::minimised_from minimised;
};

std::optional<reproducer_form> find_reproducer_form(std::string_view name) noexcept;

// Whole or not at all; `rrpair` makes a snapshot directory. Blocks on disk.
outcome_of_step write_reproducer(
    const replay::reproducer& from, const scenario_origin& origin, reproducer_form form,
    const std::filesystem::path& path, bool force
);

}  // namespace reprise::app
