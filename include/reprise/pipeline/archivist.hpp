#pragma once

#include "reprise/archive/object_store.hpp"
#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/store/archive_objects.hpp"
#include "reprise/store/run_answers.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::store {
class database;
}

namespace reprise::pipeline {

struct archivist_config {
    bool keeps_local = false;            // The local copy stays after the upload, too.
    std::int64_t evidence_keep_ns = 90 * 24 * 3600 * ns_per_s;
    std::int64_t findings_keep_ns = 90 * 24 * 3600 * ns_per_s;
    std::uint64_t bytes_max = 50ULL << 30;  // Of all objects; the oldest go first.
    std::uint64_t answers_bytes_max = store::all_answers_bytes_max;  // Of what targets answered in all runs.
    std::size_t uploads_per_pass = 64;
    std::size_t removals_per_pass = 256;
    std::chrono::milliseconds poll{2'000};            // Between passes with nothing to do.
    std::chrono::milliseconds outage_first{5'000};    // After a failure of the whole store; doubles ...
    std::chrono::milliseconds outage_max{300'000};    // ... up to this.
    std::chrono::milliseconds retry_first{30'000};    // Of one object that failed alone; doubles ...
    std::chrono::milliseconds retry_max{3'600'000};   // ... up to this.
    std::chrono::milliseconds retention_every{600'000};
};

struct upload_report {
    std::size_t uploaded = 0;
    std::size_t failed = 0;
    bool store_failed = false;  // The pass ended: the next object would have failed the same way.
};

struct retention_report {
    std::size_t removed = 0;
    std::size_t failed = 0;     // Tried again in the next pass.
};

// Looks after objects once they are on the disk and in the database: uploads those that are local only,
// reads each back before its local copy goes, and deletes what is too old or too much. What is to be done stands
// in the database, so a restart goes on where it was; nothing here holds up a window. One pass of one kind at a
// time, all on the caller's strand. Everything by reference outlives it.
class archivist {
public:
    // Without `remote` nothing is uploaded.
    archivist(
        store::database& database, archive::object_store& local, archive::object_store* remote, const clock& time,
        metrics& numbers, archivist_config config
    );

    boost::asio::awaitable<upload_report> upload_due();
    boost::asio::awaitable<retention_report> remove_expired();

    // Both, for ever, until cancelled.
    boost::asio::awaitable<void> run_archivist();

private:
    boost::asio::awaitable<archive::store_result<void>> upload(const store::archive_object& object);
    boost::asio::awaitable<archive::store_result<std::string>> read_local(const store::archive_object& object);
    boost::asio::awaitable<archive::store_result<void>> verify(const store::archive_object& object);
    boost::asio::awaitable<bool> settle(const store::archive_object& object);
    boost::asio::awaitable<void> note_failure(
        const store::archive_object& object, const archive::store_failure& failure
    );
    boost::asio::awaitable<void> choose_by_age(store::archive_kind kind, std::int64_t keep_ns);
    boost::asio::awaitable<void> choose_by_size();
    boost::asio::awaitable<void> begin_removals(std::vector<store::archive_object> objects, std::string_view why);
    boost::asio::awaitable<void> trim_answers();
    boost::asio::awaitable<bool> remove(const store::archive_object& object);
    boost::asio::awaitable<void> show_waiting();
    boost::asio::awaitable<void> show_totals();

    store::database& database_;
    archive::object_store& local_;
    archive::object_store* remote_;
    const clock& time_;
    const archivist_config config_;
    counter& uploads_;
    counter& upload_bytes_;
    std::map<std::string_view, counter*> upload_failures_;  // By reason.
    counter& removed_;
    counter& removal_failures_;
    gauge& waiting_;
    gauge& waiting_bytes_;
    gauge& objects_;
    gauge& bytes_;
    gauge& answer_bytes_;
};

}  // namespace reprise::pipeline
