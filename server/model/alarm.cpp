#include "reprise/model/alarm.hpp"

#include "enum_text.hpp"

#include <array>

namespace reprise::model {
namespace {

constexpr std::array<std::string_view, 3> alarm_state_texts = {"firing", "resolved", "unknown"};
constexpr std::array<std::string_view, 3> handling_class_texts = {"caught", "uncaught", "unknown"};

}  // namespace

std::string_view to_text(alarm_state value) noexcept
{
    return enum_text(alarm_state_texts, value);
}

std::string_view to_text(handling_class value) noexcept
{
    return enum_text(handling_class_texts, value);
}

std::optional<alarm_state> find_alarm_state(std::string_view text) noexcept
{
    return find_enum<alarm_state>(alarm_state_texts, text);
}

std::optional<handling_class> find_handling_class(std::string_view text) noexcept
{
    return find_enum<handling_class>(handling_class_texts, text);
}

}  // namespace reprise::model
