#include "live_protocol.hpp"

#include "json_text.hpp"

#include "reprise/base/id.hpp"
#include "reprise/live/hub.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::array<std::string_view, 8> plain_topics = {
    "incidents", "signals", "approvals", "overview", "services", "runs", "alarms", "traces",
};
constexpr std::string_view run_prefix = "runs/";
constexpr std::size_t epoch_bytes_max = 64;

}  // namespace

checked<live_request> parse_live_request(std::string_view text)
{
    json::parse_options options;
    options.max_depth = 4;
    error_code ec;
    const json::value value = json::parse(text, ec, {}, options);
    if (ec || !value.is_object())
        return refuse("a message must be a JSON object");
    const json::object& body = value.get_object();
    const json::value* topics = body.if_contains("subscribe");
    if (!topics || !topics->is_array() || topics->get_array().size() > live::subscriber::topics_max)
        return refuse("subscribe must be a list of at most 64 topics");
    live_request out;
    for (const json::value& topic : topics->get_array()) {
        if (!topic.is_string())
            return refuse("a topic must be text");
        out.topics.emplace_back(topic.get_string());
    }
    const auto epoch = read_text(body, "epoch", epoch_bytes_max);
    if (!epoch)
        return epoch.error();
    out.epoch = *epoch;
    if (const json::value* after = body.if_contains("after"); after && !after->is_null()) {
        error_code not_whole;
        const auto number = after->to_number<std::int64_t>(not_whole);
        if (not_whole || number < 0)
            return refuse("after must be a sequence number");
        out.after = number;
    }
    return out;
}

std::optional<need> find_topic_need(std::string_view topic) noexcept
{
    if (std::find(plain_topics.begin(), plain_topics.end(), topic) != plain_topics.end())
        return need::viewer;
    if (topic.starts_with(run_prefix) && is_ulid(topic.substr(run_prefix.size())))
        return need::viewer;
    return std::nullopt;
}

resume_kind decide_resume(const live_request& request, const history& known) noexcept
{
    if (request.epoch.empty() || !request.after)
        return resume_kind::fresh;
    const bool is_known_place = *request.after <= known.last_seq && *request.after + 1 >= known.first_seq;
    if (request.epoch != known.epoch || !is_known_place)
        return resume_kind::resync;
    return resume_kind::replay;
}

std::string hello_text(const history& known, std::string_view server_version, std::int64_t heartbeat_ms)
{
    json::object out;
    out["type"] = "hello";
    out["epoch"] = known.epoch;
    out["seq"] = known.last_seq;
    out["server_version"] = server_version;
    out["heartbeat_ms"] = heartbeat_ms;
    return json_text(out);
}

std::string resync_text(std::int64_t as_of)
{
    return json_text(json::object{{"type", "resync"}, {"as_of", as_of}});
}

}  // namespace reprise::http
