#include "minimise_units.hpp"

#include "reprise/telemetry/body_edit.hpp"

#include <algorithm>
#include <map>
#include <memory>

namespace reprise::replay {
namespace {

constexpr std::uint32_t body_levels_max = 16;  // Deeper parts stay as they are.
constexpr std::size_t name_bytes_max = 80;

// One thing of one request: the index of a header, of a query field, of a part of the body.
struct place {
    std::size_t request = 0;
    std::size_t index = 0;
};

std::string shortened(std::string_view text)
{
    std::string made(text.substr(0, name_bytes_max));
    return text.size() > name_bytes_max ? made + "..." : made;
}

std::string of_request(const scenario_request& one)
{
    return " of request " + std::to_string(one.exchange + 1);
}

std::vector<std::string_view> fields_of(std::string_view path)
{
    std::vector<std::string_view> fields;
    const auto mark = path.find('?');
    if (mark == std::string_view::npos)
        return fields;
    for (std::size_t begin = mark + 1; begin <= path.size();) {
        const std::size_t end = std::min(path.find('&', begin), path.size());
        fields.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return fields;
}

telemetry::body_outline outline_of(const scenario_request& one)
{
    return telemetry::outline_body(
        model::find_header(one.headers, "content-type"), model::find_header(one.headers, "content-encoding"), one.body
    );
}

using taken_places = std::map<std::size_t, std::vector<std::size_t>>;  // Indexes by request, ascending.

taken_places list_taken(const std::vector<place>& places, const std::vector<bool>& kept)
{
    taken_places taken;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (!kept[i])
            taken[places[i].request].push_back(places[i].index);
    }
    return taken;
}

bool is_taken(const std::vector<std::size_t>& taken, std::size_t index)
{
    return std::binary_search(taken.begin(), taken.end(), index);
}

void take_headers(scenario_request& one, const std::vector<std::size_t>& taken)
{
    model::header_list left;
    for (std::size_t i = 0; i < one.headers.size(); ++i) {
        if (!is_taken(taken, i))
            left.push_back(std::move(one.headers[i]));
    }
    one.headers = std::move(left);
}

void take_fields(scenario_request& one, const std::vector<std::size_t>& taken)
{
    const auto fields = fields_of(one.path);
    std::string path = one.path.substr(0, one.path.find('?'));
    char sign = '?';
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (is_taken(taken, i))
            continue;
        path += sign;
        path += fields[i];
        sign = '&';
    }
    one.path = std::move(path);
}

void take_parts(scenario_request& one, const std::vector<std::size_t>& taken)
{
    const auto outline = outline_of(one);
    std::vector<bool> flags(outline.parts.size());
    for (const std::size_t index : taken)
        flags[index] = true;
    one.body = telemetry::without_parts(one.body, outline, flags);
}

// The list whose units are `places`, taken out of a request by `take`.
unit_list list_of(
    const scenario& base, std::vector<std::string> names, std::vector<place> places,
    void (*take)(scenario_request&, const std::vector<std::size_t>&)
)
{
    unit_list made;
    made.names = std::move(names);
    const auto kept_base = std::make_shared<const scenario>(base);
    made.apply = [kept_base, places = std::move(places), take](const std::vector<bool>& kept) {
        scenario left = *kept_base;
        for (const auto& [request, indexes] : list_taken(places, kept))
            take(left.requests[request], indexes);
        settle_values(left);
        return left;
    };
    return made;
}

}  // namespace

std::string request_name(const scenario_request& one)
{
    return shortened(one.method + " " + one.path) + " (request " + std::to_string(one.exchange + 1) + ")";
}

std::vector<bool> closed(std::vector<bool> kept, const need_list& needs)
{
    // What is needed stands earlier, so one walk from the end is enough.
    for (std::size_t i = kept.size(); i-- > 0;) {
        if (!kept[i] || i >= needs.size())
            continue;
        for (const std::uint32_t needed : needs[i])
            kept[needed] = true;
    }
    return kept;
}

need_list needs_within(const scenario& base, const scenario& all, const need_list& needs)
{
    std::map<std::uint32_t, std::uint32_t> place_of;
    for (std::uint32_t i = 0; i < base.requests.size(); ++i)
        place_of[base.requests[i].exchange] = i;
    need_list within(base.requests.size());
    for (std::size_t i = 0; i < all.requests.size() && i < needs.size(); ++i) {
        const auto self = place_of.find(all.requests[i].exchange);
        if (self == place_of.end())
            continue;
        for (const std::uint32_t needed : needs[i]) {
            const auto other = place_of.find(all.requests[needed].exchange);
            if (other != place_of.end() && other->second < self->second)
                within[self->second].push_back(other->second);
        }
    }
    return within;
}

unit_list request_units(const scenario& base, need_list needs)
{
    unit_list made;
    for (const scenario_request& one : base.requests)
        made.names.push_back(request_name(one));
    const auto kept_base = std::make_shared<const scenario>(base);
    made.apply = [kept_base, needs = std::move(needs)](const std::vector<bool>& kept) {
        return keep_requests(*kept_base, closed(kept, needs));
    };
    return made;
}

unit_list header_units(const scenario& base)
{
    std::vector<std::string> names;
    std::vector<place> places;
    for (std::size_t request = 0; request < base.requests.size(); ++request) {
        const scenario_request& one = base.requests[request];
        for (std::size_t i = 0; i < one.headers.size(); ++i) {
            names.push_back("header " + shortened(one.headers[i].first) + of_request(one));
            places.push_back({request, i});
        }
    }
    return list_of(base, std::move(names), std::move(places), take_headers);
}

unit_list query_units(const scenario& base)
{
    std::vector<std::string> names;
    std::vector<place> places;
    for (std::size_t request = 0; request < base.requests.size(); ++request) {
        const scenario_request& one = base.requests[request];
        const auto fields = fields_of(one.path);
        for (std::size_t i = 0; i < fields.size(); ++i) {
            names.push_back("query " + shortened(fields[i].substr(0, fields[i].find('='))) + of_request(one));
            places.push_back({request, i});
        }
    }
    return list_of(base, std::move(names), std::move(places), take_fields);
}

unit_list body_units(const scenario& base, std::uint32_t depth)
{
    std::vector<std::string> names;
    std::vector<place> places;
    for (std::size_t request = 0; request < base.requests.size(); ++request) {
        const scenario_request& one = base.requests[request];
        const auto outline = outline_of(one);
        for (std::size_t i = 0; i < outline.parts.size(); ++i) {
            if (outline.parts[i].depth != depth)
                continue;
            const std::string& path = outline.parts[i].path;
            names.push_back((path.empty() ? "the body" : "body " + shortened(path)) + of_request(one));
            places.push_back({request, i});
        }
    }
    return list_of(base, std::move(names), std::move(places), take_parts);
}

std::uint32_t count_body_levels(const scenario& base)
{
    std::uint32_t levels = 0;
    for (const scenario_request& one : base.requests) {
        for (const telemetry::body_part& part : outline_of(one).parts)
            levels = std::max(levels, part.depth + 1);
    }
    return std::min(levels, body_levels_max);
}

}  // namespace reprise::replay
