#pragma once

#include "reprise/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::forge {

// What a person did with one of our messages or dialogs.
struct slack_interaction {
    enum class deed : std::uint8_t {
        approve,       // A button.
        ask_reject,    // A button: open the dialog.
        reject,        // The dialog, with its comment.
        other,         // Links and whatever is not ours: taken, and nothing is done.
    };
    deed what = deed::other;
    std::string user_id;      // "U0123456789".
    std::string channel;      // Where the message is.
    std::string trigger_id;   // For opening a dialog, three seconds long.
    std::string approval_id;
    std::string content_hash; // What the message showed.
    std::string comment;
};

// `body` is the form as it came: "payload=" and percent-encoded JSON. Only after its signature was checked.
// errc::invalid_argument when it is not that, or what is ours in it is not of our making.
result<slack_interaction> parse_slack_interaction(std::string_view body);

// What travels with buttons and dialogs: "<approval>:<hash>" and, in dialogs, ":<channel>".
std::string carry(const slack_interaction& from);

}  // namespace reprise::forge
