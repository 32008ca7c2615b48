#include "reprise/forge/effect.hpp"

#include <boost/assert/source_location.hpp>

#include <stdexcept>

namespace reprise::forge {

void throw_exception_from_error(const effect_failure& failure, const boost::source_location&)
{
    throw std::logic_error("the value of a failed effect was taken: " + failure.text);
}

std::string_view to_text(effect_kind value) noexcept
{
    switch (value) {
    case effect_kind::ticket: return "ticket";
    case effect_kind::pull_request: return "pull_request";
    case effect_kind::comment: break;
    }
    return "comment";
}

std::optional<effect_kind> find_effect_kind(std::string_view text) noexcept
{
    for (const effect_kind one : {effect_kind::ticket, effect_kind::pull_request, effect_kind::comment}) {
        if (to_text(one) == text)
            return one;
    }
    return std::nullopt;
}

}  // namespace reprise::forge
