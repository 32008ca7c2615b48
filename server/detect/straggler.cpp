#include "straggler.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

namespace reprise::detect {
namespace {

using model::no_span;
using model::span_role;

// When the last of these would end, each begun by the first place that is free.
std::int64_t play_through(std::span<const std::int64_t> durations, std::uint32_t places)
{
    std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> free_at;
    for (std::uint32_t place = 0; place < places; ++place)
        free_at.push(0);
    std::int64_t last_ns = 0;
    for (const std::int64_t duration_ns : durations) {
        const std::int64_t end_ns = sum_ns(free_at.top(), duration_ns);
        free_at.pop();
        free_at.push(end_ns);
        last_ns = std::max(last_ns, end_ns);
    }
    return last_ns;
}

// The call below it that took longest: of a tool if there is one, else to another service or a database.
std::uint32_t find_slow_call(const span_tree& tree, std::uint32_t member)
{
    std::uint32_t slowest = no_span;
    int rank_of_slowest = 0;
    for (const std::uint32_t span : tree.subtree(member).subspan(1)) {
        const bool is_call =
            tree[span].kind == model::operation_kind::client || tree[span].kind == model::operation_kind::db;
        const int rank = tree[span].role == span_role::tool ? 2 : is_call ? 1 : 0;
        if (rank == 0 || rank < rank_of_slowest)
            continue;
        if (rank > rank_of_slowest || tree.duration_ns(span) > tree.duration_ns(slowest)) {
            slowest = span;
            rank_of_slowest = rank;
        }
    }
    return slowest;
}

struct candidate {
    std::size_t at = 0;  // Among the members.
    std::int64_t delay_ns = 0;
};

class straggler_search {
public:
    straggler_search(
        const span_tree& tree, std::span<const std::uint32_t> members, std::uint32_t peak, const trace_limits& limits
    )
        : tree_(tree), members_(members), peak_(peak), ratio_(limits.straggler_ratio)
    {
        for (const std::uint32_t member : members)
            durations_.push_back(tree.duration_ns(member));
        middle_ns_ = median_ns(durations_);
        std::vector<std::int64_t> deviations;
        for (const std::int64_t duration_ns : durations_)
            deviations.push_back(std::max(duration_ns, middle_ns_) - std::min(duration_ns, middle_ns_));
        const auto spread_ns = static_cast<double>(median_ns(std::move(deviations)));
        usual_ns_ = static_cast<double>(middle_ns_) + limits.straggler_mad * spread_ns;
    }

    std::int64_t duration_ns(std::size_t at) const { return durations_[at]; }
    double limit_ns() const { return std::max(usual_ns_, ratio_ * static_cast<double>(middle_ns_)); }

    std::optional<candidate> last_to_end() const
    {
        std::size_t last = 0;
        std::int64_t second_end_ns = std::numeric_limits<std::int64_t>::min();
        for (std::size_t at = 1; at < members_.size(); ++at) {
            const bool is_later = tree_.end_ns(members_[at]) > tree_.end_ns(members_[last]);
            second_end_ns = std::max(second_end_ns, tree_.end_ns(members_[is_later ? last : at]));
            if (is_later)
                last = at;
        }
        if (!is_slow(last) || members_.size() < 2)
            return std::nullopt;
        return candidate{last, tree_.end_ns(members_[last]) - second_end_ns};
    }

    std::optional<candidate> longest_of_waves() const
    {
        const auto longest =
            static_cast<std::size_t>(std::max_element(durations_.begin(), durations_.end()) - durations_.begin());
        if (!is_slow(longest) || members_.size() <= peak_)
            return std::nullopt;
        std::vector<std::int64_t> evened = durations_;
        evened[longest] = middle_ns_;
        return candidate{longest, play_through(durations_, peak_) - play_through(evened, peak_)};
    }

private:
    bool is_slow(std::size_t at) const
    {
        const auto duration_ns = static_cast<double>(durations_[at]);
        return duration_ns > usual_ns_ && duration_ns >= ratio_ * static_cast<double>(middle_ns_);
    }

    const span_tree& tree_;
    std::span<const std::uint32_t> members_;
    std::uint32_t peak_;
    double ratio_;
    std::vector<std::int64_t> durations_;
    std::int64_t middle_ns_ = 0;
    double usual_ns_ = 0;  // Up to here nothing is unusual.
};

}  // namespace

std::int64_t median_ns(std::vector<std::int64_t> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1)
        return *middle;
    return std::midpoint(*std::max_element(values.begin(), middle), *middle);
}

std::optional<model::straggler> find_straggler(
    const span_tree& tree, std::uint32_t parent, std::span<const std::uint32_t> members, std::uint32_t peak,
    const trace_limits& limits
)
{
    const straggler_search search(tree, members, peak, limits);
    std::optional<candidate> found = search.last_to_end();
    const std::optional<candidate> longest = search.longest_of_waves();
    if (longest && (!found || (longest->at != found->at && longest->delay_ns > found->delay_ns)))
        found = longest;
    const std::int64_t parent_ns = tree.duration_ns(parent);
    if (!found || found->delay_ns <= 0 || parent_ns == 0)
        return std::nullopt;
    model::straggler slow;
    slow.span = members[found->at];
    slow.duration_ns = search.duration_ns(found->at);
    slow.limit_ns = static_cast<std::int64_t>(search.limit_ns());
    slow.delay_ns = found->delay_ns;
    slow.parent_share = static_cast<double>(found->delay_ns) / static_cast<double>(parent_ns);
    if (slow.parent_share < limits.straggler_parent_share)
        return std::nullopt;
    slow.tool_span = find_slow_call(tree, slow.span);
    return slow;
}

}  // namespace reprise::detect
