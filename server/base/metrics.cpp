#include "reprise/base/metrics.hpp"

#include <cassert>

namespace reprise {
namespace {

void append_sample(std::string& out, const std::string& name, const std::string& labels, std::string value)
{
    out += name;
    if (!labels.empty())
        out += "{" + labels + "}";
    out += " " + std::move(value) + "\n";
}

}  // namespace

metrics::family& metrics::find_or_add(std::string_view name, std::string_view help, bool is_counter)
{
    const auto found = families_.find(name);
    if (found != families_.end()) {
        assert(found->second.is_counter == is_counter);
        return found->second;
    }
    family& made = families_[std::string(name)];
    made.help = help;
    made.is_counter = is_counter;
    return made;
}

counter& metrics::add_counter(std::string_view name, std::string_view help, std::string_view labels)
{
    const std::lock_guard lock(mutex_);
    auto& slot = find_or_add(name, help, true).counters[std::string(labels)];
    if (!slot) {
        assert(series_ < series_max);
        ++series_;
        slot = std::make_unique<counter>();
    }
    return *slot;
}

gauge& metrics::add_gauge(std::string_view name, std::string_view help, std::string_view labels)
{
    const std::lock_guard lock(mutex_);
    auto& slot = find_or_add(name, help, false).gauges[std::string(labels)];
    if (!slot) {
        assert(series_ < series_max);
        ++series_;
        slot = std::make_unique<gauge>();
    }
    return *slot;
}

std::string metrics::render() const
{
    const std::lock_guard lock(mutex_);
    std::string out;
    for (const auto& [name, group] : families_) {
        out += "# HELP " + name + " " + group.help + "\n";
        out += "# TYPE " + name + (group.is_counter ? " counter\n" : " gauge\n");
        for (const auto& [labels, item] : group.counters)
            append_sample(out, name, labels, std::to_string(item->value()));
        for (const auto& [labels, item] : group.gauges)
            append_sample(out, name, labels, std::to_string(item->value()));
    }
    return out;
}

}  // namespace reprise
