#pragma once

#include "hook_content.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Looking into the JSON of strangers: what is absent or of another type is empty, nothing throws.
namespace reprise::ingest {

constexpr std::size_t hook_json_depth_max = 64;

// Why `text` is no JSON that everybody reads alike; nothing when it is. A key that stands twice in one object is
// refused: parsers differ about which of the two counts.
std::optional<std::string> find_json_fault(std::string_view text);

// The object that a body is.
boost::system::result<boost::json::object, hook_fault> parse_hook_object(std::string_view body);

std::string_view text_of(const boost::json::object& from, std::string_view name) noexcept;
// Text, or a whole number as text: ids come as either.
std::string id_of(const boost::json::object& from, std::string_view name);
std::int64_t number_of(const boost::json::object& from, std::string_view name, std::int64_t otherwise = 0) noexcept;
bool flag_of(const boost::json::object& from, std::string_view name) noexcept;
// Null when there is none.
const boost::json::object* find_object(const boost::json::object& from, std::string_view name) noexcept;
const boost::json::array* find_array(const boost::json::object& from, std::string_view name) noexcept;
// The same, but empty when there is none.
const boost::json::object& object_of(const boost::json::object& from, std::string_view name) noexcept;
const boost::json::array& array_of(const boost::json::object& from, std::string_view name) noexcept;

// RFC 3339, with the offset written as +0000, too; 0 when it is no time or one before 1970.
std::int64_t time_of(std::string_view text);
// An https address as it stands; empty for anything else.
std::string link_of(std::string_view text);
// By the words that senders use: critical, page, P1; error, high; warning; info.
std::optional<model::severity> severity_of(std::string_view word);
// All that are text or numbers, as far as the alarm has room.
void add_labels(model::alarm& to, const boost::json::object& from);
void add_label(model::alarm& to, std::string_view name, std::string_view value);

// The first that is not empty.
template <class... Texts>
std::string_view first_of_texts(const Texts&... texts) noexcept
{
    std::string_view found;
    ((found.empty() ? void(found = texts) : void()), ...);
    return found;
}

// An alarm with what every source fills in alike.
model::alarm alarm_from(const hook_body& hook);

}  // namespace reprise::ingest
