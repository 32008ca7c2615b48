#pragma once

#include "sns_sender.hpp"

#include "reprise/base/task_group.hpp"
#include "reprise/base/seal.hpp"
#include "reprise/ingest/hooks.hpp"
#include "reprise/net/client.hpp"
#include "reprise/net/server.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/hook_deliveries.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace reprise::ingest::test {

namespace asio = boost::asio;

// What the pipeline would do, remembered: how often each event was taken.
class remembering_pipeline {
public:
    result<pipeline::alarm_outcome> accept(const model::alarm& alarm)
    {
        const std::lock_guard lock(mutex_);
        if (refusal_)
            return refusal_;
        ++taken_[alarm.event_key];
        last_ = alarm;
        changed_.notify_all();
        return pipeline::alarm_outcome();
    }
    void refuse_with(error_code why)
    {
        const std::lock_guard lock(mutex_);
        refusal_ = why;
    }
    std::map<std::string, int> taken() const
    {
        const std::lock_guard lock(mutex_);
        return taken_;
    }
    model::alarm last() const
    {
        const std::lock_guard lock(mutex_);
        return last_;
    }
    bool wait_for(std::size_t events)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return taken_.size() >= events; });
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, int> taken_;
    model::alarm last_;
    error_code refusal_;
};

inline const std::string github_secret = "It's a Secret to Everybody";
inline const std::string alertmanager_secret = "a-bearer-token-of-32-characters!";
inline const std::string sns_token = "0123456789abcdef0123456789abcdef";
inline const std::string generic_key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

// A real listener with a real store; the pipeline is remembered, SNS is ours.
class hooks_test : public testing::Test {
protected:
    std::filesystem::path directory;
    manual_clock time{system_clock().now_ns()};
    metrics numbers;
    sns_office office;
    remembering_pipeline alarms;
    asio::thread_pool pool{2};
    asio::thread_pool cpu_pool{1};
    std::unique_ptr<store::database> store;
    std::unique_ptr<hooks> all;
    std::unique_ptr<task_group> tasks;
    net::router routes;
    std::unique_ptr<net::server> server;
    net::http_client client{net::target_guard::allow_all(), {}};
    hook_settings settings = make_settings();
    store::database_options store_options;

    static hook_settings make_settings()
    {
        hook_settings made;
        made.secrets["github"] = {github_secret};
        made.secrets["alertmanager"] = {alertmanager_secret};
        made.secrets["sentry"] = {github_secret};
        made.secrets["pagerduty"] = {github_secret};
        made.secrets["grafana"] = {github_secret};
        made.secrets["gitlab"] = {github_secret};
        made.generic["backup"] = {net::webhook_key::parse(generic_key).value()};
        made.sns = {{sns_topic_arn}, {sns_topic_arn}, false, {sns_token}};
        made.sealing_key = std::string(sealing_key_bytes, 'k');
        return made;
    }

    void SetUp() override
    {
        std::string name = (std::filesystem::temp_directory_path() / "reprise-hooks-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        directory = name;
        store_options.path = directory / "reprise.db";
        store_options.audit_key = "a key for the tests only, 32 byte";
        open();
    }
    void TearDown() override
    {
        close();
        std::filesystem::remove_all(directory);
    }

    void open()
    {
        store = store::database::open(store_options).value();
        hook_parts parts{
            *store, time, numbers, cpu_pool.get_executor(), office,
            net::load_certificate_trust(office.ca_file()).value(),
            [this](store::transaction&, const model::alarm& alarm, std::int64_t) { return alarms.accept(alarm); },
            [](const pipeline::alarm_outcome&) {}};
        all = std::make_unique<hooks>(settings, std::move(parts));
        routes = net::router();
        all->add_routes(routes);
        tasks = std::make_unique<task_group>(pool.get_executor());
        net::server_config listen;
        listen.name = "api";
        server = std::make_unique<net::server>(pool.get_executor(), listen, routes, time, numbers);
        ASSERT_TRUE(server->listen());
        server->start();
    }
    void close()
    {
        client.close_idle();
        server->stop();
        EXPECT_TRUE(wait(server->drain(std::chrono::seconds(10))));
        tasks->stop();
        EXPECT_TRUE(wait(drain(*tasks)));
        server.reset();
        all.reset();
        store.reset();
    }
    static asio::awaitable<bool> drain(task_group& group)
    {
        const bool drained = co_await group.drain(std::chrono::seconds(10));
        co_return drained;
    }
    void process() { tasks->spawn("hooks", all->run_hook_processor()); }

    template <class T>
    T wait(asio::awaitable<T> work)
    {
        return asio::co_spawn(pool, std::move(work), asio::use_future).get();
    }

    net::client_response post(const std::string& path, std::string body, net::header_list headers = {})
    {
        const std::string text = "http://127.0.0.1:" + std::to_string(server->port()) + "/api/v1/hooks/" + path;
        net::client_request request("POST", net::parse_url(text).value());
        request.headers = std::move(headers);
        request.body = std::move(body);
        return wait(client.send(std::move(request))).value();
    }
    net::client_response post_github(std::string body, const std::string& delivery, const std::string& event)
    {
        const std::string signature = "sha256=" + net::hex_signature(github_secret, body);
        return post(
            "github", std::move(body),
            {{"X-Hub-Signature-256", signature}, {"X-GitHub-Delivery", delivery}, {"X-GitHub-Event", event}}
        );
    }
    net::client_response post_generic(const std::string& body, const std::string& id)
    {
        const std::int64_t now_s = time.now_ns() / ns_per_s;
        const auto signature = settings.generic.at("backup").front().sign(id, now_s, body).value();
        return post(
            "generic/backup", body,
            {{"webhook-id", id}, {"webhook-timestamp", std::to_string(now_s)}, {"webhook-signature", signature}}
        );
    }

    static std::string word(const net::client_response& reply, std::string_view name = "status")
    {
        const auto parsed = boost::json::parse(reply.body);
        return std::string(parsed.at(name).as_string());
    }

    std::vector<store::hook_delivery> list()
    {
        auto work = [](const store::reader& from) { return store::list_hooks(from, {}, {}, 100); };
        return store->read_blocking(std::move(work)).value();
    }
    store::hook_delivery find(const std::string& id)
    {
        auto work = [&id](const store::reader& from) { return store::find_hook(from, id); };
        return store->read_blocking(std::move(work)).value().value();
    }
    // Until the delivery is no longer waiting.
    store::hook_delivery wait_for_end(const std::string& id)
    {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        store::hook_delivery found = find(id);
        while (found.state == store::hook_state::waiting && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::yield();
            found = find(id);
        }
        return found;
    }
    std::vector<store::audit_row> audit()
    {
        auto work = [](const store::reader& from) { return store::list_audit(from, 0, 1000); };
        return store->read_blocking(std::move(work)).value();
    }
};

}  // namespace reprise::ingest::test
