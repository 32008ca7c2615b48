#include "reprise/telemetry/rrpair.hpp"

#include "json_cursor.hpp"
#include "json_value.hpp"
#include "rrpair_object.hpp"

#include <boost/json/serialize.hpp>

namespace reprise::telemetry {
namespace {

boost::json::object* object_in(boost::json::object& holder, std::string_view key)
{
    boost::json::value* const found = holder.if_contains(key);
    return found == nullptr ? nullptr : found->if_object();
}

// The cursor stands before the message's text.
void keep_body_of(json_cursor& cursor, boost::json::object& message)
{
    cursor.for_each_member([&](std::string_view key) {
        const auto raw = cursor.take_value();
        boost::json::value* const body = key == "body" ? message.if_contains(key) : nullptr;
        if (raw && body != nullptr && !body->is_string() && !body->is_null())
            *body = *raw;
    });
}

}  // namespace

result<model::exchange> parse_rrpair_json(std::string_view text, std::string_view service, std::size_t* offset)
{
    std::size_t stopped = 0;
    auto value = parse_json(text, &stopped);
    if (!value && offset != nullptr)
        *offset = stopped;
    if (!value || !value->is_object())
        return errc::malformed_json;
    keep_body_text(text, value->get_object());
    return parse_rrpair_object(value->get_object(), service);
}

void keep_body_text(std::string_view text, boost::json::object& pair)
{
    json_cursor cursor(text);
    cursor.for_each_member([&](std::string_view key) {
        boost::json::object* const http = object_in(pair, key);
        if (key != "http" || http == nullptr) {
            cursor.take_value();
            return;
        }
        cursor.for_each_member([&](std::string_view part) {
            boost::json::object* const message = object_in(*http, part);
            const bool is_message = part == "request" || part == "req" || part == "response" || part == "res";
            if (is_message && message != nullptr)
                keep_body_of(cursor, *message);
            else
                cursor.take_value();
        });
    });
}

std::string write_rrpair_json(const model::exchange& exchange)
{
    return boost::json::serialize(rrpair_object(exchange));
}

}  // namespace reprise::telemetry
