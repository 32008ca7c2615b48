#include "publisher.hpp"

#include "live_events.hpp"

#include "reprise/base/bell.hpp"
#include "reprise/base/log.hpp"
#include "reprise/live/hub.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/events.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace asio = boost::asio;

namespace reprise::http {
namespace {

constexpr std::size_t events_at_once = 500;
// Also without a ring: a look at the table costs nothing and heals whatever was missed.
constexpr std::chrono::seconds look_anyway{2};

struct listening {
    explicit listening(store::database& store_) : store(store_) {}
    ~listening() { store.set_commit_listener({}); }
    listening(const listening&) = delete;
    listening& operator=(const listening&) = delete;

    store::database& store;
};

struct portion {
    std::vector<live::message> messages;
    std::size_t events = 0;
    std::int64_t last_seq = 0;

    portion() = default;
};

result<portion> load_portion(const store::reader& from, const std::string& epoch, std::int64_t after)
{
    const auto events = store::list_events(from, after, events_at_once);
    if (!events)
        return events.error();
    auto messages = load_messages(from, epoch, *events);
    if (!messages)
        return messages.error();
    portion out;
    out.messages = std::move(*messages);
    out.events = events->size();
    out.last_seq = events->empty() ? after : events->back().seq;
    return out;
}

}  // namespace

asio::awaitable<void> run_publishing(context& api)
{
    const auto strand = co_await asio::this_coro::executor;
    store::database& store = api.parts.store;
    const auto committed = std::make_shared<bell>(strand);
    const listening until_the_end(store);
    store.set_commit_listener([committed](std::int64_t) { committed->ring(); });
    std::int64_t after = store.last_seq();
    for (;;) {
        auto load = [&store, after](const store::reader& from) { return load_portion(from, store.epoch(), after); };
        const auto found = co_await store.read(std::move(load));
        if (!found)
            log_warn("http.live", "cannot read committed events: " + found.error().message());
        if (found) {
            for (const live::message& message : found->messages)
                api.parts.hub.publish(message);
            after = found->last_seq;
            if (found->events == events_at_once)
                continue;
        }
        co_await committed->wait(look_anyway);
    }
}

}  // namespace reprise::http
