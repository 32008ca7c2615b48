// A process that ends anywhere and starts again stores the same windows as one that never ended.

#include "reprise/pipeline/shard.hpp"

#include "support/traffic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace reprise::pipeline {
namespace {

using support::call;
using support::start_ns;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::size_t segment_entries = 3;

stream_limits small_limits()
{
    stream_limits limits;
    limits.window_ns = second;
    limits.lateness_ns = second;
    limits.idle_close_ns = 2 * second;
    limits.open_windows_max = 4;
    return limits;
}

// What a journal holds: batches and decisions of the clock, each with its time.
struct entry {
    std::int64_t time_ns = 0;
    std::variant<std::shared_ptr<const model::observation_batch>, std::vector<close_order>> what;
};

// Two services: one steady with an outage, one that speaks in bursts, goes quiet, comes late and once from
// far ahead.
std::vector<entry> make_journal()
{
    std::vector<entry> entries;
    std::uint64_t trace = 0;
    // The clock looks at what is there, as a live stream does.
    shard clock(small_limits());
    const auto add = [&](std::int64_t time_ns, const std::vector<call>& calls) {
        entries.push_back({time_ns, support::to_batch(calls)});
        clock.add(*support::to_batch(calls), {}, time_ns, [](std::string_view) { return true; });
        clock.close_passed();
    };
    const auto look = [&](std::int64_t time_ns) {
        if (auto orders = clock.list_idle(time_ns); !orders.empty()) {
            clock.close(orders);
            entries.push_back({time_ns, std::move(orders)});
        }
    };
    for (int i = 0; i < 24; ++i) {
        const std::int64_t at = start_ns + i * second / 2;
        auto steady = support::make_calls(at, 1, 6, trace, [i](call& one, int k) {
            one.status = i > 12 && k % 2 == 0 ? 500 : 200;
            if (k == 5)
                one.start_ns -= 2 * second;  // Sometimes late, sometimes just in time.
        });
        add(at + second, steady);
        if (i % 7 == 0) {
            auto burst = support::make_calls(at, 1, 4, trace, [i](call& one, int k) {
                one.service = "bursts";
                if (i == 14 && k == 0)
                    one.start_ns += 6 * second;  // Opens more windows than may be open.
            });
            add(at + second, burst);
        }
        look(at + second);
    }
    look(start_ns + 60 * second);
    return entries;
}

std::string text_of(const closed_window& window)
{
    std::string text = window.window.service + " " + std::to_string(window.window.start_ns) + " records " +
                       std::to_string(window.records) + "\n";
    for (const auto& operation : window.window.operations) {
        text += std::to_string(operation.operation_id);
        for (const auto count : operation.outcomes)
            text += " " + std::to_string(count);
        text += " " + operation.durations.encode();
        for (const std::string& id : operation.failing_trace_ids)
            text += " " + id;
        text += "\n";
    }
    for (const auto& found : window.found)
        text += found.signal.fingerprint + " " + found.signal.explanation + "\n";
    for (const auto& [id, state] : window.baselines)
        text += std::to_string(id) + "=" + state + "\n";
    return text;
}

// What the store holds after some commits, and the journal's segments that are still there.
struct durable_state {
    std::vector<std::string> windows;
    std::map<std::string, std::int64_t> closed_through;
    std::map<std::uint64_t, std::pair<model::operation_key, std::string>> baselines;
    std::set<std::size_t> deleted_segments;
};

class process {
public:
    explicit process(durable_state& durable) : durable_(durable)
    {
        for (const auto& [id, baseline] : durable_.baselines)
            shard_.restore_baseline(baseline.first, baseline.second);
        for (const auto& [service, through_ns] : durable_.closed_through)
            shard_.restore_closed(service, through_ns);
    }

    ~process()
    {
        for (const auto& window : waiting_)
            keep(window);
        for (auto& [segment, hold] : holds_)
            hold->keep();
        for (const auto& window : shard_.close_all())
            keep(window);
    }

    void take(const std::vector<entry>& journal, std::size_t index)
    {
        const std::size_t segment = index / segment_entries;
        if (durable_.deleted_segments.contains(segment))
            return;
        const shared_hold hold = hold_of(segment);
        const entry& one = journal[index];
        std::vector<closed_window> closed;
        if (const auto* orders = std::get_if<1>(&one.what)) {
            closed = shard_.close(*orders, hold);
        } else {
            shard_.add(*std::get<0>(one.what), {}, one.time_ns, [](std::string_view) { return true; }, hold);
            closed = shard_.close_passed();
        }
        for (closed_window& window : closed)
            waiting_.push_back(std::move(window));
    }

    // The oldest `count` of the windows that wait.
    void commit(std::size_t count)
    {
        for (; count > 0 && !waiting_.empty(); --count) {
            const closed_window& window = waiting_.front();
            durable_.windows.push_back(text_of(window));
            durable_.closed_through[window.window.service] = window.window.end_ns;
            for (std::size_t i = 0; i < window.baselines.size(); ++i)
                durable_.baselines[window.baselines[i].first] = {
                    window.window.operations[i].operation, window.baselines[i].second};
            waiting_.erase(waiting_.begin());
        }
    }

    // No further entry will lie in this segment.
    void seal(std::size_t segment) { holds_.erase(segment); }

private:
    shared_hold hold_of(std::size_t segment)
    {
        shared_hold& known = holds_[segment];
        if (!known)
            known = std::make_shared<segment_hold>([this, segment] { durable_.deleted_segments.insert(segment); });
        return known;
    }

    static void keep(const closed_window& window)
    {
        for (const shared_hold& hold : window.holds)
            hold->keep();
    }

    durable_state& durable_;
    shard shard_{small_limits()};
    std::vector<closed_window> waiting_;
    std::map<std::size_t, shared_hold> holds_;
};

void run(process& live, const std::vector<entry>& journal, std::size_t from, std::size_t to, std::size_t commit_each)
{
    for (std::size_t i = from; i < to; ++i) {
        live.take(journal, i);
        live.commit(commit_each);
        if ((i + 1) % segment_entries == 0)
            live.seal(i / segment_entries);
    }
}

std::vector<std::string> sorted(std::vector<std::string> windows)
{
    std::sort(windows.begin(), windows.end());
    return windows;
}

TEST(replay_equality, a_crash_at_any_entry_changes_no_window)
{
    const std::vector<entry> journal = make_journal();
    durable_state calm;
    {
        process only(calm);
        run(only, journal, 0, journal.size(), SIZE_MAX);
    }
    ASSERT_GT(calm.windows.size(), 10U);
    ASSERT_GT(calm.deleted_segments.size(), 5U) << "segments go when their windows are committed";

    for (const std::size_t commit_each : {std::size_t{0}, std::size_t{1}, SIZE_MAX}) {
        for (std::size_t crash = 1; crash <= journal.size(); ++crash) {
            durable_state durable;
            {
                process before(durable);
                run(before, journal, 0, crash, commit_each);
            }
            process after(durable);
            run(after, journal, 0, journal.size(), SIZE_MAX);
            ASSERT_EQ(sorted(durable.windows), sorted(calm.windows))
                << "crash after entry " << crash << ", commits per entry " << commit_each;
        }
    }
}

TEST(replay_equality, two_crashes_change_no_window_either)
{
    const std::vector<entry> journal = make_journal();
    durable_state calm;
    {
        process only(calm);
        run(only, journal, 0, journal.size(), SIZE_MAX);
    }
    for (std::size_t crash = 2; crash < journal.size(); crash += 3) {
        durable_state durable;
        {
            process before(durable);
            run(before, journal, 0, crash, 1);
        }
        {
            process after(durable);
            run(after, journal, 0, std::min(crash + 4, journal.size()), 1);
        }
        process last(durable);
        run(last, journal, 0, journal.size(), SIZE_MAX);
        ASSERT_EQ(sorted(durable.windows), sorted(calm.windows)) << "crash after entry " << crash;
    }
}

}  // namespace
}  // namespace reprise::pipeline
