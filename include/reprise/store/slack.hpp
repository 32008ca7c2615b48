#pragma once

#include "reprise/model/person.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What we must remember about Slack: which message tells about what, and who a Slack user is here.
namespace reprise::store {

struct slack_message {
    std::string subject;  // "approval/<id>", "approval/<id>/reminder/50".
    std::string channel;  // The channel's id, as Slack gave it back.
    std::string ts;       // The message's id there.
    std::int64_t created_ns = 0;
};

// The first one of a subject stays.
result<void> insert_slack_message(transaction& tx, const slack_message& value);
result<std::optional<slack_message>> find_slack_message(const reader& from, std::string_view subject);

// The person's Slack user; the empty id takes the link away. errc::conflict when the Slack user is somebody else's.
result<void> link_slack_user(
    transaction& tx, std::string_view person_id, std::string_view slack_user_id, std::string_view linked_by,
    std::int64_t now_ns
);
struct slack_person {
    std::string person_id;
    std::string name;
    std::string slack_user_id;
    std::string linked_by;
    std::int64_t linked_ns = 0;
};
// By name.
result<std::vector<slack_person>> list_slack_people(const reader& from, std::size_t limit);
result<std::string> find_slack_user(const reader& from, std::string_view person_id);  // Empty: none.
// Nobody when the user is unknown; a disabled person is found, too.
result<std::optional<model::person>> find_person_by_slack_user(const reader& from, std::string_view slack_user_id);

}  // namespace reprise::store
