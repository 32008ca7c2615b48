#include "look.hpp"

#include "marker.hpp"

#include "reprise/base/time_text.hpp"

namespace reprise::forge {
namespace {

constexpr std::int64_t clock_difference_ns = 600 * ns_per_s;  // Between the tracker's clock and ours.
constexpr std::size_t number_digits_max = 18;

std::optional<std::int64_t> floor_ns(std::string_view key)
{
    const auto made = find_key_time_ns(key);
    if (!made || *made < clock_difference_ns)
        return std::nullopt;
    return *made - clock_difference_ns;
}

bool is_older(const json::value& entry, const listing& list, std::string_view key)
{
    const auto floor = floor_ns(key);
    if (list.created.empty() || !floor)
        return false;
    const auto created = parse_rfc3339(text_at(entry, list.created));
    return created && *created < *floor;
}

std::string id_of(const json::value& entry)
{
    if (const auto number = number_at(entry, "id"))
        return std::to_string(*number);
    return text_at(entry, "id");
}

}  // namespace

page_end search_page(const json::array& entries, const listing& list, const effect& wanted)
{
    page_end end;
    for (const json::value& entry : entries) {
        if (!list.not_with.empty() && find_at(entry, list.not_with) != nullptr)
            continue;
        if (const auto hash = find_marker(text_at(entry, list.text), wanted.key)) {
            end.found = adopt(wanted, list.link.empty() ? std::string() : link_at(entry, list.link), *hash);
            end.id = id_of(entry);
            return end;
        }
    }
    end.is_last = entries.size() < look_page_size || is_older(entries.back(), list, wanted.key);
    return end;
}

std::string page_query(std::size_t page)
{
    return "&per_page=" + std::to_string(look_page_size) + "&page=" + std::to_string(page);
}

std::string since_query(std::string_view name, std::string_view key)
{
    const auto floor = floor_ns(key);
    return floor ? "&" + std::string(name) + "=" + encoded(format_rfc3339(*floor)) : std::string();
}

effect_failure too_many(const listing& list, const effect& wanted)
{
    const std::size_t entries = look_pages_max * look_page_size;
    return refused(
        "there are more than " + std::to_string(entries) + " " + list.what + " since this was found, too many to " +
        "tell that it was not published already; search for " + wanted.key + " there, and publish by hand if it is not"
    );
}

std::optional<std::string> find_parent_number(std::string_view url, std::string_view path)
{
    const auto scheme = url.find("://");
    const auto host_end = scheme == std::string_view::npos ? scheme : url.find('/', scheme + 3);
    if (host_end == std::string_view::npos)
        return std::nullopt;
    const auto at = url.find(path, host_end);
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view rest = url.substr(at + path.size());
    const std::string_view number = rest.substr(0, rest.find_first_not_of("0123456789"));
    const bool ends = number.size() == rest.size() || rest[number.size()] == '#' || rest[number.size()] == '?' ||
                      rest[number.size()] == '/';
    if (number.empty() || number.size() > number_digits_max || !ends)
        return std::nullopt;
    return std::string(number);
}

}  // namespace reprise::forge
