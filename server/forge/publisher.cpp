#include "reprise/forge/publisher.hpp"

#include <algorithm>

namespace reprise::forge {
namespace {

bool is_permanent(const error_code& error)
{
    return error == errc::invalid_argument || error == errc::conflict || error == errc::corrupt
        || error == errc::too_large;
}

std::int64_t delay_ns(std::uint32_t attempts_done, const outbox_policy& policy)
{
    std::int64_t delay = std::min(policy.delay_first_ns, policy.delay_max_ns);
    for (std::uint32_t i = 1; i < attempts_done && delay < policy.delay_max_ns; ++i)
        delay = delay > policy.delay_max_ns / 2 ? policy.delay_max_ns : delay * 2;
    return delay;
}

}  // namespace

outbox_decision decide_next(
    std::uint32_t attempts_done, const error_code& error, std::int64_t now_ns, const outbox_policy& policy
)
{
    if (!error)
        return {outbox_state::published, 0};
    if (is_permanent(error) || attempts_done >= policy.attempts_max)
        return {outbox_state::failed, 0};
    return {outbox_state::pending, now_ns + delay_ns(attempts_done, policy)};
}

}  // namespace reprise::forge
