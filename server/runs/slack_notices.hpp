#pragma once

#include "delivery_report.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/forge/slack_api.hpp"
#include "reprise/store/deliveries.hpp"
#include "reprise/store/slack.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace reprise::store {
class database;
}

namespace reprise::runs {

// Tells Slack about one notice by bringing its message to what the database says now: a late or repeated notice
// writes nothing that is out of date, and nothing twice. One call at a time for a subject (the lane sees to that).
class slack_notices {
public:
    slack_notices(store::database& database, forge::slack_api& api, const clock& time, std::string public_url);

    boost::asio::awaitable<delivery_report> tell(const store::delivery& one);

private:
    // What is to be shown.
    struct plan {
        std::string key;               // Of the message: "approval/<id>", "approval/<id>/reminder/50".
        boost::json::object message;   // Empty: nothing to say any more.
        std::string skipped;           // Why not, then.
        std::optional<store::slack_message> known;   // The message with this key.
        std::optional<store::slack_message> parent;  // Reminders answer to it.
        bool only_change = false;      // A message that was never written is not written now.
        bool changes = false;          // A known message is brought up to date; otherwise it stays.
    };

    result<plan> load(const store::reader& from, const store::delivery& one) const;
    boost::asio::awaitable<delivery_report> change(const store::slack_message& known, boost::json::object message);
    boost::asio::awaitable<delivery_report> write(const store::delivery& one, plan wanted);
    boost::asio::awaitable<forge::slack_result> look_for(std::string key, std::int64_t since_ns);
    boost::asio::awaitable<delivery_report> remember(store::slack_message message);

    store::database& database_;
    forge::slack_api& api_;
    const clock& time_;
    std::string public_url_;
};

}  // namespace reprise::runs
