#pragma once

#include "reprise/telemetry/value_flow.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Exchanges that values flow between, made by hand, and the flows as text.
namespace reprise::telemetry::test {

using model::header_list;

inline const header_list json_headers{{"Content-Type", "application/json"}};
inline constexpr std::string_view token = "tok_7Gh2kQ9zLmX4";

inline header_list with(header_list headers, std::string_view name, std::string_view value)
{
    headers.emplace_back(name, value);
    return headers;
}

inline model::exchange sent(
    std::string_view method, std::string_view path, header_list headers = {}, std::string_view body = {}
)
{
    model::exchange made;
    made.method = method;
    made.path = path;
    made.request_headers = std::move(headers);
    made.request_body = body;
    made.complete = true;
    return made;
}

inline model::exchange answered(
    model::exchange made, std::string_view body, header_list headers = json_headers, int status = 200
)
{
    made.status = status;
    made.response_headers = std::move(headers);
    made.response_body = body;
    return made;
}

// "0 body /token -> 1 header authorization\n"
inline std::string listed(const value_flows& found)
{
    std::string out;
    for (const value_flow& flow : found.flows) {
        const value_source& source = found.sources[flow.source];
        out += std::to_string(source.exchange) + " " + to_text(source.place) + " -> " + std::to_string(flow.exchange) +
               " " + to_text(flow.place) + "\n";
    }
    return out;
}

inline std::string flows_of(const std::vector<model::exchange>& exchanges)
{
    return listed(find_value_flows(exchanges));
}

}  // namespace reprise::telemetry::test
