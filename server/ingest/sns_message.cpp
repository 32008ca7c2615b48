#include "sns_message.hpp"

#include "hook_json.hpp"

#include <algorithm>
#include <array>

namespace reprise::ingest {
namespace {

constexpr std::size_t type_shown_bytes_max = 64;
constexpr std::uint16_t https_port = 443;

hook_fault missing(std::string_view name)
{
    return {"The SNS message has no " + std::string(name) + "."};
}

bool is_word(std::string_view text, std::size_t chars_min)
{
    const auto is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return text.size() >= chars_min && std::all_of(text.begin(), text.end(), is_allowed);
}

// It becomes a part of a host name, which has 63 characters and no hyphen at its ends.
bool is_region(std::string_view text)
{
    constexpr std::size_t label_chars_max = 63;
    return is_word(text, 3) && text.size() <= label_chars_max && !text.starts_with('-') && !text.ends_with('-');
}

void add_line(std::string& to, std::string_view name, std::string_view value)
{
    to.append(name).append("\n").append(value).append("\n");
}

std::string_view take_part(std::string_view& text)
{
    const auto end = text.find(':');
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

struct named_text {
    std::string_view name;
    std::string sns_message::*text;
};

constexpr std::array signed_parts = {
    named_text{"MessageId", &sns_message::message_id},
    named_text{"TopicArn", &sns_message::topic_arn},
    named_text{"Timestamp", &sns_message::timestamp},
    named_text{"SignatureVersion", &sns_message::signature_version},
    named_text{"Signature", &sns_message::signature},
    named_text{"SigningCertURL", &sns_message::signing_cert_url},
};

constexpr std::array confirmation_parts = {
    named_text{"Token", &sns_message::token},
    named_text{"SubscribeURL", &sns_message::subscribe_url},
};

}  // namespace

boost::system::result<sns_message, hook_fault> parse_sns(std::string_view body)
{
    const auto object = parse_hook_object(body);
    if (!object)
        return object.error();
    sns_message made;
    made.type = text_of(*object, "Type");
    if (made.type.empty())
        return missing("Type");
    if (made.type != sns_notification && made.type != sns_subscribe && made.type != sns_unsubscribe)
        return hook_fault{
            "The SNS message has Type \"" + made.type.substr(0, type_shown_bytes_max) +
            "\"; known are Notification, SubscriptionConfirmation and UnsubscribeConfirmation."};
    // An empty Message is one.
    if (!object->contains("Message"))
        return missing("Message");
    made.message = text_of(*object, "Message");
    for (const named_text& one : signed_parts)
        made.*one.text = text_of(*object, one.name);
    for (const named_text& one : confirmation_parts)
        made.*one.text = text_of(*object, one.name);
    if (made.signing_cert_url.empty())
        made.signing_cert_url = text_of(*object, "SigningCertUrl");
    if (const auto* const subject = object->if_contains("Subject"); subject != nullptr && subject->is_string())
        made.subject = text_of(*object, "Subject");
    return made;
}

std::optional<hook_fault> find_missing_part(const sns_message& message)
{
    for (const named_text& one : signed_parts) {
        if ((message.*one.text).empty())
            return missing(one.name);
    }
    if (!message.is_confirmation())
        return std::nullopt;
    for (const named_text& one : confirmation_parts) {
        if ((message.*one.text).empty())
            return missing(one.name);
    }
    return std::nullopt;
}

std::string sns_signed_text(const sns_message& message)
{
    std::string text;
    add_line(text, "Message", message.message);
    add_line(text, "MessageId", message.message_id);
    if (message.is_confirmation())
        add_line(text, "SubscribeURL", message.subscribe_url);
    else if (message.subject)
        add_line(text, "Subject", *message.subject);
    add_line(text, "Timestamp", message.timestamp);
    if (message.is_confirmation())
        add_line(text, "Token", message.token);
    add_line(text, "TopicArn", message.topic_arn);
    add_line(text, "Type", message.type);
    return text;
}

std::optional<sns_topic> find_sns_topic(std::string_view arn)
{
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (take_part(arn) != "arn")
        return std::nullopt;
    sns_topic made;
    made.partition = take_part(arn);
    const bool is_sns = take_part(arn) == "sns";
    made.region = take_part(arn);
    made.account = take_part(arn);
    made.name = arn;
    const bool is_account =
        !made.account.empty() && std::all_of(made.account.begin(), made.account.end(), is_digit);
    if (!is_sns || !made.partition.starts_with("aws") || !is_word(made.partition, 3) || !is_region(made.region) ||
        !is_account || made.name.empty() || made.name.find(':') != std::string::npos)
        return std::nullopt;
    return made;
}

std::string sns_host(const sns_topic& topic)
{
    std::string host = "sns." + topic.region + ".amazonaws.com";
    if (topic.partition == "aws-cn")
        host += ".cn";
    return host;
}

std::optional<net::url> find_sns_url(std::string_view text, const sns_topic& topic)
{
    const auto url = net::parse_url(text);
    if (!url || url->scheme != "https" || url->port != https_port || url->host != sns_host(topic))
        return std::nullopt;
    return *url;
}

std::optional<net::url> find_certificate_url(std::string_view text, const sns_topic& topic)
{
    auto url = find_sns_url(text, topic);
    if (!url || !url->target.ends_with(".pem") || url->target.find('?') != std::string::npos)
        return std::nullopt;
    return url;
}

}  // namespace reprise::ingest
