#pragma once

#include "reprise/pipeline/alarms.hpp"
#include "reprise/pipeline/commit.hpp"
#include "reprise/store/alarms.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/runs.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace reprise::pipeline {

constexpr std::int64_t t0 = 1'700'000'000'000'000'000;
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t minute_ns = 60 * second_ns;
constexpr std::int64_t hour_ns = 60 * minute_ns;

// A real database, and alarms that come one after the other.
class alarm_fixture : public testing::Test {
protected:
    alarm_fixture()
    {
        std::string name = (std::filesystem::temp_directory_path() / "reprise-alarms-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        directory_ = name;
        store::database_options options;
        options.path = directory_ / "reprise.db";
        options.audit_key = "a key for the tests only, 32 byte";
        database = store::database::open(options).value();
        policy.redaction_key = "a key for the tests";
    }
    ~alarm_fixture() override
    {
        database.reset();
        std::filesystem::remove_all(directory_);
    }

    template <class Work>
    auto write(Work work)
    {
        return database->write_blocking(std::move(work));
    }
    template <class Work>
    auto read(Work work)
    {
        return database->read_blocking(std::move(work)).value();
    }

    // The next event; each has its own key.
    model::alarm alarm_of(std::string description, std::string service = "shop", std::string error_type = "TypeError")
    {
        model::alarm alarm;
        alarm.source = "api";
        alarm.event_key = "event-" + std::to_string(++events_);
        alarm.service = std::move(service);
        alarm.error_type = std::move(error_type);
        alarm.title = "An error";
        alarm.description = std::move(description);
        return alarm;
    }

    alarm_outcome accept(const model::alarm& alarm)
    {
        return write([&](store::transaction& tx) { return accept_alarm(tx, alarm, policy, now_ns); }).value();
    }
    alarm_outcome accept(std::string description) { return accept(alarm_of(std::move(description))); }

    model::incident incident(const std::string& id)
    {
        return read([&](store::reader& r) { return store::find_incident(r, id); }).value();
    }
    std::vector<model::incident> incidents()
    {
        return read([](store::reader& r) { return store::list_incidents(r, {}); });
    }
    std::vector<model::run> runs()
    {
        return read([](store::reader& r) { return store::list_runs(r, {}); });
    }
    std::string timeline(const std::string& id)
    {
        std::string text;
        for (const auto& one : read([&](store::reader& r) { return store::list_timeline(r, id, 0, 100); }))
            text += one.from + ">" + one.to + " " + one.why + "\n";
        return text;
    }
    std::uint64_t total(const std::string& name)
    {
        for (const auto& one : read([](store::reader& r) { return store::list_alarm_totals(r, 0); })) {
            if (one.name == name)
                return one.count;
        }
        return 0;
    }

    // Whatever the state machine says: this is the live store that an index is checked against.
    void set_status(const std::string& id, model::incident_status status, std::string reason = {},
                    const std::string& from = "submitted/ticket_open")
    {
        model::incident changed = incident(id);
        changed.status = status;
        changed.phase = "";
        changed.reason = std::move(reason);
        if (status == model::incident_status::resolved)
            changed.resolved_ns = now_ns;
        model::incident_event event;
        event.at_ns = now_ns;
        event.actor = "user:ada";
        event.from = from;
        event.to = model::to_text(status);
        ASSERT_TRUE(write([&](store::transaction& tx) {
            return store::save_incident(tx, changed, changed.version, event);
        }));
    }

    std::unique_ptr<store::database> database;
    alarm_policy policy;
    std::int64_t now_ns = t0;

private:
    std::filesystem::path directory_;
    int events_ = 0;
};

}  // namespace reprise::pipeline
