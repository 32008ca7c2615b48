#include "reprise/model/deployment.hpp"

#include "enum_text.hpp"

#include <array>

namespace reprise::model {
namespace {

constexpr std::array<std::string_view, 3> origin_texts = {"first", "observed", "reported"};

}  // namespace

std::string_view to_text(deployment_origin value) noexcept
{
    return enum_text(origin_texts, value);
}

std::optional<deployment_origin> find_deployment_origin(std::string_view text) noexcept
{
    return find_enum<deployment_origin>(origin_texts, text);
}

}  // namespace reprise::model
