#pragma once

#include "config.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/pipeline/alarms.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <optional>
#include <string_view>

namespace reprise::net {
class router;
}
namespace reprise::store {
class database;
}

namespace reprise::app {

// What the hooks are built on. Everything by reference must outlive them.
struct hook_needs {
    const config& settings;
    const clock& time;
    boost::asio::any_io_executor blocking;
    store::database& database;
    metrics& numbers;
    pipeline::alarm_policy alarms;
};

// Webhooks of other systems, from their secrets to the alarms they become. build(), add_routes() and start() in this
// order, by the thread that owns it; build() blocks.
class hook_intake {
public:
    explicit hook_intake(hook_needs needs);
    ~hook_intake();
    hook_intake(const hook_intake&) = delete;
    hook_intake& operator=(const hook_intake&) = delete;

    std::optional<config_error> build();
    void add_routes(net::router& routes);
    // The loop that works on what was kept; it ends with the group.
    void start(task_group& tasks);

    // "github", "generic/backup": what is taken. After build().
    std::vector<std::string> list_sources() const;

    // Requests to this path prove themselves who they are.
    static bool takes_path(std::string_view path) noexcept;

private:
    struct parts;

    std::unique_ptr<parts> parts_;
};

}  // namespace reprise::app
