#include "fuzz_target.hpp"
#include "require.hpp"

#include "../../server/ingest/hook_json.hpp"
#include "../../server/ingest/hook_source.hpp"
#include "../../server/ingest/sns_message.hpp"

#include <boost/json/parse.hpp>

#include <array>

// Webhooks of every source. The first two bytes choose the source and what it calls its kind. Nothing throws; every
// alarm can be told from others and fits its limits; what the check of keys takes, the reader parses.
namespace reprise::fuzz {
namespace {

constexpr std::array<std::string_view, 12> events = {
    "Notification", "SubscriptionConfirmation", "raw",          "event_alert",       "error",        "issue",
    "metric_alert", "workflow_run",             "pull_request", "deployment_status", "installation", ""};

void check_alarm(const model::alarm& alarm, std::string_view source)
{
    require_same(alarm.source, source, "source");
    require(!alarm.event_key.empty(), "an alarm that cannot be told from others");
    require(!alarm.service.empty() && !alarm.error_type.empty(), "an alarm without service or type");
    require(alarm.frames.size() <= model::alarm_frames_max, "too many frames");
    require(alarm.labels.size() <= model::alarm_labels_max, "too many labels");
    require(alarm.link.empty() || alarm.link.starts_with("https://"), "a link that is no https address");
    require(alarm.occurred_ns >= 0, "a time before 1970");
}

void check_json(std::string_view body)
{
    boost::json::parse_options options;
    options.max_depth = ingest::hook_json_depth_max;
    boost::system::error_code ec;
    const auto parsed = boost::json::parse(body, ec, {}, options);
    const auto fault = ingest::find_json_fault(body);
    require(fault || !ec, "the check takes what the parser refuses");
    const bool is_repeated = fault && fault->find("stands twice") != std::string::npos;
    require(!fault || ec || is_repeated, "the check refuses what the parser takes");
}

void check_addresses(std::string_view body)
{
    const auto topic = ingest::find_sns_topic("arn:aws:sns:eu-west-1:123456789012:alarms");
    const auto url = ingest::find_certificate_url(body, *topic);
    require(!url || url->origin() == "https://sns.eu-west-1.amazonaws.com", "a certificate from elsewhere");
    const auto other = ingest::find_sns_topic(body);
    require(!other || net::parse_url("https://" + ingest::sns_host(*other)).has_value(), "a topic without a host");
}

}  // namespace

void hook_content(std::string_view input)
{
    if (input.size() < 2)
        return;
    const auto pick = [&input](std::size_t at, std::size_t count) {
        return static_cast<unsigned char>(input[at]) % count;
    };
    std::string source(ingest::hook_source_texts[pick(0, ingest::hook_source_texts.size())]);
    if (source == "generic")
        source += "/fuzz";
    const std::string_view event = events[pick(1, events.size())];
    const std::string_view body = input.substr(2);

    check_json(body);
    check_addresses(body);
    const auto content = ingest::read_content({source, event, "delivery", body, 1});
    if (!content) {
        require(!content.error().reason.empty(), "a refusal without a reason");
        return;
    }
    require(content->alarms.size() <= ingest::hook_alarms_max, "too many alarms");
    const bool is_empty = content->alarms.empty() && content->events.empty() && !content->subscription;
    require(!is_empty || !content->note.empty() || source == "alertmanager" || source == "grafana",
            "nothing in it, and no word why");
    for (const model::alarm& alarm : content->alarms)
        check_alarm(alarm, source);
}

}  // namespace reprise::fuzz
