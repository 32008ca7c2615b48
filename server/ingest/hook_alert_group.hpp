#pragma once

#include "hook_content.hpp"

#include <boost/json/object.hpp>

namespace reprise::ingest {

// The groups of alerts that Alertmanager sends, and Grafana after it.
struct alert_group_form {
    std::string_view group_label;  // Says where the group lies: "receiver".
    bool tells_lost_data = false;  // Alerts named DatasourceNoData and DatasourceError are none about the service.
};

read_hook read_alert_group(const hook_body& hook, const boost::json::object& group, const alert_group_form& form);

}  // namespace reprise::ingest
