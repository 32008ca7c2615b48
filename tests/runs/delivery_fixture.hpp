#pragma once

#include "forge/recording_server.hpp"
#include "store/store_fixture.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/forge/sealed_secrets.hpp"
#include "reprise/forge/slack_api.hpp"
#include "reprise/forge/webhook_sender.hpp"
#include "reprise/runs/deliverer.hpp"
#include "reprise/store/deliveries.hpp"
#include "reprise/store/notice_endpoints.hpp"
#include "reprise/store/notices.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace reprise::runs {

constexpr std::int64_t t0 = store::t0;

// A store, a receiver of the tests and the deliverer between them; time stands still unless it is moved.
class delivery_fixture : public testing::Test {
protected:
    reprise::test::io_threads io;  // Before the store, whose threads resume what runs here.
    store::scratch_directory directory;
    std::unique_ptr<store::database> db = store::database::open(store::options_in(directory)).value();
    forge::test::recording_server receiver;
    manual_clock time{t0};
    metrics numbers;
    forge::sealed_secrets secrets{std::string(32, 'k')};
    std::unique_ptr<forge::webhook_sender> sender;
    std::unique_ptr<forge::slack_api> slack;
    std::unique_ptr<task_group> tasks;
    std::unique_ptr<deliverer> subject;
    delivery_policy policy;

    void SetUp() override { policy.public_url = "https://reprise.test"; }
    void TearDown() override
    {
        if (tasks) {
            tasks->stop();
            EXPECT_TRUE(io.run(tasks->drain(std::chrono::seconds(5))));
        }
    }

    void start()
    {
        forge::webhook_rules rules;
        rules.allow("127.0.0.0/8").value();
        sender = std::make_unique<forge::webhook_sender>(
            std::move(rules), forge::webhook_limits(), nullptr, time, "Reprise/test"
        );
        tasks = std::make_unique<task_group>(io.executor());
        const deliverer_parts parts{*db, time, numbers, secrets, *sender, slack.get(), *tasks};
        subject = std::make_unique<deliverer>(parts, policy);
    }

    // How many attempts it began; all of them have ended.
    std::size_t pass()
    {
        const std::size_t begun = io.run(subject->begin_due());
        EXPECT_TRUE(io.run(tasks->drain(std::chrono::seconds(5))));
        return begun;
    }

    template <class Work>
    auto write(Work work)
    {
        return db->write_blocking(std::move(work)).value();
    }
    template <class Work>
    auto read(Work work)
    {
        return db->read_blocking(std::move(work)).value();
    }

    void add_webhook(const std::string& id, const std::string& path = "/hook")
    {
        store::notice_endpoint value;
        value.id = id;
        value.url = receiver.url() + path;
        value.secret = secrets.seal(id, secret_of(id));
        value.created_ns = t0;
        value.updated_ns = t0;
        write([&](store::transaction& tx) { return store::insert_endpoint(tx, value); });
    }
    static std::string secret_of(const std::string& id)
    {
        return "whsec_" + to_base64(std::string(24, id.back()));
    }
    void open_incident(const std::string& id)
    {
        write([&](store::transaction& tx) {
            return store::insert_incident(tx, store::incident_of(id), store::opened_event());
        });
    }

    // Oldest first.
    std::vector<store::delivery> deliveries(const std::string& endpoint)
    {
        store::delivery_filter filter;
        filter.endpoint_id = endpoint;
        auto list = read([&](store::reader& r) { return store::list_deliveries(r, filter); });
        std::reverse(list.begin(), list.end());
        return list;
    }
    store::notice_endpoint endpoint(const std::string& id)
    {
        return read([&](store::reader& r) { return store::find_endpoint(r, id); }).value();
    }
    bool metrics_say(const std::string& line) const { return numbers.render().find(line) != std::string::npos; }
};

}  // namespace reprise::runs
