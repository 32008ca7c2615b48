#include "reprise/forge/slack_interaction.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/forge/slack_message.hpp"
#include "reprise/net/url.hpp"

#include <boost/json/parse.hpp>

#include <optional>

namespace json = boost::json;

namespace reprise::forge {
namespace {

constexpr std::string_view form_field = "payload=";
constexpr int depth_max = 32;
constexpr std::size_t id_bytes_max = 64;
constexpr std::size_t trigger_bytes_max = 256;
constexpr std::size_t hash_hex_digits = 64;

// The value at a path of members; null when one of them is missing or no object.
const json::value* find_at(const json::value& from, std::initializer_list<std::string_view> path)
{
    const json::value* at = &from;
    for (const std::string_view member : path) {
        const json::object* const object = at->if_object();
        at = object != nullptr ? object->if_contains(member) : nullptr;
        if (at == nullptr)
            return nullptr;
    }
    return at;
}

std::string text_at(const json::value& from, std::initializer_list<std::string_view> path, std::size_t bytes_max)
{
    const json::value* const found = find_at(from, path);
    if (found == nullptr || !found->is_string() || found->get_string().size() > bytes_max)
        return {};
    return std::string(found->get_string());
}

// Takes "<approval>:<hash>" apart, and the channel behind it if there is one.
bool read_carried(std::string_view text, slack_interaction& into)
{
    const std::size_t first = text.find(':');
    if (first == std::string_view::npos)
        return false;
    const std::size_t second = text.find(':', first + 1);
    into.approval_id = text.substr(0, first);
    into.content_hash = text.substr(first + 1, second == std::string_view::npos ? second : second - first - 1);
    if (second != std::string_view::npos)
        into.channel = text.substr(second + 1, id_bytes_max);
    return is_ulid(into.approval_id) && into.content_hash.size() == hash_hex_digits &&
           !from_hex(into.content_hash).empty();
}

result<slack_interaction> read_actions(const json::value& payload, slack_interaction read)
{
    const json::value* const actions = find_at(payload, {"actions"});
    if (actions == nullptr || !actions->is_array() || actions->get_array().empty())
        return errc::invalid_argument;
    const json::value& action = actions->get_array().front();
    const std::string name = text_at(action, {"action_id"}, id_bytes_max);
    if (name != slack_approve && name != slack_reject)
        return read;
    read.channel = text_at(payload, {"container", "channel_id"}, id_bytes_max);
    if (read.channel.empty())
        read.channel = text_at(payload, {"channel", "id"}, id_bytes_max);
    read.trigger_id = text_at(payload, {"trigger_id"}, trigger_bytes_max);
    if (!read_carried(text_at(action, {"value"}, trigger_bytes_max), read))
        return errc::invalid_argument;
    using deed = slack_interaction::deed;
    read.what = name == slack_approve ? deed::approve : deed::ask_reject;
    return read;
}

result<slack_interaction> read_submission(const json::value& payload, slack_interaction read)
{
    if (text_at(payload, {"view", "callback_id"}, id_bytes_max) != slack_reject)
        return read;
    if (!read_carried(text_at(payload, {"view", "private_metadata"}, trigger_bytes_max), read))
        return errc::invalid_argument;
    constexpr std::size_t comment_bytes = 16U << 10;
    read.comment =
        text_at(payload, {"view", "state", "values", slack_comment, slack_comment, "value"}, comment_bytes);
    read.what = slack_interaction::deed::reject;
    return read;
}

}  // namespace

result<slack_interaction> parse_slack_interaction(std::string_view body)
{
    if (!body.starts_with(form_field) || body.find('&') != std::string_view::npos)
        return errc::invalid_argument;
    const auto text = net::percent_decode(body.substr(form_field.size()), true);
    if (!text)
        return errc::invalid_argument;
    json::parse_options options;
    options.max_depth = depth_max;
    error_code ec;
    const json::value payload = json::parse(*text, ec, {}, options);
    if (ec || !payload.is_object())
        return errc::invalid_argument;
    slack_interaction read;
    read.user_id = text_at(payload, {"user", "id"}, id_bytes_max);
    if (read.user_id.empty())
        return errc::invalid_argument;
    const std::string type = text_at(payload, {"type"}, id_bytes_max);
    if (type == "block_actions")
        return read_actions(payload, std::move(read));
    if (type == "view_submission")
        return read_submission(payload, std::move(read));
    return read;
}

std::string carry(const slack_interaction& from)
{
    return from.approval_id + ":" + from.content_hash + ":" + from.channel;
}

}  // namespace reprise::forge
