#pragma once

#include "reprise/archive/bundle.hpp"
#include "reprise/base/clock.hpp"
#include "reprise/base/id.hpp"
#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/runs/actions.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/services.hpp"
#include "reprise/store/signals.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace reprise::runs::fixture {

constexpr std::int64_t t0 = 1'700'000'000'000'000'000;

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

// Ten seconds at most; what is waited for is done by other threads.
template <class Condition>
bool eventually(Condition holds)
{
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline)
            return false;
        std::this_thread::yield();
    }
    return true;
}

inline model::signal failing_orders()
{
    model::signal signal;
    signal.id = make_ulid(t0);
    signal.severity = model::severity::high;
    signal.operation.service = "checkout";
    signal.operation.protocol = "http";
    signal.operation.method = "GET";
    signal.operation.route = "/orders";
    signal.operation_id = model::operation_id(signal.operation.view());
    signal.window_start_ns = t0 - 60 * ns_per_s;
    signal.window_end_ns = t0;
    signal.unit = "ratio";
    signal.observed = 0.5;
    signal.gate = 0.1;
    signal.fingerprint = std::string(64, 'a');
    return signal;
}

inline model::evidence write_evidence(const model::signal& signal, const std::filesystem::path& data_dir)
{
    std::vector<model::evidence_item> items;
    archive::bundle_source source;
    source.evidence.id = make_ulid(t0);
    source.evidence.signal_id = signal.id;
    source.evidence.service = "checkout";
    source.evidence.fingerprint = signal.fingerprint;
    source.evidence.window_start_ns = signal.window_start_ns;
    source.evidence.created_ns = t0;
    source.signal_json = "{}";
    source.redaction_version = "1";
    source.selection = "all";
    source.producer = "test";
    for (int i = 0; i < 4; ++i) {
        model::evidence_item item;
        item.role = i < 2 ? model::evidence_role::failing : model::evidence_role::control;
        item.exchange.operation = signal.operation;
        item.exchange.outcome = i < 2 ? model::outcome::server_error : model::outcome::ok;
        item.exchange.status = i < 2 ? 500 : 200;
        item.exchange.start_ns = signal.window_start_ns + i * ns_per_ms;
        item.exchange.duration_ns = 20 * ns_per_ms;
        item.exchange.method = "GET";
        item.exchange.path = "/orders?n=" + std::to_string(i);
        item.exchange.host = "checkout.test";
        item.exchange.complete = true;
        items.push_back(std::move(item));
    }
    source.items = items;
    return archive::write_bundle(data_dir, source).value();
}

// A database with one incident, its signal and evidence, and its reproduce run in the queue.
class runs_fixture : public testing::Test {
protected:
    scratch_directory directory;
    manual_clock time{t0};
    std::unique_ptr<store::database> db = open(directory.path());
    model::incident incident;
    model::run run;

    static std::unique_ptr<store::database> open(const std::filesystem::path& in)
    {
        store::database_options options;
        options.path = in / "reprise.db";
        options.audit_key = "a key for the tests only, 32 byte";
        return store::database::open(options).value();
    }

    template <class Work>
    auto write(Work work)
    {
        return db->write_blocking(std::move(work));
    }

    void add_incident()
    {
        const model::signal signal = failing_orders();
        const auto evidence = write_evidence(signal, directory.path());
        incident.id = make_ulid(t0);
        incident.service = "checkout";
        incident.title = "GET /orders fails";
        incident.severity = model::severity::high;
        incident.phase = "queued";
        incident.opened_ns = incident.updated_ns = incident.first_seen_ns = incident.last_seen_ns = t0;
        const auto fill = [&](store::transaction& tx) -> result<void> {
            const std::array seen = {store::service_sight{"checkout", t0, 10}};
            store::touch_services(tx, seen, t0).value();
            store::insert_signal(tx, signal, t0).value();
            model::incident_event opened;
            opened.at_ns = t0;
            opened.actor = "pipeline";
            opened.to = "detected/queued";
            store::insert_incident(tx, incident, opened).value();
            store::set_signal_incident(tx, signal.id, incident.id, t0).value();
            store::insert_evidence(tx, evidence).value();
            return store::set_signal_evidence(tx, signal.id, evidence.id, t0);
        };
        write(fill).value();
        run = run_of("01RUN", signal.id, evidence.id);
    }

    model::run run_of(std::string id, std::string signal_id, std::string evidence_id)
    {
        model::run made;
        made.id = std::move(id);
        made.incident_id = incident.id;
        made.signal_id = std::move(signal_id);
        made.evidence_id = std::move(evidence_id);
        made.requested_by = "pipeline";
        made.created_ns = made.updated_ns = made.not_before_ns = t0;
        return made;
    }

    void enqueue()
    {
        write([&](store::transaction& tx) { return store::enqueue_run(tx, run); }).value();
    }

    void set_target(const std::string& url)
    {
        const auto set = [&](store::transaction& tx) -> result<void> {
            auto service = store::find_service(tx, "checkout").value().value();
            service.replay_target = url;
            return store::save_service_settings(tx, service, service.version, t0);
        };
        write(set).value();
    }

    model::run stored(const std::string& id = "01RUN")
    {
        return db->read_blocking([&](const store::reader& r) { return store::find_run(r, id); }).value().value();
    }
    model::incident stored_incident()
    {
        return db->read_blocking([&](const store::reader& r) { return store::find_incident(r, incident.id); })
            .value()
            .value();
    }
    std::vector<model::run_step> steps_of(const std::string& id)
    {
        return db->read_blocking([&](const store::reader& r) { return store::list_steps(r, id); }).value();
    }

    result<model::run> act(run_action action, const std::string& comment = {}, const std::string& from_step = {})
    {
        run_request request;
        request.run_id = "01RUN";
        request.action = action;
        request.actor = "user:ada";
        request.comment = comment;
        request.from_step = from_step;
        return write([&](store::transaction& tx) { return act_on_run(tx, request, time.now_ns()); });
    }

    // The run as it would be stored after some work, whatever the machine says.
    void store_run(model::run_state state)
    {
        auto changed = stored();
        changed.state = state;
        changed.updated_ns = time.now_ns();
        write([&](store::transaction& tx) { return store::save_run_by_version(tx, changed, changed.version); }).value();
    }
    void move(lifecycle::incident_change change)
    {
        change.now_ns = time.now_ns();
        const auto apply = [&](store::transaction& tx) -> result<void> {
            const auto before = store::find_incident(tx, incident.id).value().value();
            auto moved = lifecycle::apply(before, change).value();
            return store::save_incident(tx, moved.incident, before.version, moved.event);
        };
        write(apply).value();
    }
    std::string last_audit()
    {
        const auto rows = db->read_blocking([](const store::reader& r) { return store::list_audit(r, 0, 100); });
        return rows->empty() ? std::string() : rows->back().entry.action + " by " + rows->back().entry.actor;
    }
};

}  // namespace reprise::runs::fixture
