#pragma once

#include "../../server/ingest/sns_message.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/ingest/hooks.hpp"

#include "support/message_signer.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

// Amazon's part, played by an authority of our own.
namespace reprise::ingest::test {

using reprise::test::message_authority;
using reprise::test::message_signer;

inline const std::string sns_topic_arn = "arn:aws:sns:eu-west-1:123456789012:alarms";

struct sns_letter {
    std::string type = "Notification";
    std::string id = "165545c9-2a5c-472c-8df2-7ff2be2b3b1b";
    std::string topic = sns_topic_arn;
    std::string message = R"({"AlarmName":"checkout-errors","NewStateValue":"ALARM"})";
    std::string version = "2";
    std::string cert_url = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem";
    std::string subscribe_url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc";
    std::int64_t age_ns = 0;
    bool tamper = false;  // Change it after it was signed.
};

// Keys take their time to be made: one authority and one signer for all tests of the process.
inline const message_authority& shared_authority()
{
    static const message_authority made;
    return made;
}
inline const std::shared_ptr<message_signer>& shared_signer()
{
    static const auto made = std::make_shared<message_signer>(shared_authority());
    return made;
}

class sns_office final : public sns_port {
public:
    boost::asio::awaitable<result<std::string>> fetch(const net::url& from) override
    {
        const std::lock_guard lock(mutex_);
        ++fetches_;
        fetched_.push_back(from.origin() + from.target);
        if (std::exchange(fail_next_, false))
            co_return net::errc::connect_failed;
        co_return signer_->pem();
    }

    std::string write(const sns_letter& letter, std::int64_t now_ns) const
    {
        sns_message made;
        made.type = letter.type;
        made.message_id = letter.id;
        made.topic_arn = letter.topic;
        made.message = letter.message;
        made.timestamp = format_rfc3339(now_ns - letter.age_ns);
        if (made.is_confirmation()) {
            made.token = "abc";
            made.subscribe_url = letter.subscribe_url;
        }
        const std::string text = sns_signed_text(made);
        const std::string signature = letter.version == "1" ? signer_->sign_sha1(text) : signer_->sign_sha256(text);
        boost::json::object body = {
            {"Type", made.type},
            {"MessageId", made.message_id},
            {"TopicArn", made.topic_arn},
            {"Message", letter.tamper ? made.message + " " : made.message},
            {"Timestamp", made.timestamp},
            {"SignatureVersion", letter.version},
            {"Signature", to_base64(signature)},
            {"SigningCertURL", letter.cert_url}};
        if (made.is_confirmation()) {
            body["Token"] = made.token;
            body["SubscribeURL"] = made.subscribe_url;
        }
        return boost::json::serialize(body);
    }

    const std::string& ca_file() const { return shared_authority().ca_file(); }
    std::size_t fetches() const
    {
        const std::lock_guard lock(mutex_);
        return fetches_;
    }
    std::vector<std::string> fetched() const
    {
        const std::lock_guard lock(mutex_);
        return fetched_;
    }
    void fail_next()
    {
        const std::lock_guard lock(mutex_);
        fail_next_ = true;
    }
    void sign_as(const message_authority& other) { signer_ = std::make_shared<message_signer>(other); }

private:
    std::shared_ptr<message_signer> signer_ = shared_signer();
    mutable std::mutex mutex_;
    std::size_t fetches_ = 0;
    std::vector<std::string> fetched_;
    bool fail_next_ = false;
};

}  // namespace reprise::ingest::test
