#pragma once

#include "hook_box.hpp"
#include "hook_refusals.hpp"
#include "hook_source.hpp"
#include "sns_verify.hpp"

#include "reprise/ingest/hooks.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace reprise::ingest {

// What routes and processor share. Built once; its parts say how they may be used from several threads.
class hooks::state {
public:
    state(hook_settings settings_, hook_parts parts_);

    // Whether deliveries of this source are taken.
    bool takes(hook_source source, std::string_view name) const;
    // Tells the processor that there is work, if it runs.
    void ring();
    void set_bell(std::function<void()> bell);
    // Once a minute: strangers shall not fill the log.
    bool may_log_stranger();

    const hook_settings settings;
    const hook_parts parts;
    hook_box box;
    hook_refusals refusals;
    sns_certificates certificates;
    sns_verifier sns;

    counter& processed;
    counter& failed;
    counter& put_back;
    counter& taken_alarms;
    gauge& bodies_bytes;
    gauge& failed_kept;

private:
    std::mutex bell_mutex_;
    std::function<void()> bell_;
    std::atomic<std::int64_t> stranger_logged_ns_{0};
};

// "github", "generic/<name>": as deliveries are stored.
std::string stored_source(hook_source source, std::string_view name);

}  // namespace reprise::ingest
