#include "trace_names.hpp"

namespace reprise::detect {

std::string_view owner_name(const model::trace_span& span) noexcept
{
    return span.agent.empty() ? span.name : span.agent;
}

std::string_view tool_name(const model::trace& trace, std::uint32_t span, std::uint32_t tool_span) noexcept
{
    if (tool_span != model::no_span && !trace.spans[tool_span].tool.empty())
        return trace.spans[tool_span].tool;
    return span == model::no_span ? std::string_view() : trace.spans[span].tool;
}

std::string member_name(const model::trace& trace, std::uint32_t span, std::uint32_t tool_span)
{
    std::string name(owner_name(trace.spans[span]));
    const std::string_view tool = tool_name(trace, span, tool_span);
    return tool.empty() ? name : name + " (" + std::string(tool) + ")";
}

std::string place_name(const model::trace_span& span)
{
    return std::string(owner_name(span)) + (span.service.empty() ? "" : " of " + std::string(span.service));
}

}  // namespace reprise::detect
