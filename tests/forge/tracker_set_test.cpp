#include "reprise/forge/tracker_set.hpp"

#include "fake_api.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

namespace reprise::forge {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;
using kind = decltype(effect_failure::kind);

// Answers what it is told and holds on until it is let go.
class scripted_tracker final : public tracker {
public:
    explicit scripted_tracker(std::string prefix) : prefix_(std::move(prefix)) {}

    bool takes(std::string_view target) const noexcept override { return target.starts_with(prefix_); }

    asio::awaitable<effect_result> publish(effect wanted) override
    {
        ++calls;
        if (holds) {
            asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::seconds(30));
            {
                const std::lock_guard lock(mutex);
                held = &timer;
                entered.set_value();
            }
            boost::system::error_code ec;
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        }
        if (failure)
            co_return *failure;
        published_effect made;
        made.url = prefix_ + wanted.key;
        co_return made;
    }

    void let_go()
    {
        const std::lock_guard lock(mutex);
        asio::post(held->get_executor(), [timer = held] { timer->cancel(); });
    }

    std::atomic<int> calls{0};
    std::atomic<bool> holds{false};
    std::promise<void> entered;
    std::mutex mutex;
    asio::steady_timer* held = nullptr;
    std::optional<effect_failure> failure;

private:
    std::string prefix_;
};

// Says who we are once it is let go.
class scripted_remote final : public remote_tracker {
public:
    bool takes(std::string_view target) const noexcept override { return target.starts_with("r:"); }

    asio::awaitable<effect_result> publish(effect) override { co_return published_effect(); }

    asio::awaitable<check_result> check() override
    {
        asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        {
            const std::lock_guard lock(mutex);
            held = &timer;
            entered.set_value();
        }
        boost::system::error_code ec;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        co_return check_result(boost::system::in_place_value, "signed in as nobody");
    }

    void let_go()
    {
        const std::lock_guard lock(mutex);
        asio::post(held->get_executor(), [timer = held] { timer->cancel(); });
    }

    std::promise<void> entered;
    std::mutex mutex;
    asio::steady_timer* held = nullptr;
};

class tracker_set_test : public testing::Test {
protected:
    tracker_set_test()
    {
        auto one = std::make_unique<scripted_tracker>("a:");
        first = one.get();
        trackers.add("first", std::move(one));
        trackers.add("second", std::make_unique<scripted_tracker>("b:"));
    }

    metrics numbers;
    tracker_set trackers{numbers};
    scripted_tracker* first = nullptr;
    reprise::test::io_threads io;
};

TEST_F(tracker_set_test, finds_the_tracker_of_a_target_and_counts)
{
    const auto done = io.run(trackers.publish(test::ticket_effect("b:x")));

    ASSERT_TRUE(done);
    EXPECT_THAT(done->url, testing::StartsWith("b:"));
    EXPECT_EQ(first->calls, 0);
    EXPECT_TRUE(trackers.takes("a:1"));
    EXPECT_FALSE(trackers.takes("c:1"));
    EXPECT_THAT(numbers.render(), HasSubstr("reprise_forge_effects_total{tracker=\"second\",end=\"published\"} 1"));
}

TEST_F(tracker_set_test, a_target_of_nobody_and_a_faulty_effect_are_refused)
{
    const auto nobody = io.run(trackers.publish(test::ticket_effect("c:x")));
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().kind, kind::refused);
    EXPECT_THAT(nobody.error().text, HasSubstr("configured are first, second"));

    effect faulty = test::ticket_effect("a:x");
    faulty.content_hash.clear();
    EXPECT_EQ(io.run(trackers.publish(faulty)).error().kind, kind::refused);
    EXPECT_EQ(first->calls, 0);
    EXPECT_THAT(numbers.render(), HasSubstr("reprise_forge_effects_total{tracker=\"first\",end=\"refused\"} 1"));
}

TEST_F(tracker_set_test, a_remote_one_is_asked_by_one_call_at_a_time)
{
    auto made = std::make_unique<scripted_remote>();
    scripted_remote& remote = *made;
    trackers.add_remote("remote", std::move(made));
    auto entered = remote.entered.get_future();
    const auto strand = asio::make_strand(io.executor());
    auto asked = asio::co_spawn(strand, trackers.check("remote"), asio::use_future);
    ASSERT_EQ(entered.wait_for(std::chrono::seconds(10)), std::future_status::ready);

    EXPECT_EQ(io.run(trackers.check("remote")).error(), errc::conflict);
    EXPECT_EQ(io.run(trackers.check("first")).error(), errc::not_found) << "it has nothing to ask";
    EXPECT_EQ(io.run(trackers.check("nobody")).error(), errc::not_found);
    remote.let_go();

    const auto answer = asked.get();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->value(), "signed in as nobody");
}

TEST_F(tracker_set_test, one_key_is_published_by_one_call_at_a_time)
{
    first->holds = true;
    auto entered = first->entered.get_future();
    const auto strand = asio::make_strand(io.executor());
    auto slow = asio::co_spawn(strand, trackers.publish(test::ticket_effect("a:x")), asio::use_future);
    ASSERT_EQ(entered.wait_for(std::chrono::seconds(10)), std::future_status::ready);

    const auto second = io.run(trackers.publish(test::ticket_effect("a:x")));
    first->let_go();
    const auto done = slow.get();
    first->holds = false;
    const auto third = io.run(trackers.publish(test::ticket_effect("a:x")));

    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, kind::later);
    EXPECT_TRUE(done);
    EXPECT_TRUE(third);
    EXPECT_EQ(first->calls, 2);
}

TEST_F(tracker_set_test, failures_are_handed_on_and_counted_by_kind)
{
    for (const kind one : {kind::refused, kind::later, kind::unknown}) {
        effect_failure failure;
        failure.kind = one;
        failure.text = "why";
        first->failure = failure;
        EXPECT_EQ(io.run(trackers.publish(test::ticket_effect("a:x"))).error().kind, one);
    }
    for (const char* end : {"refused", "later", "unknown"})
        EXPECT_THAT(numbers.render(), HasSubstr("tracker=\"first\",end=\"" + std::string(end) + "\"} 1"));
}

class file_tracker_test : public testing::Test {
protected:
    file_tracker_test() : dir(std::filesystem::temp_directory_path() / ("reprise-tracker-" + random_token(8)))
    {
        std::filesystem::create_directories(dir);
    }
    ~file_tracker_test() override
    {
        std::error_code ignored;
        std::filesystem::remove_all(dir, ignored);
    }

    std::filesystem::path dir;
    reprise::test::io_threads io;
};

TEST_F(file_tracker_test, writes_a_ticket_once_and_adopts_it)
{
    const auto files = make_file_tracker(dir, io.executor());
    const effect wanted = test::ticket_effect("file:tickets");

    const auto first = io.run(files->publish(wanted));
    const auto second = io.run(files->publish(wanted));

    ASSERT_TRUE(first) << first.error().text;
    EXPECT_EQ(first->url, "tickets/" + wanted.key + ".md");
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->adopted && second->same_content);
    EXPECT_TRUE(std::filesystem::exists(dir / first->url));
}

TEST_F(file_tracker_test, takes_tickets_of_incidents_only)
{
    const auto files = make_file_tracker(dir, io.executor());
    effect other = test::ticket_effect("file:elsewhere");
    EXPECT_EQ(io.run(files->publish(other)).error().kind, kind::refused);
    other = test::ticket_effect("file:tickets");
    other.key = "no-incident";
    EXPECT_EQ(io.run(files->publish(other)).error().kind, kind::refused);
    EXPECT_EQ(io.run(files->publish(test::pull_effect("file:tickets"))).error().kind, kind::refused);
    EXPECT_TRUE(std::filesystem::is_empty(dir));
}

}  // namespace
}  // namespace reprise::forge
