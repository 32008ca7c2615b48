#pragma once

#include "config.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/forge/sealed_secrets.hpp"
#include "reprise/forge/slack_api.hpp"
#include "reprise/forge/webhook_sender.hpp"
#include "reprise/http/api.hpp"
#include "reprise/runs/deliverer.hpp"
#include "reprise/store/transaction.hpp"

#include <memory>
#include <string>
#include <vector>

// Webhooks and Slack, made from the configuration.
namespace reprise::app {

struct notice_senders {
    std::unique_ptr<forge::sealed_secrets> secrets;
    forge::webhook_rules rules;
    std::unique_ptr<forge::webhook_sender> webhooks;
    std::unique_ptr<forge::slack_api> slack;  // Null: not configured.
    std::vector<std::string> slack_signing_secrets;
};

// Reads the files of keys and secrets (webhook.key is made when missing); contacts nobody.
config_result<notice_senders> make_notice_senders(const config& settings, const clock& time, metrics& numbers);

runs::delivery_policy delivery_policy_of(const config& settings, std::string public_url);

http::outside_parts http_parts_of(const notice_senders& from);

// The queue for Slack as the configuration wants it: there, or off.
result<void> set_slack(store::transaction& tx, const config& settings, std::int64_t now_ns);

}  // namespace reprise::app
