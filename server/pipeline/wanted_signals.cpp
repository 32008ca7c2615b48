#include "wanted_signals.hpp"

#include "reprise/detect/settings.hpp"
#include "reprise/store/detection_settings.hpp"
#include "reprise/store/signals.hpp"
#include "reprise/store/suppressions.hpp"

#include <set>
#include <utility>

namespace reprise::pipeline {
namespace {

// Several sources may tell the same window; those of one window count once.
constexpr std::size_t sightings_max = 500;

}  // namespace

result<earlier_sightings> find_earlier_sightings(const store::reader& from, const model::signal& signal)
{
    const auto set = store::load_service_detection(from, signal.operation.service);
    if (!set)
        return set.error();
    const auto wanted = static_cast<std::size_t>(set->settings.occurrences_min.value_or(1));
    earlier_sightings found;
    found.enough = wanted <= 1;
    if (found.enough)
        return found;
    const std::int64_t since_ns = signal.window_end_ns - detect::occurrences_remembered_ns;
    auto known = store::list_unplaced_signals(from, signal.fingerprint, since_ns, sightings_max);
    if (!known)
        return known.error();
    std::set<std::int64_t> windows = {signal.window_start_ns};
    for (model::signal& one : *known) {
        if (one.window_start_ns >= signal.window_end_ns)
            continue;
        windows.insert(one.window_start_ns);
        found.signals.push_back(std::move(one));
    }
    found.enough = windows.size() >= wanted;
    return found;
}

result<bool> suppress(store::transaction& tx, model::signal& signal, std::int64_t now_ns)
{
    signal.suppressed_by.clear();  // Of a commit that is tried again.
    auto by = store::find_suppression_of(tx, signal, now_ns);
    if (!by)
        return {boost::system::in_place_error, by.error()};
    if (!*by)
        return false;
    if (auto counted = store::count_suppressed(tx, **by, now_ns); !counted)
        return {boost::system::in_place_error, counted.error()};
    signal.suppressed_by = std::move(**by);
    return true;
}

}  // namespace reprise::pipeline
