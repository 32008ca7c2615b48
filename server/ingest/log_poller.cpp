#include "reprise/ingest/log_poller.hpp"

#include "log_intake.hpp"
#include "log_plan.hpp"

#include "reprise/base/log.hpp"
#include "reprise/net/client.hpp"
#include "reprise/store/database.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>

namespace reprise::ingest {

namespace asio = boost::asio;

namespace {

constexpr std::size_t told_bytes_max = 300;   // Of an answer that refuses.
constexpr std::int64_t ids_kept_lookbacks = 2;

std::string escaped(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char one : text) {
        const auto byte = static_cast<unsigned char>(one);
        const bool plain = (one >= '0' && one <= '9') || (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') ||
                           one == '-' || one == '_' || one == '.' || one == '~';
        if (plain) {
            out += one;
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 0xFU];
        }
    }
    return out;
}

net::client_request question(const poll_config& config, const poll_window& window)
{
    net::client_request req;
    req.url = config.base;
    std::string path = req.url.target.substr(0, req.url.target.find('?'));
    while (path.ends_with('/'))
        path.pop_back();
    req.url.target = path + "/loki/api/v1/query_range?direction=forward&query=" + escaped(config.query) +
                     "&start=" + std::to_string(window.from_ns) + "&end=" + std::to_string(window.to_ns) +
                     "&limit=" + std::to_string(config.page_events);
    req.headers.emplace_back("Accept", "application/json");
    if (!config.token.empty())
        req.headers.emplace_back("Authorization", "Bearer " + config.token);
    if (!config.tenant.empty())
        req.headers.emplace_back("X-Scope-OrgID", config.tenant);
    return req;
}

// One line that a person can read, whatever the server sent.
std::string told(std::string_view body)
{
    std::string text(body.substr(0, told_bytes_max));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' '
    );
    return text;
}

}  // namespace

struct log_poller::numbers_of {
    explicit numbers_of(metrics& numbers)
        : rounds(numbers.add_counter("reprise_poll_rounds_total", "Rounds of log polling.", "result=\"done\"")),
          failed(numbers.add_counter("reprise_poll_rounds_total", "Rounds of log polling.", "result=\"failed\"")),
          events(numbers.add_counter("reprise_poll_events_total", "Events read from log stores, each once.")),
          repeated(numbers.add_counter("reprise_poll_events_repeated_total", "Events seen in overlapping windows.")),
          ignored(numbers.add_counter("reprise_poll_events_ignored_total", "Events that are no wanted errors.")),
          skipped(numbers.add_counter("reprise_poll_pages_skipped_total", "More events in one instant than a page."))
    {
    }

    counter& rounds;
    counter& failed;
    counter& events;
    counter& repeated;
    counter& ignored;
    counter& skipped;
};

struct log_poller::round {
    std::int64_t now_ns = 0;
    store::poll_source source;
    poll_report report;

    round() = default;
};

log_poller::log_poller(
    poll_config config, pipeline::alarm_policy policy, store::database& database, net::http_client& client,
    const clock& time, metrics& numbers, pipeline::alarm_counters& alarms
)
    : config_(std::move(config)), policy_(std::move(policy)), database_(database), client_(client), time_(time),
      alarms_(alarms), numbers_(std::make_unique<numbers_of>(numbers))
{
}

log_poller::~log_poller() = default;

asio::awaitable<result<void>> log_poller::begin_round(round& now)
{
    now.now_ns = time_.now_ns();
    auto look = [this](const store::reader& from) { return store::find_poll_source(from, config_.name); };
    auto known = co_await database_.read(std::move(look));
    if (!known)
        co_return known.error();
    if (*known)
        now.source = std::move(**known);
    now.source.name = config_.name;
    now.source.asked_ns = now.now_ns;
    co_return result<void>();
}

// Pages from the position to now. An error leaves a sentence in the report.
asio::awaitable<result<void>> log_poller::read_pages(round& now)
{
    auto window = first_window(now.source.position_ns, resume_ns_, now.now_ns, config_.timing);
    while (window && now.report.pages < config_.pages_max) {
        auto answer = co_await client_.send(question(config_, *window));
        if (!answer) {
            now.report.error = config_.base.origin() + " cannot be asked: " + answer.error().message();
            co_return answer.error();
        }
        if (answer->status != 200) {
            now.report.error = config_.base.origin() + " answered " + std::to_string(answer->status) + ": " +
                               told(answer->body);
            co_return errc::unavailable;
        }
        const auto events = parse_loki_answer(answer->body);
        if (!events) {
            now.report.error = config_.base.origin() + " answered something that is no result of query_range";
            co_return events.error();
        }
        ++now.report.pages;
        std::span<const log_event> left(*events);
        while (!left.empty()) {
            const auto some = left.first(std::min(left.size(), events_at_once_max));
            left = left.subspan(some.size());
            store::poll_source moved = now.source;
            auto take = [&](store::transaction& tx) {
                return take_events(tx, config_, policy_, some, moved, now.now_ns);
            };
            const auto taken = co_await database_.write(std::move(take));
            if (!taken) {
                now.report.error = "the store did not take the events: " + taken.error().message();
                co_return taken.error();
            }
            now.source = std::move(moved);
            now.report.events += taken->events;
            now.report.repeated += taken->repeated;
            now.report.ignored += taken->ignored;
            now.report.alarms += taken->alarms.size();
            for (const pipeline::alarm_outcome& one : taken->alarms)
                alarms_.add(one);
        }
        const page_sight seen{events->size(), events->empty() ? 0 : events->back().at_ns};
        const auto next = find_next_page(*window, seen, config_.page_events, now.now_ns, config_.timing);
        if (next && next->skipped)
            numbers_->skipped.add();
        window = next ? std::optional(next->window) : std::nullopt;
    }
    now.report.complete = !window;
    resume_ns_ = window ? std::optional(window->from_ns) : std::nullopt;
    co_return result<void>();
}

asio::awaitable<result<void>> log_poller::end_round(round& now)
{
    store::poll_source& source = now.source;
    source.error = now.report.error;
    if (now.report.error.empty()) {
        source.failures = 0;
        source.succeeded_ns = now.now_ns;
    } else {
        source.failures += 1;
    }
    if (now.report.complete)
        source.position_ns = position_after(source.position_ns.value_or(0), now.now_ns, config_.timing);
    else if (resume_ns_)
        source.position_ns = std::max(source.position_ns.value_or(0), *resume_ns_);
    auto keep = [this, &source](store::transaction& tx) -> result<void> {
        if (auto saved = store::save_poll_source(tx, source); !saved)
            return saved;
        if (!source.position_ns)
            return {};
        // Windows begin an overlap before the position; ids older than this never come again.
        const poll_timing& timing = config_.timing;
        const std::int64_t kept_ns = timing.overlap_ns + ids_kept_lookbacks * timing.lookback_ns;
        return store::prune_poll_events(tx, source.name, *source.position_ns - kept_ns);
    };
    co_return co_await database_.write(std::move(keep));
}

asio::awaitable<poll_report> log_poller::poll_once()
{
    round now;
    const auto begun = co_await begin_round(now);
    if (!begun) {
        now.report.error = "the store cannot be read: " + begun.error().message();
        numbers_->failed.add();
        co_return std::move(now.report);
    }
    const auto read = co_await read_pages(now);
    const auto ended = co_await end_round(now);
    if (!ended && now.report.error.empty())
        now.report.error = "the store did not keep how far it was read: " + ended.error().message();
    const bool went_well = read && ended;
    (went_well ? numbers_->rounds : numbers_->failed).add();
    numbers_->events.add(now.report.events);
    numbers_->repeated.add(now.report.repeated);
    numbers_->ignored.add(now.report.ignored);
    co_return std::move(now.report);
}

asio::awaitable<void> log_poller::run_poller()
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    std::uint64_t failures = 0;
    for (;;) {
        const poll_report report = co_await poll_once();
        if (report.error.empty() && failures > 0)
            log_info("poll " + config_.name, "answers again after " + std::to_string(failures) + " failed rounds");
        if (!report.error.empty() && failures == 0)
            log_warn("poll " + config_.name, report.error);
        failures = report.error.empty() ? 0 : failures + 1;
        timer.expires_after(std::chrono::nanoseconds(pause_after(failures, config_.timing)));
        co_await timer.async_wait(asio::use_awaitable);
    }
}

}  // namespace reprise::ingest
