#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/run.hpp"
#include "reprise/model/signal.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/runs.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace reprise::store {

constexpr std::int64_t t0 = 1'700'000'000'000'000'000;

// A directory that goes with the test.
class scratch_directory {
public:
    scratch_directory()
    {
        std::string name = (std::filesystem::temp_directory_path() / "reprise-store-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        path_ = name;
    }
    ~scratch_directory() { std::filesystem::remove_all(path_); }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline database_options options_in(const scratch_directory& directory)
{
    database_options options;
    options.path = directory.path() / "reprise.db";
    options.audit_key = "a key for the tests only, 32 byte";
    return options;
}

// A real database in a temporary directory.
class store_test : public testing::Test {
protected:
    scratch_directory directory;
    std::unique_ptr<database> db = database::open(options_in(directory)).value();

    template <class Work>
    auto write(Work work)
    {
        return db->write_blocking(std::move(work));
    }
    template <class Work>
    auto read(Work work)
    {
        return db->read_blocking(std::move(work));
    }

    void reopen()
    {
        db.reset();
        db = database::open(options_in(directory)).value();
    }
};

inline model::incident incident_of(std::string id, std::string service = "checkout")
{
    model::incident incident;
    incident.id = std::move(id);
    incident.service = std::move(service);
    incident.title = "POST /orders fails 28 of 193 times";
    incident.severity = model::severity::high;
    incident.phase = "queued";
    incident.opened_ns = t0;
    incident.updated_ns = t0;
    incident.first_seen_ns = t0;
    incident.last_seen_ns = t0;
    return incident;
}

inline model::incident_event opened_event()
{
    model::incident_event event;
    event.at_ns = t0;
    event.actor = "pipeline";
    event.to = "detected/queued";
    event.why = "new fingerprint";
    return event;
}

inline model::run run_of(std::string id, std::string incident_id)
{
    model::run run;
    run.id = std::move(id);
    run.incident_id = std::move(incident_id);
    run.requested_by = "pipeline";
    run.created_ns = t0;
    run.updated_ns = t0;
    run.not_before_ns = t0;
    return run;
}

// An incident with one queued run.
inline result<void> add_run(transaction& tx, const std::string& incident_id, const std::string& run_id)
{
    const auto opened = insert_incident(tx, incident_of(incident_id), opened_event());
    if (!opened)
        return opened.error();
    return enqueue_run(tx, run_of(run_id, incident_id));
}

}  // namespace reprise::store
