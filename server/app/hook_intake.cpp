#include "hook_intake.hpp"

#include "hook_settings.hpp"
#include "running_server.hpp"

#include "reprise/base/log.hpp"
#include "reprise/ingest/hooks.hpp"
#include "reprise/ingest/sns_client.hpp"
#include "reprise/net/router.hpp"
#include "reprise/pipeline/alarms.hpp"
#include "reprise/store/database.hpp"

#include <string>
#include <utility>

namespace reprise::app {
namespace {

constexpr const char* hook_key_name = "hooks.key";

config_result<std::shared_ptr<net::certificate_trust>> load_sns_trust(const config& settings)
{
    if (settings.hooks_sns_topics.empty())
        return std::shared_ptr<net::certificate_trust>();
    auto trust = net::load_certificate_trust(settings.hooks_sns_ca_file);
    if (!trust)
        return config_error{"intake.hooks.sns.ca_file: " + trust.error().text};
    return std::move(*trust);
}

std::string join(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names)
        text.append(text.empty() ? "" : ", ").append(name);
    return text;
}

}  // namespace

struct hook_intake::parts {
    explicit parts(hook_needs needs_in) : needs(std::move(needs_in)) {}

    hook_needs needs;
    std::unique_ptr<pipeline::alarm_counters> counters;
    std::unique_ptr<ingest::sns_client> sns;
    std::unique_ptr<ingest::hooks> hooks;

    ingest::hook_parts hook_parts_of(std::shared_ptr<net::certificate_trust> trust);
};

hook_intake::hook_intake(hook_needs needs) : parts_(std::make_unique<parts>(std::move(needs))) {}
hook_intake::~hook_intake() = default;

ingest::hook_parts hook_intake::parts::hook_parts_of(std::shared_ptr<net::certificate_trust> trust)
{
    auto accept = [this](store::transaction& tx, const model::alarm& alarm, std::int64_t now_ns) {
        return pipeline::accept_alarm(tx, alarm, needs.alarms, now_ns);
    };
    auto count = [this](const pipeline::alarm_outcome& outcome) { counters->add(outcome); };
    return {needs.database, needs.time, needs.numbers, needs.blocking, *sns, std::move(trust), std::move(accept),
            std::move(count)};
}

std::optional<config_error> hook_intake::build()
{
    parts& all = *parts_;
    const config& from = all.needs.settings;
    auto loaded = load_hook_settings(from);
    if (auto* wrong = std::get_if<config_error>(&loaded))
        return std::move(*wrong);
    auto& settings = std::get<ingest::hook_settings>(loaded);
    auto sealing_key = load_or_make_key(from.data_dir, hook_key_name);
    if (auto* wrong = std::get_if<config_error>(&sealing_key))
        return std::move(*wrong);
    settings.sealing_key = std::move(std::get<std::string>(sealing_key));
    auto trust = load_sns_trust(from);
    if (auto* wrong = std::get_if<config_error>(&trust))
        return std::move(*wrong);
    auto guard = net::target_guard::parse(ingest::sns_origins(settings.sns.topics), {});
    if (!guard)
        return config_error{"intake.hooks.sns.topics: " + guard.error().message()};
    all.counters = std::make_unique<pipeline::alarm_counters>(all.needs.numbers);
    all.sns = std::make_unique<ingest::sns_client>(std::move(*guard));
    auto needed = all.hook_parts_of(std::move(std::get<std::shared_ptr<net::certificate_trust>>(trust)));
    all.hooks = std::make_unique<ingest::hooks>(std::move(settings), std::move(needed));
    const auto sources = all.hooks->list_sources();
    if (!sources.empty())
        log_info("hooks", "taking webhooks of " + join(sources));
    return std::nullopt;
}

void hook_intake::add_routes(net::router& routes)
{
    parts_->hooks->add_routes(routes);
}

void hook_intake::start(task_group& tasks)
{
    tasks.spawn("hooks", parts_->hooks->run_hook_processor());
}

std::vector<std::string> hook_intake::list_sources() const
{
    return parts_->hooks->list_sources();
}

bool hook_intake::takes_path(std::string_view path) noexcept
{
    return ingest::hooks::is_hook_path(path);
}

}  // namespace reprise::app
