#pragma once

#include "reprise/lifecycle/alarm_rules.hpp"
#include "reprise/model/alarm.hpp"
#include "reprise/store/alarms.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::pipeline {

// An alarm with what follows from it. Identity comes from the text as it came, where ids are masked; everything
// else is made from the redacted text, which is all that is kept.
struct told_alarm {
    store::stored_alarm row;
    lifecycle::alarm_sight sight;
    std::string description_key;
    std::string likeness_text;
};

told_alarm describe_alarm(const model::alarm& alarm, std::string_view redaction_key, std::int64_t now_ns);

// One that was described and stored before.
told_alarm recall_alarm(store::stored_alarm row);

// One line for people: the title, or the error and its first line.
std::string headline(const model::alarm& alarm);

// What it says beside that: the first line of its description, else the headline again.
std::string explanation_of(const model::alarm& alarm);

// "GET /users/17" -> "/users/{id}".
std::string route_template(std::string_view route);

}  // namespace reprise::pipeline
