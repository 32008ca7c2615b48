#include "reprise/forge/tracker_set.hpp"

#include "api_failure.hpp"
#include "dialect.hpp"
#include "effect_check.hpp"

#include "reprise/base/log.hpp"
#include "reprise/base/within.hpp"

#include <algorithm>
#include <utility>

namespace asio = boost::asio;

namespace reprise::forge {
namespace {

constexpr const char* effects_name = "reprise_forge_effects_total";
constexpr const char* effects_help = "Tries to publish, by tracker and how they ended.";
constexpr std::size_t target_bytes_shown = 200;

// within() wants its own kind of result.
template <class Ended>
asio::awaitable<result<Ended>> boxed(asio::awaitable<Ended> work)
{
    Ended ended = co_await std::move(work);
    co_return result<Ended>(boost::system::in_place_value, std::move(ended));
}

}  // namespace

class tracker_set::under_way {
public:
    under_way(tracker_set& set, std::string key) : set_(set), key_(std::move(key)), is_first_(set_.begin(key_)) {}
    ~under_way()
    {
        if (is_first_)
            set_.end(key_);
    }
    under_way(const under_way&) = delete;
    under_way& operator=(const under_way&) = delete;

    // False: another call goes on under the key.
    bool is_first() const noexcept { return is_first_; }

private:
    tracker_set& set_;
    std::string key_;
    bool is_first_;
};

tracker_set::tracker_set(metrics& numbers) : numbers_(numbers) {}

void tracker_set::add(std::string name, std::unique_ptr<tracker> one)
{
    entry made;
    const auto count = [&](std::string_view end) {
        const std::string labels = "tracker=\"" + name + "\",end=\"" + std::string(end) + "\"";
        return &numbers_.add_counter(effects_name, effects_help, labels);
    };
    made.published = count("published");
    made.adopted = count("adopted");
    made.refused = count("refused");
    made.later = count("later");
    made.unknown = count("unknown");
    made.name = std::move(name);
    made.one = std::move(one);
    entries_.push_back(std::move(made));
}

void tracker_set::add_remote(std::string name, std::unique_ptr<remote_tracker> one)
{
    remote_tracker* remote = one.get();
    add(std::move(name), std::move(one));
    entries_.back().remote = remote;
}

const tracker_set::entry* tracker_set::find(std::string_view target) const noexcept
{
    for (const entry& one : entries_) {
        if (one.one->takes(target))
            return &one;
    }
    return nullptr;
}

bool tracker_set::takes(std::string_view target) const noexcept
{
    return find(target) != nullptr;
}

std::vector<std::pair<std::string, remote_tracker*>> tracker_set::list_remote() const
{
    std::vector<std::pair<std::string, remote_tracker*>> list;
    for (const entry& one : entries_) {
        if (one.remote != nullptr)
            list.emplace_back(one.name, one.remote);
    }
    return list;
}

std::string tracker_set::names() const
{
    std::string text;
    for (const entry& one : entries_) {
        if (!text.empty())
            text += ", ";
        text += one.name;
    }
    return text;
}

bool tracker_set::begin(const std::string& key)
{
    const std::lock_guard lock(mutex_);
    return under_way_.insert(key).second;
}

void tracker_set::end(const std::string& key)
{
    const std::lock_guard lock(mutex_);
    under_way_.erase(key);
}

asio::awaitable<effect_result> tracker_set::publish_in_time(tracker& one, effect wanted)
{
    const under_way held(*this, wanted.key);
    if (!held.is_first())
        co_return put_off("another try publishes this at the moment");
    auto work = one.publish(std::move(wanted));
    auto limited = boxed(std::move(work));
    auto ended = co_await within(publish_time_max, std::move(limited));
    if (!ended)
        co_return nobody_knows(
            "publishing took longer than " + std::to_string(publish_time_max.count()) +
            " s and was given up; the next look tells what came of it"
        );
    co_return std::move(*ended);
}

asio::awaitable<result<check_result>> tracker_set::check(std::string name)
{
    const auto is_named = [&name](const entry& one) { return one.name == name && one.remote != nullptr; };
    const auto found = std::find_if(entries_.begin(), entries_.end(), is_named);
    if (found == entries_.end())
        co_return errc::not_found;
    const under_way held(*this, "check " + name);  // Keys of effects have no spaces.
    if (!held.is_first())
        co_return errc::conflict;
    auto limited = boxed(found->remote->check());
    auto ended = co_await within(check_time_max, std::move(limited));
    co_return ended;
}

asio::awaitable<effect_result> tracker_set::publish(effect wanted)
{
    const std::string target = quiet_line(wanted.target, target_bytes_shown);
    const entry* found = find(wanted.target);
    if (found == nullptr)
        co_return refused(
            "no tracker takes '" + target + "'; configured are " + names() + ", others are set up in section forge"
        );
    if (const auto fault = find_fault(wanted)) {
        found->refused->add();
        co_return refused("this is not published to " + target + ": " + *fault);
    }
    const std::string key = wanted.key;
    auto ended = co_await publish_in_time(*found->one, std::move(wanted));
    if (ended) {
        (ended->adopted ? found->adopted : found->published)->add();
        if (!ended->same_content)
            log_warn("forge", target + ": what is published as " + key + " was made for other content; it stays");
        co_return ended;
    }
    const effect_failure& failure = ended.error();
    switch (failure.kind) {
    case effect_failure::kind::refused: found->refused->add(); break;
    case effect_failure::kind::later: found->later->add(); break;
    case effect_failure::kind::unknown: found->unknown->add(); break;
    }
    co_return ended;
}

}  // namespace reprise::forge
