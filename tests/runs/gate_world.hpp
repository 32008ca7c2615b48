#pragma once

#include "reprise/archive/bundle.hpp"
#include "reprise/archive/evidence_reader.hpp"
#include "reprise/archive/object_store.hpp"
#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/forge/effect.hpp"
#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/net/client.hpp"
#include "reprise/pipeline/trial_sink.hpp"
#include "reprise/runs/decisions.hpp"
#include "reprise/runs/notice.hpp"
#include "reprise/runs/policy.hpp"
#include "reprise/runs/worker.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/services.hpp"
#include "reprise/store/signals.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// The worker, the store and a clock that stands still, with a tracker that answers what a test says.
namespace reprise::runs::test {

constexpr std::int64_t t0 = 1'764'000'000'000'000'000;
constexpr std::int64_t minute_ns = 60 * ns_per_s;
constexpr std::int64_t hour_ns = 60 * minute_ns;

class scratch_directory {
public:
    scratch_directory()
    {
        std::string name = (std::filesystem::temp_directory_path() / "reprise-runs-XXXXXX").string();
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

using failure_kind = decltype(forge::effect_failure::kind);

// Publishes under a number, unless a test has put failures before it. Remembers what it was asked.
class scripted_tracker final : public forge::tracker {
public:
    bool takes(std::string_view) const noexcept override { return true; }
    boost::asio::awaitable<forge::effect_result> publish(forge::effect wanted) override
    {
        asked.push_back(std::move(wanted));
        if (!failures.empty()) {
            forge::effect_failure failure = std::move(failures.front());
            failures.pop_front();
            co_return failure;
        }
        forge::published_effect made;
        made.url = "https://tracker.test/" + std::to_string(asked.size());
        made.adopted = adopts;
        co_return made;
    }

    void fail(failure_kind kind, std::string text, std::optional<std::chrono::seconds> after = {})
    {
        forge::effect_failure failure;
        failure.kind = kind;
        failure.text = std::move(text);
        failure.retry_after = after;
        failures.push_back(std::move(failure));
    }

    std::vector<forge::effect> asked;
    std::deque<forge::effect_failure> failures;
    bool adopts = false;
};

class kept_notices final : public notice_sink {
public:
    result<void> take(store::transaction&, const notice& told) override
    {
        all.push_back(told);
        return {};
    }

    std::vector<std::string> ids() const
    {
        std::vector<std::string> found;
        for (const notice& one : all)
            found.push_back(std::string(to_text(one.kind)) + " " + one.state);
        return found;
    }

    std::vector<notice> all;
};

class gate_world : public testing::Test {
protected:
    template <class Work>
    auto write(Work work)
    {
        auto done = db->write_blocking(std::move(work));
        if (!done)
            throw std::runtime_error("write: " + done.error().message());
        return done;
    }
    template <class Work>
    auto read(Work work)
    {
        return db->read_blocking(std::move(work)).value();
    }

    gate_world()
    {
        store::database_options where;
        where.path = directory.path() / "reprise.db";
        where.audit_key = "a key for the tests only, 32 byte";
        db = store::database::open(where).value();
        policy.data_dir = directory.path();
        policy.claim_pause = std::chrono::milliseconds(5);
        policy.public_url = "http://127.0.0.1:4380";
        const worker_parts parts{*db,     evidence, time,   trials,   client,
                                 io.get_executor(), numbers, policy, trackers, &notices};
        subject = std::make_unique<worker>(parts);
        write([](store::transaction& tx) {
            const std::array seen = {store::service_sight{"checkout", t0, 1}};
            return store::touch_services(tx, seen, t0);
        });
    }
    ~gate_world() override { stop(); }

    // Runs the worker until `done` holds.
    void work_until(const std::string& what, const std::function<bool()>& done)
    {
        if (!tasks) {
            io.restart();  // It may have run out of work at the last stop().
            tasks = std::make_unique<task_group>(io.get_executor());
            tasks->spawn("worker", subject->run_worker("w"));
        }
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!done()) {
            if (std::chrono::steady_clock::now() > deadline)
                throw std::runtime_error("never: " + what);
            io.run_one_for(std::chrono::milliseconds(20));
        }
    }
    void work_until_run(const std::string& run_id, model::run_state state)
    {
        work_until("run " + std::string(model::to_text(state)), [&] { return run_now(run_id).state == state; });
    }
    // Until the attempt that is due has failed and the next one waits.
    void work_one_attempt(const std::string& run_id)
    {
        const std::uint32_t before = run_now(run_id).attempt;
        work_until("another attempt", [&] {
            const model::run now = run_now(run_id);
            return now.attempt > before && now.state != model::run_state::leased;
        });
    }
    void stop()
    {
        if (!tasks)
            return;
        tasks->stop();
        while (tasks->size() > 0)
            io.run_one_for(std::chrono::milliseconds(20));
        tasks.reset();
    }

    model::run run_now(const std::string& id)
    {
        return read([&](store::reader& from) { return store::find_run(from, id); }).value();
    }
    model::incident incident_now()
    {
        return read([&](store::reader& from) { return store::find_incident(from, incident_id); }).value();
    }
    std::string place()
    {
        const model::incident now = incident_now();
        return lifecycle::place_text(now.status, now.phase, now.reason);
    }
    model::approval approval_of(const std::string& run_id)
    {
        return read([&](store::reader& from) { return store::find_approval_by_run(from, run_id); }).value();
    }
    std::vector<store::publication> publications()
    {
        return read([&](store::reader& from) { return store::list_incident_publications(from, incident_id, 50); });
    }
    std::vector<std::string> audit_actions()
    {
        std::vector<std::string> actions;
        for (const store::audit_row& row : read([](store::reader& from) { return store::list_audit(from, 0, 100); }))
            actions.push_back(row.entry.action);
        return actions;
    }

    // An incident of severity high in needs_human(no_target), as the pipeline and a first run leave it.
    void open_incident(model::severity severity = model::severity::high)
    {
        model::incident incident;
        incident.id = incident_id;
        incident.service = "checkout";
        incident.title = "POST /orders fails 28 of 193 times";
        incident.severity = severity;
        incident.status = model::incident_status::needs_human;
        incident.reason = "no_target";
        incident.opened_ns = incident.updated_ns = incident.first_seen_ns = incident.last_seen_ns = t0;
        model::incident_event event;
        event.at_ns = t0;
        event.actor = "pipeline";
        event.to = "needs_human(no_target)";
        event.why = "test";
        write([&](store::transaction& tx) { return store::insert_incident(tx, incident, event); });
    }
    void change_incident(const std::function<void(model::incident&)>& change)
    {
        write([&](store::transaction& tx) -> result<void> {
            auto incident = *store::find_incident(tx, incident_id).value();
            const std::int64_t version = incident.version;
            change(incident);
            model::incident_event event;
            event.at_ns = time.now_ns();
            event.actor = "test";
            event.to = "test";
            event.why = "test";
            return store::save_incident(tx, incident, version, event);
        });
    }
    std::string queue(model::run_kind kind, const std::function<void(model::run&)>& change = [](model::run&) {})
    {
        model::run run;
        run.id = make_ulid(time.now_ns());
        run.kind = kind;
        run.incident_id = incident_id;
        run.requested_by = "user:ada";
        run.created_ns = run.updated_ns = run.not_before_ns = time.now_ns();
        change(run);
        write([&](store::transaction& tx) { return store::enqueue_run(tx, run); });
        return run.id;
    }
    // A publish run that waits at the gate.
    std::string waiting_run()
    {
        const std::string id = queue(model::run_kind::publish);
        work_until_run(id, model::run_state::waiting_approval);
        return id;
    }
    void set_service(const std::function<void(model::service&)>& change)
    {
        write([&](store::transaction& tx) -> result<void> {
            auto service = *store::find_service(tx, "checkout").value();
            change(service);
            return store::save_service_settings(tx, service, service.version, t0);
        });
    }

    model::person approver(const std::string& name)
    {
        model::person person;
        person.id = "id-" + name;
        person.name = name;
        person.roles.approver = person.roles.operator_ = true;
        return person;
    }
    void store_person(const model::person& person)
    {
        write([&](store::transaction& tx) { return store::insert_person(tx, person); });
    }
    decision_request decision_on(
        const model::approval& approval, const std::string& by,
        model::decision_kind kind = model::decision_kind::approve
    )
    {
        decision_request request;
        request.approval_id = approval.id;
        request.person = approver(by);
        request.auth = "session";
        request.authenticated_ns = time.now_ns();
        request.kind = kind;
        request.comment = kind == model::decision_kind::approve ? "" : "the numbers are of another service";
        request.content_hash = approval.content_hash;
        request.confirm = approval.content_hash.substr(0, lifecycle::confirm_digits);
        return request;
    }
    result<decision_answer> decide(const decision_request& request)
    {
        return db->write_blocking([&](store::transaction& tx) {
            return decide_approval(tx, request, policy.approval, time.now_ns(), &notices);
        });
    }
    // By as many people as it takes.
    void release(const model::approval& approval)
    {
        for (std::uint32_t i = 0; i < approval.approvals_needed; ++i) {
            const auto done = decide(decision_on(approval, "approver " + std::to_string(i)));
            ASSERT_TRUE(done) << done.error().message();
        }
    }
    sweep_report sweep()
    {
        return write([&](store::transaction& tx) {
            return sweep_approvals(tx, policy.approval, time.now_ns(), &notices);
        }).value();
    }

    const std::string incident_id = "01JD6Z0000000000000000000A";
    scratch_directory directory;
    manual_clock time{t0};
    metrics numbers;
    boost::asio::io_context io;
    // A context without work would stop for good, and a test starts its worker more than once.
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> kept_open{io.get_executor()};
    std::unique_ptr<archive::object_store> files = archive::make_file_store(directory.path(), io.get_executor());
    archive::evidence_reader evidence{*files, nullptr, io.get_executor(), numbers};
    pipeline::trial_sink trials;
    net::http_client client{net::target_guard::allow_all(), net::client_limits()};
    run_policy policy;
    scripted_tracker trackers;
    kept_notices notices;
    std::unique_ptr<store::database> db;
    std::unique_ptr<worker> subject;
    std::unique_ptr<task_group> tasks;
};

}  // namespace reprise::runs::test
