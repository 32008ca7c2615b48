#include "live_channel.hpp"

#include "access.hpp"
#include "live_events.hpp"
#include "live_protocol.hpp"
#include "problems.hpp"

#include "reprise/base/first_of.hpp"
#include "reprise/base/log.hpp"
#include "reprise/live/hub.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/events.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace reprise::http {
namespace {

constexpr std::size_t messages_at_once = 64;
// A client further behind than this many events loads everything again: that is cheaper for both.
constexpr std::size_t replay_events_max = 2'000;
// How soon a logout or a change of roles is noticed.
constexpr std::chrono::milliseconds look_around{1'000};
constexpr std::uint16_t policy_violation = 1008;

// What a client missed, out of one view of the database.
struct missed {
    history known;
    resume_kind kind = resume_kind::fresh;
    std::vector<live::message> messages;

    missed() = default;
};

result<std::vector<store::live_event>> list_missed(
    const store::reader& from, std::int64_t after, const std::set<std::string>& topics
)
{
    std::vector<store::live_event> out;
    for (std::size_t seen = 0; seen <= replay_events_max;) {
        const auto events = store::list_events(from, after, store::events_listed_max);
        if (!events)
            return events.error();
        for (const store::live_event& event : *events) {
            if (topics.contains(event.topic))
                out.push_back(event);
        }
        if (events->size() < store::events_listed_max)
            return out;
        seen += events->size();
        after = events->back().seq;
    }
    return errc::too_large;
}

result<missed> load_missed(const store::reader& from, const std::string& epoch, const live_request& request)
{
    const auto first = store::first_seq(from);
    if (!first)
        return first.error();
    const auto last = store::last_seq(from);
    if (!last)
        return last.error();
    missed out;
    out.known = {epoch, *first, *last};
    out.kind = decide_resume(request, out.known);
    if (out.kind != resume_kind::replay)
        return out;
    const std::set<std::string> topics(request.topics.begin(), request.topics.end());
    const auto events = list_missed(from, *request.after, topics);
    if (!events && events.error() == errc::too_large) {
        out.kind = resume_kind::resync;
        return out;
    }
    if (!events)
        return events.error();
    auto messages = load_messages(from, epoch, *events);
    if (!messages)
        return messages.error();
    out.messages = std::move(*messages);
    return out;
}

// One open channel: a reader that takes requests, one at a time, and a writer that answers them and
// passes on what the hub has. Both on the session's strand.
class live_channel {
public:
    live_channel(
        context& api, net::websocket& socket, std::string token_hash, caller who,
        std::shared_ptr<live::subscriber> subscriber
    )
        : api_(api), socket_(socket), token_hash_(std::move(token_hash)), who_(std::move(who)),
          subscriber_(std::move(subscriber)), handled_(socket.executor()), checked_ns_(api.parts.time.now_ns()),
          access_changes_(api.access_changes.load())
    {
    }

    asio::awaitable<void> run_reader();
    asio::awaitable<void> run_writer();

private:
    asio::awaitable<bool> answer_request(live_request request);
    asio::awaitable<bool> write_missed(const missed& what);
    asio::awaitable<bool> write(const std::string& text);
    asio::awaitable<bool> check_session();
    asio::awaitable<bool> refuse_topics(const live_request& request);
    bool set_topics(const live_request& request);

    context& api_;
    net::websocket& socket_;
    std::string token_hash_;
    caller who_;
    std::shared_ptr<live::subscriber> subscriber_;
    asio::steady_timer handled_;
    std::optional<live_request> asked_;
    std::set<std::string> topics_;
    std::int64_t sent_through_ = 0;  // What the hub still has up to here is older than the greeting, or was replayed.
    bool greeted_ = false;
    std::int64_t checked_ns_;
    std::uint64_t access_changes_;
};

asio::awaitable<void> live_channel::run_reader()
{
    for (;;) {
        const auto text = co_await socket_.read();
        if (!text)
            co_return;
        auto request = parse_live_request(*text);
        if (!request) {
            co_await socket_.close(policy_violation, request.error().reason);
            co_return;
        }
        asked_ = std::move(*request);
        handled_.expires_at(asio::steady_timer::time_point::max());
        subscriber_->interrupt();
        // The next request waits for this one: nobody makes us read the database faster than we answer.
        error_code ignored;
        co_await handled_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

asio::awaitable<void> live_channel::run_writer()
{
    for (;;) {
        const bool may_stay = co_await check_session();
        if (!may_stay)
            co_return;
        if (asked_) {
            live_request request = std::move(*asked_);
            asked_.reset();
            const bool answered = co_await answer_request(std::move(request));
            if (!answered)
                co_return;
            handled_.cancel();
        }
        const auto messages = co_await subscriber_->next(messages_at_once, look_around);
        if (!messages && messages.error() == errc::too_large) {
            api_.live_overflows.add();
            co_await socket_.close(net::close_code::slow_consumer, "too slow: reconnect and resume");
            co_return;
        }
        if (!messages) {
            co_await socket_.close(net::close_code::restart, "the server stops");
            co_return;
        }
        for (const live::message& message : *messages) {
            if (message.seq <= sent_through_ || !topics_.contains(message.topic))
                continue;
            const bool written = co_await write(*message.text);
            if (!written)
                co_return;
        }
    }
}

asio::awaitable<bool> live_channel::write(const std::string& text)
{
    const auto written = co_await socket_.write(text);
    api_.live_messages.add();
    co_return written.has_value();
}

// False when the channel was closed because the person may not be here any more.
asio::awaitable<bool> live_channel::check_session()
{
    const std::int64_t now_ns = api_.parts.time.now_ns();
    const std::uint64_t changes = api_.access_changes.load();
    const std::int64_t every_ns = std::chrono::nanoseconds(api_.config.session_check).count();
    if (changes == access_changes_ && now_ns - checked_ns_ < every_ns)
        co_return true;
    const auto found = co_await find_caller(api_, token_hash_, session_use::does_not_count);
    if (!found)
        co_return true;  // The store cannot say now; the next look will.
    access_changes_ = changes;
    checked_ns_ = now_ns;
    who_ = *found;
    if (!who_.is_signed_in()) {
        co_await socket_.close(net::close_code::unauthenticated, "the session has ended");
        co_return false;
    }
    if (!is_met(need::viewer, who_.person.roles)) {
        co_await socket_.close(net::close_code::forbidden, "the role was taken away");
        co_return false;
    }
    co_return true;
}

asio::awaitable<bool> live_channel::refuse_topics(const live_request& request)
{
    for (const std::string& topic : request.topics) {
        const auto wanted = find_topic_need(topic);
        if (wanted && is_met(*wanted, who_.person.roles))
            continue;
        co_await socket_.close(net::close_code::forbidden, "no such topic for you: " + topic.substr(0, 64));
        co_return true;
    }
    co_return false;
}

// From here on the hub keeps what is published on them.
bool live_channel::set_topics(const live_request& request)
{
    std::set<std::string> wanted(request.topics.begin(), request.topics.end());
    for (const std::string& topic : topics_) {
        if (!wanted.contains(topic))
            subscriber_->drop_topic(topic);
    }
    const bool all = std::all_of(wanted.begin(), wanted.end(), [this](const std::string& topic) {
        return subscriber_->add_topic(topic).has_value();
    });
    topics_ = std::move(wanted);
    return all;
}

asio::awaitable<bool> live_channel::answer_request(live_request request)
{
    const bool refused = co_await refuse_topics(request);
    if (refused)
        co_return false;
    // First listen, then look: what is committed in between is in both, not in neither.
    const bool listening = set_topics(request);
    store::database& store = api_.parts.store;
    auto load = [&store, &request](const store::reader& from) { return load_missed(from, store.epoch(), request); };
    const auto found = co_await store.read(std::move(load));
    if (!found || !listening) {
        co_await socket_.close(net::close_code::try_later, "the store cannot be read now");
        co_return false;
    }
    const bool written = co_await write_missed(*found);
    co_return written;
}

asio::awaitable<bool> live_channel::write_missed(const missed& what)
{
    const std::int64_t heartbeat_ms = api_.config.heartbeat.count();
    const std::string hello = hello_text(what.known, api_.config.server_version, heartbeat_ms);
    bool written = co_await write(hello);
    if (written && what.kind == resume_kind::resync) {
        const std::string resync = resync_text(what.known.last_seq);
        written = co_await write(resync);
    }
    for (const live::message& message : what.messages) {
        if (!written)
            break;
        written = co_await write(*message.text);
    }
    // A client that asks again without saying where it is keeps getting what is queued for it.
    const bool is_first = !std::exchange(greeted_, true);
    if (is_first || what.kind != resume_kind::fresh)
        sent_through_ = std::max(sent_through_, what.known.last_seq);
    co_return written;
}

}  // namespace

asio::awaitable<std::optional<net::response>> check_live(context& api, net::request& req)
{
    if (!api.origins.is_same_origin(req))
        co_return net::problem(
            req, 403, "cross_origin", "The live channel is for " + api.origins.public_url() + " only."
        );
    const auto who = co_await find_caller(api, session_hash(api, req), session_use::counts);
    if (!who)
        co_return problem_of(req, who.error(), "the session store");
    co_return refuse_caller(api, req, need::viewer, *who);
}

asio::awaitable<void> talk_live(context& api, net::request& req, net::websocket& socket)
{
    std::string token_hash = session_hash(api, req);
    auto who = co_await find_caller(api, token_hash, session_use::does_not_count);
    if (!who || !who->is_signed_in()) {
        co_await socket.close(net::close_code::unauthenticated, "the session has ended");
        co_return;
    }
    auto subscriber = api.parts.hub.subscribe(socket.executor());
    if (!subscriber) {
        co_await socket.close(net::close_code::try_later, "too many live channels are open");
        co_return;
    }
    live_channel channel(api, socket, std::move(token_hash), std::move(*who), std::move(*subscriber));
    auto reading = channel.run_reader();
    auto writing = channel.run_writer();
    co_await first_of(std::move(reading), std::move(writing));
}

}  // namespace reprise::http
