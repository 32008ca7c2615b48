#include "hook_reading.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace reprise::ingest {
namespace {

using model::alarm_state;
using test::at;
using test::label;
using test::only_alarm;

// What CloudWatch writes, shortened.
constexpr std::string_view lambda_alarm = R"json({
  "AlarmName": "checkout-errors", "AlarmDescription": "errors of checkout", "AWSAccountId": "123456789012",
  "NewStateValue": "ALARM", "NewStateReason": "Threshold Crossed: 1 datapoint [7.0] was greater than 5.0.",
  "StateChangeTime": "2026-11-21T03:59:35.120+0000", "Region": "EU (Ireland)",
  "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-errors", "OldStateValue": "OK",
  "Trigger": {"MetricName": "Errors", "Namespace": "AWS/Lambda", "StatisticType": "Statistic", "Statistic": "SUM",
    "Dimensions": [{"value": "live", "name": "Resource"}, {"value": "checkout", "name": "FunctionName"}]}})json";

std::string envelope(std::string_view message, std::string_view type = "Notification")
{
    boost::json::object made = {
        {"Type", type},
        {"MessageId", "165545c9-2a5c-472c-8df2-7ff2be2b3b1b"},
        {"TopicArn", "arn:aws:sns:eu-west-1:123456789012:alarms"},
        {"Subject", "ALARM: checkout-errors"},
        {"Message", message},
        {"Timestamp", "2026-11-21T04:00:00.000Z"}};
    return boost::json::serialize(made);
}

model::alarm alarm_of(std::string_view message)
{
    return only_alarm(test::read("sns", "Notification", envelope(message)));
}

TEST(hook_sns, an_alarm_of_cloudwatch_is_read_in_full)
{
    const auto alarm = alarm_of(lambda_alarm);

    EXPECT_EQ(alarm.source, "sns");
    EXPECT_EQ(alarm.event_key, "delivery-1");
    EXPECT_EQ(alarm.state, alarm_state::firing);
    EXPECT_EQ(alarm.service, "checkout");
    EXPECT_EQ(alarm.error_type, "CW_ALARM_AWS_LAMBDA_ERRORS");
    EXPECT_EQ(alarm.title, "checkout-errors is ALARM");
    EXPECT_EQ(alarm.description, "Threshold Crossed: 1 datapoint [7.0] was greater than 5.0.");
    EXPECT_EQ(alarm.resource, "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-errors");
    EXPECT_EQ(alarm.group_key, alarm.resource);
    EXPECT_EQ(alarm.occurred_ns, at("2026-11-21T03:59:35.120Z"));
    EXPECT_EQ(label(alarm, "region"), "EU (Ireland)");
    EXPECT_EQ(label(alarm, "FunctionName"), "checkout");
    EXPECT_EQ(label(alarm, "topic"), "arn:aws:sns:eu-west-1:123456789012:alarms");
}

TEST(hook_sns, other_states_open_nothing)
{
    EXPECT_EQ(alarm_of(R"({"AlarmName":"a","NewStateValue":"OK"})").state, alarm_state::resolved);
    EXPECT_EQ(alarm_of(R"({"AlarmName":"a","NewStateValue":"INSUFFICIENT_DATA"})").state, alarm_state::unknown);
    EXPECT_EQ(alarm_of(R"({"AlarmName":"a"})").state, alarm_state::firing);
}

TEST(hook_sns, the_first_dimension_that_names_a_service_does)
{
    const auto service = [](std::string_view dimensions) {
        return alarm_of(std::string(R"({"Trigger":{"Dimensions":)").append(dimensions).append("}}")).service;
    };

    EXPECT_EQ(service(R"([{"Name":"ServiceName","Value":"shop"},{"name":"function","value":"later"}])"), "shop");
    EXPECT_EQ(service(R"([{"name":"SERVICE","value":"shop"}])"), "shop");
    EXPECT_EQ(service(R"([{"name":"InstanceId","value":"i-1"}])"), "unknown");
    EXPECT_EQ(service(R"([7, {"name":"service"}])"), "unknown");
    EXPECT_EQ(service("{}"), "unknown");
}

TEST(hook_sns, an_alarm_without_metric_or_namespace_has_the_plain_type)
{
    EXPECT_EQ(alarm_of(R"({"Trigger":{"MetricName":"Errors"}})").error_type, "CW_ALARM");
    EXPECT_EQ(alarm_of(R"({"Trigger":{"Namespace":"AWS/Lambda"}})").error_type, "CW_ALARM");
    EXPECT_EQ(
        alarm_of(R"({"Trigger":{"MetricName":"HTTPCode_5XX","Namespace":"AWS/Application/ELB"}})").error_type,
        "CW_ALARM_AWS_APPLICATION_ELB_HTTPCODE_5XX"
    );
}

TEST(hook_sns, a_message_that_is_no_alarm_is_told_as_it_stands)
{
    const auto alarm = alarm_of("disk is full");

    EXPECT_EQ(alarm.title, "ALARM: checkout-errors");
    EXPECT_EQ(alarm.description, "disk is full");
    EXPECT_EQ(alarm.error_type, "CW_ALARM");
    EXPECT_EQ(alarm.service, "unknown");
    EXPECT_EQ(alarm.occurred_ns, at("2026-11-21T04:00:00Z"));
    EXPECT_EQ(alarm_of("[1,2]").description, "[1,2]");
}

TEST(hook_sns, without_a_subject_there_is_still_a_title)
{
    const auto content = test::read("sns", "Notification", R"({"Type":"Notification","Message":"disk is full"})");
    EXPECT_EQ(only_alarm(content).title, "sns_notification");
}

TEST(hook_sns, a_raw_delivery_is_the_message_alone)
{
    const auto alarm = only_alarm(test::read("sns", "raw", lambda_alarm));

    EXPECT_EQ(alarm.service, "checkout");
    EXPECT_EQ(alarm.error_type, "CW_ALARM_AWS_LAMBDA_ERRORS");
}

TEST(hook_sns, a_subscription_asks_to_be_confirmed_and_its_end_is_noted)
{
    const auto confirmation = test::read(
        "sns", "SubscriptionConfirmation",
        R"({"Type":"SubscriptionConfirmation","TopicArn":"arn","Message":"m","SubscribeURL":"https://sns","Token":"t"})"
    );
    const auto end = test::read(
        "sns", "UnsubscribeConfirmation", R"({"Type":"UnsubscribeConfirmation","TopicArn":"arn","Message":"m"})"
    );

    ASSERT_TRUE(confirmation && confirmation->subscription);
    EXPECT_EQ(confirmation->subscription->topic, "arn");
    EXPECT_EQ(confirmation->subscription->url, "https://sns");
    ASSERT_TRUE(end.has_value());
    EXPECT_TRUE(end->alarms.empty());
    EXPECT_EQ(end->note, "unsubscribed from arn");
}

TEST(hook_sns, an_unknown_type_is_named)
{
    const auto content = test::read("sns", "Surprise", envelope("{}", "Surprise"));
    ASSERT_TRUE(content.has_error());
    EXPECT_NE(content.error().reason.find("\"Surprise\""), std::string::npos);
}

}  // namespace
}  // namespace reprise::ingest
