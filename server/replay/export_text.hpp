#pragma once

#include "reprise/replay/export.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::replay {

// Nothing when the reproducer can be written in every form.
std::optional<refusal> find_unsendable(const reproducer& from);

// Nothing unless the condition asks for calls, which a file of this language cannot see.
std::optional<refusal> find_unobservable(const reproducer& from, std::string_view language);

// A part of a reproducer as it lies in reproducers/; empty when there is none of that name.
std::string_view template_of(std::string_view name);

// The template of that name with its places filled: @@HEAD@@ by comment lines, @@DATA@@ and @@NEEDS@@ by texts.
std::string fill_template(
    std::string_view name, const reproducer& from, std::string_view comment, std::string_view data,
    std::string_view needs = {}
);

// Printable ASCII stays, everything else becomes '?': for comments, which no text can leave.
std::string in_comment(std::string_view text);

// Place of the request a value comes from.
std::size_t place_of(const scenario& what, const carried_value& value);

// Without a needless exponent or trailing zeros.
std::string number_text(double value);
std::string seconds_text(std::int64_t ns);

std::string_view to_text(answer_part part) noexcept;

}  // namespace reprise::replay
