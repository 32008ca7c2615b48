#include "overflow_routes.hpp"

#include <algorithm>
#include <utility>

namespace reprise::pipeline {
namespace {

bool is_same(const model::operation_key& known, const model::operation_view& seen)
{
    return known.route == seen.route && known.method == seen.method && known.kind == seen.kind &&
           known.source == seen.source;
}

}  // namespace

void overflow_routes::add(const model::operation_view& operation, std::uint64_t records)
{
    model::operation_view cut = operation;
    cut.route = cut.route.substr(0, text_bytes_max);
    const auto known = std::find_if(places_.begin(), places_.end(), [&cut](const place& one) {
        return is_same(one.route.operation, cut);
    });
    if (known != places_.end()) {
        known->route.records += records;
        return;
    }
    if (places_.size() < routes_max) {
        places_.push_back({{model::operation_key(cut), records}, 0});
        return;
    }
    place& rarest = *std::min_element(places_.begin(), places_.end(), [](const place& a, const place& b) {
        return a.route.records < b.route.records;
    });
    rarest.taken_over = rarest.route.records;
    rarest.route = {model::operation_key(cut), rarest.route.records + records};
}

std::vector<overflowed_route> overflow_routes::take()
{
    std::vector<overflowed_route> taken;
    for (place& one : std::exchange(places_, {})) {
        one.route.records -= one.taken_over;
        taken.push_back(std::move(one.route));
    }
    std::sort(taken.begin(), taken.end(), [](const auto& a, const auto& b) { return a.records > b.records; });
    return taken;
}

}  // namespace reprise::pipeline
