#include "hook_bell.hpp"
#include "hook_content.hpp"
#include "hook_state.hpp"
#include "hook_upkeep.hpp"

#include "reprise/base/all_of.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/log.hpp"
#include "reprise/base/offload.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace asio = boost::asio;

namespace reprise::ingest {
namespace {

constexpr std::size_t claimed_at_once = 32;
constexpr std::size_t inline_body_bytes_max = 32 * 1024;
constexpr std::int64_t claim_ns = 120 * ns_per_s;
constexpr std::int64_t retry_first_ns = 5 * ns_per_s;       // Doubles with each attempt.
constexpr std::int64_t room_wait_ns = 5 * ns_per_s;         // When the pipeline has no room.

struct listening {
    explicit listening(hooks::state& all_) : all(all_) {}
    ~listening() { all.set_bell({}); }
    listening(const listening&) = delete;
    listening& operator=(const listening&) = delete;

    hooks::state& all;
};

read_hook read(const store::kept_hook& kept, std::string_view body)
{
    const store::hook_delivery& one = kept.delivery;
    return read_content({one.source, one.event, one.dedup_key, body, one.received_ns});
}

std::string describe(const hook_content& content, const std::vector<pipeline::alarm_outcome>& outcomes)
{
    std::string text;
    const auto add = [&text](const std::string& part) { text.append(text.empty() ? "" : "; ").append(part); };
    if (!outcomes.empty())
        add(std::string(store::to_text(outcomes.front().fate)) +
            (outcomes.size() > 1 ? " and " + std::to_string(outcomes.size() - 1) + " more" : ""));
    for (const store::hook_event& event : content.events)
        add(std::string(store::to_text(event.kind)));
    if (!content.note.empty())
        add(content.note);
    return text;
}

// Everything a delivery changes.
result<std::vector<pipeline::alarm_outcome>> apply(
    const hooks::state& all, store::transaction& tx, const store::hook_delivery& claimed, const hook_content& content
)
{
    const std::int64_t now_ns = all.parts.time.now_ns();
    std::vector<pipeline::alarm_outcome> outcomes;
    for (const model::alarm& alarm : content.alarms) {
        auto outcome = all.parts.accept(tx, alarm, now_ns);
        if (!outcome)
            return outcome.error();
        outcomes.push_back(std::move(*outcome));
    }
    for (store::hook_event event : content.events) {
        event.id = make_ulid(now_ns);
        event.hook_id = claimed.id;
        if (event.at_ns == 0)
            event.at_ns = claimed.received_ns;
        if (auto kept = store::insert_hook_event(tx, event); !kept)
            return kept.error();
    }
    const store::hook_end end = {
        store::hook_state::done, describe(content, outcomes), static_cast<std::uint32_t>(outcomes.size())};
    if (auto finished = store::finish_hook(tx, claimed, end, now_ns); !finished)
        return finished.error();
    return outcomes;
}

bool is_trouble_of_ours(error_code why)
{
    return why == reprise::errc::unavailable || why == reprise::errc::io || why == reprise::errc::timed_out;
}

class processor {
public:
    explicit processor(hooks::state& all) : all_(all), upkeep_(all) {}

    asio::awaitable<void> run();

private:
    asio::awaitable<bool> work();
    asio::awaitable<void> handle(store::kept_hook kept);
    asio::awaitable<void> work_on(const store::kept_hook& kept);
    asio::awaitable<void> take(const store::hook_delivery& claimed, const hook_content& content);
    asio::awaitable<std::optional<hook_fault>> confirm(const hook_subscription& wanted);
    asio::awaitable<void> fail(const store::hook_delivery& claimed, std::string reason);
    asio::awaitable<void> try_later(const store::hook_delivery& claimed, bool counts, std::string why);
    asio::awaitable<void> start();

    hooks::state& all_;
    hook_upkeep upkeep_;
};

asio::awaitable<void> processor::start()
{
    auto release = [](store::transaction& tx) { return store::release_hooks(tx); };
    const auto released = co_await all_.parts.store.write(std::move(release));
    if (!released)
        log_warn("hooks", "deliveries cannot be taken up again at once: " + released.error().message());
}

asio::awaitable<void> processor::run()
{
    const auto strand = co_await asio::this_coro::executor;
    const auto bell = std::make_shared<hook_bell>(strand);
    const listening until_the_end(all_);
    all_.set_bell([bell] { bell->ring(); });
    co_await start();
    for (;;) {
        co_await upkeep_.run_when_due();
        const bool more = co_await work();
        if (!more)
            co_await bell->wait();
    }
}

// True when there may be more to do.
asio::awaitable<bool> processor::work()
{
    const std::int64_t now_ns = all_.parts.time.now_ns();
    auto claim = [now_ns](store::transaction& tx) {
        return store::claim_hooks(tx, now_ns, now_ns + claim_ns, claimed_at_once);
    };
    auto claimed = co_await all_.parts.store.write(std::move(claim));
    if (!claimed) {
        log_warn("hooks", "the next deliveries cannot be read: " + claimed.error().message());
        co_return false;
    }
    // Their transactions are queued in the order of arrival, and committed together.
    std::vector<asio::awaitable<void>> tasks;
    for (store::kept_hook& each : *claimed)
        tasks.push_back(handle(std::move(each)));
    const bool any = !tasks.empty();
    co_await all_of(std::move(tasks));
    co_return any;
}

asio::awaitable<void> processor::handle(store::kept_hook kept)
{
    std::exception_ptr error;
    try {
        co_await work_on(kept);
    } catch (const boost::system::system_error& stopped) {
        if (stopped.code() == asio::error::operation_aborted)
            throw;
        error = std::current_exception();
    } catch (...) {
        error = std::current_exception();
    }
    if (!error)
        co_return;
    // A bug must not end the loop: the delivery shows that it met one.
    log_exception("hooks, delivery " + kept.delivery.id, error);
    co_await fail(kept.delivery, "a fault of the server; its log has more under this id");
}

asio::awaitable<void> processor::work_on(const store::kept_hook& kept)
{
    const store::hook_delivery& claimed = kept.delivery;
    if (claimed.attempts > hook_attempts_max) {
        co_await fail(claimed, "given up after " + std::to_string(hook_attempts_max) + " attempts");
        co_return;
    }
    const auto body = all_.box.open(kept);
    if (!body) {
        co_await fail(claimed, "the stored body does not open; was the key in keys/hooks.key replaced?");
        co_return;
    }
    std::optional<read_hook> content;
    if (body->size() <= inline_body_bytes_max) {
        content = read(kept, *body);
    } else {
        auto read_large = [&kept, &body] { return std::optional(read(kept, *body)); };
        content = co_await offload(all_.parts.cpu_pool, std::move(read_large));
    }
    if (!*content) {
        co_await fail(claimed, content->error().reason);
        co_return;
    }
    hook_content& found = **content;
    if (found.subscription) {
        const auto fault = co_await confirm(*found.subscription);
        if (fault) {
            co_await try_later(claimed, true, fault->reason);
            co_return;
        }
        const auto& listed = all_.settings.sns.confirm;
        const bool is_ours = std::find(listed.begin(), listed.end(), found.subscription->topic) != listed.end();
        found.note = (is_ours ? "confirmed the subscription of " : "not in intake.hooks.sns.confirm: ") +
                     found.subscription->topic;
    }
    co_await take(claimed, found);
}

// Nothing: it is done, or nothing is to be done.
asio::awaitable<std::optional<hook_fault>> processor::confirm(const hook_subscription& wanted)
{
    const auto& listed = all_.settings.sns.confirm;
    const auto topic = find_sns_topic(wanted.topic);
    if (!topic || std::find(listed.begin(), listed.end(), wanted.topic) == listed.end())
        co_return std::nullopt;
    const auto url = find_sns_url(wanted.url, *topic);
    if (!url)
        co_return hook_fault{"SubscribeURL is no address of the topic's SNS"};
    const auto answer = co_await all_.parts.sns.fetch(*url);
    if (!answer)
        co_return hook_fault{"the subscription cannot be confirmed: " + answer.error().message()};
    log_info("hooks.sns", "confirmed the subscription of " + wanted.topic);
    co_return std::nullopt;
}

asio::awaitable<void> processor::take(const store::hook_delivery& claimed, const hook_content& content)
{
    auto change = [this, &claimed, &content](store::transaction& tx) { return apply(all_, tx, claimed, content); };
    const auto taken = co_await all_.parts.store.write(std::move(change));
    if (!taken && is_trouble_of_ours(taken.error())) {
        co_await try_later(claimed, false, taken.error().message());
        co_return;
    }
    if (!taken) {
        co_await fail(claimed, "its alarms cannot be taken: " + taken.error().message());
        co_return;
    }
    all_.processed.add();
    all_.taken_alarms.add(taken->size());
    all_.box.take_waiting(1);
    for (const pipeline::alarm_outcome& outcome : *taken)
        all_.parts.count(outcome);
}

asio::awaitable<void> processor::fail(const store::hook_delivery& claimed, std::string reason)
{
    log_warn("hooks", "delivery " + claimed.id + " of " + claimed.source + ": " + reason);
    const std::int64_t now_ns = all_.parts.time.now_ns();
    const store::hook_end end = {store::hook_state::failed, std::move(reason), 0};
    auto finish = [&claimed, &end, now_ns](store::transaction& tx) {
        return store::finish_hook(tx, claimed, end, now_ns);
    };
    const auto finished = co_await all_.parts.store.write(std::move(finish));
    if (!finished)
        co_return;  // Its claim ends by itself.
    all_.failed.add();
    all_.failed_kept.add(1);
    all_.box.take_waiting(1);
}

asio::awaitable<void> processor::try_later(const store::hook_delivery& claimed, bool counts, std::string why)
{
    if (counts && claimed.attempts >= hook_attempts_max) {
        co_await fail(claimed, std::move(why));
        co_return;
    }
    log_warn("hooks", "delivery " + claimed.id + " of " + claimed.source + " is tried again: " + why);
    const std::int64_t wait_ns = counts ? retry_first_ns << (claimed.attempts - 1) : room_wait_ns;
    const std::int64_t due_ns = all_.parts.time.now_ns() + wait_ns;
    auto change = [&claimed, due_ns, counts](store::transaction& tx) {
        return store::put_back_hook(tx, claimed, due_ns, counts);
    };
    const auto done = co_await all_.parts.store.write(std::move(change));
    if (done)
        all_.put_back.add();
}

}  // namespace

asio::awaitable<void> hooks::run_hook_processor()
{
    processor loop(*state_);
    co_await loop.run();
}

}  // namespace reprise::ingest
