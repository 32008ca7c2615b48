#pragma once

#include "hook_content.hpp"

#include "reprise/net/url.hpp"

#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <string_view>

// The envelope of Amazon SNS. Pure.
namespace reprise::ingest {

constexpr std::string_view sns_notification = "Notification";
constexpr std::string_view sns_subscribe = "SubscriptionConfirmation";
constexpr std::string_view sns_unsubscribe = "UnsubscribeConfirmation";
constexpr std::string_view sns_raw = "raw";  // Delivered without its envelope.

struct sns_message {
    std::string type;
    std::string message_id;
    std::string topic_arn;
    std::optional<std::string> subject;
    std::string message;
    std::string timestamp;
    std::string signature_version;
    std::string signature;      // base64
    std::string signing_cert_url;
    std::string token;          // Of confirmations.
    std::string subscribe_url;

    bool is_confirmation() const noexcept { return type != sns_notification; }
};

// Types other than the three are an error that names them, as is a member without which there is nothing to read.
boost::system::result<sns_message, hook_fault> parse_sns(std::string_view body);

// What a message lacks of all that SNS sends and signs; nothing when it is whole.
std::optional<hook_fault> find_missing_part(const sns_message& message);

// What SNS signs.
std::string sns_signed_text(const sns_message& message);

struct sns_topic {
    std::string partition;  // "aws", "aws-cn", "aws-us-gov".
    std::string region;
    std::string account;
    std::string name;
};

// "arn:aws:sns:eu-west-1:123456789012:alarms".
std::optional<sns_topic> find_sns_topic(std::string_view arn);

// "sns.eu-west-1.amazonaws.com", in China with ".cn".
std::string sns_host(const sns_topic& topic);

// An https address of that topic's SNS, on its own port and without user or fragment; nothing for any other.
std::optional<net::url> find_sns_url(std::string_view text, const sns_topic& topic);
// The same, for a certificate: its path ends in .pem and there is no query.
std::optional<net::url> find_certificate_url(std::string_view text, const sns_topic& topic);

}  // namespace reprise::ingest
