#pragma once

#include "reprise/base/metrics.hpp"
#include "reprise/forge/effect.hpp"
#include "reprise/forge/trackers.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise::forge {

// The longest that publish() of a set takes. A lease over an effect must be longer, or two workers publish at once.
constexpr std::chrono::seconds publish_time_max{120};
constexpr std::chrono::seconds check_time_max{15};  // The longest that check() of a set takes: a person waits for it.

// All trackers of one server, and what runs publish through: finds the one for a target, refuses what no tracker may
// be asked, ends every call after publish_time_max (as unknown), lets one call per key go at a time, and counts.
// publish() is safe from any strand. Filled before the first call.
class tracker_set final : public tracker {
public:
    explicit tracker_set(metrics& numbers);

    // `name` is what metrics and sentences call it: "github".
    void add(std::string name, std::unique_ptr<tracker> one);
    void add_remote(std::string name, std::unique_ptr<remote_tracker> one);

    bool takes(std::string_view target) const noexcept override;
    boost::asio::awaitable<effect_result> publish(effect wanted) override;

    // What can be asked with check(), by name.
    std::vector<std::pair<std::string, remote_tracker*>> list_remote() const;

    // Who we are there, asked of one of these; each is asked by one call at a time. errc::not_found: no such.
    // errc::conflict: it is being asked. errc::timed_out: it took longer than check_time_max. Any strand.
    boost::asio::awaitable<result<check_result>> check(std::string name);

    // "file, github": for sentences.
    std::string names() const;

private:
    struct entry {
        std::string name;
        std::unique_ptr<tracker> one;
        remote_tracker* remote = nullptr;
        counter* published = nullptr;
        counter* adopted = nullptr;
        counter* refused = nullptr;
        counter* later = nullptr;
        counter* unknown = nullptr;
    };

    // While it lives, nothing else goes on under the key; whatever ends it, a cancellation included.
    class under_way;

    const entry* find(std::string_view target) const noexcept;
    boost::asio::awaitable<effect_result> publish_in_time(tracker& one, effect wanted);
    bool begin(const std::string& key);
    void end(const std::string& key);

    metrics& numbers_;
    std::vector<entry> entries_;
    std::mutex mutex_;
    std::set<std::string> under_way_;
};

}  // namespace reprise::forge
