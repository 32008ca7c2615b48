#pragma once

#include "running_api.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/pipeline/alarms.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/hook_deliveries.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/notice_endpoints.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/polling.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/services.hpp"
#include "reprise/store/signals.hpp"

#include <array>
#include <string>
#include <vector>

namespace reprise::http::test {

// One problem with everything that hangs on it: service, signal, evidence, incident, run, approval,
// publication. The run waits at the gate.
struct seeded {
    model::signal signal;
    model::incident incident;
    model::evidence evidence;
    model::run run;
    model::approval approval;
};

inline model::signal make_signal(std::int64_t now_ns)
{
    model::signal signal;
    signal.id = make_ulid(now_ns);
    signal.severity = model::severity::high;
    signal.operation.service = "checkout";
    signal.operation.protocol = "http";
    signal.operation.method = "POST";
    signal.operation.route = "/orders";
    signal.operation_id = model::operation_id(signal.operation.view());
    signal.window_start_ns = now_ns - 60 * ns_per_s;
    signal.window_end_ns = now_ns;
    signal.metric = "share of failing responses";
    signal.unit = "ratio";
    signal.observed = 28.0 / 193.0;
    signal.observed_k = 28;
    signal.observed_n = 193;
    signal.p_value = 1e-9;
    signal.rule = "beta-binomial tail < 1e-6";
    signal.explanation = "28 of 193 failed.";
    signal.numbers = {{"peak_in_flight", 12}};
    signal.fingerprint = std::string(64, 'a');
    signal.trace_ids = {std::string(32, '1')};
    return signal;
}

inline model::incident make_incident(const model::signal& signal, std::int64_t now_ns)
{
    model::incident incident;
    incident.id = make_ulid(now_ns);
    incident.service = "checkout";
    incident.title = "POST /orders fails 28 of 193 times";
    incident.severity = signal.severity;
    incident.status = model::incident_status::reproduced;
    incident.phase = "awaiting_approval";
    incident.occurrences = 1;
    incident.signal_count = 1;
    incident.opened_ns = incident.updated_ns = incident.first_seen_ns = incident.last_seen_ns = now_ns;
    return incident;
}

inline model::evidence make_evidence(const model::signal& signal, const std::filesystem::path& data_dir)
{
    archive::bundle_source source;
    source.evidence.id = make_ulid(signal.window_end_ns);
    source.evidence.signal_id = signal.id;
    source.evidence.service = "checkout";
    source.evidence.fingerprint = signal.fingerprint;
    source.evidence.window_start_ns = signal.window_start_ns;
    source.evidence.created_ns = signal.window_end_ns;
    source.signal_json = "{}";
    source.redaction_version = "1";
    source.selection = "all";
    source.producer = "test";
    std::vector<model::evidence_item> items(3);
    for (std::size_t i = 0; i < items.size(); ++i) {
        model::exchange& exchange = items[i].exchange;
        items[i].role = i < 2 ? model::evidence_role::failing : model::evidence_role::control;
        exchange.operation = signal.operation;
        exchange.outcome = i < 2 ? model::outcome::server_error : model::outcome::ok;
        exchange.status = i < 2 ? 500 : 200;
        exchange.start_ns = signal.window_start_ns + static_cast<std::int64_t>(i) * ns_per_ms;
        exchange.duration_ns = 20 * ns_per_ms;
        exchange.method = "POST";
        exchange.path = "/orders?n=" + std::to_string(i);
        exchange.host = "checkout.test";
        exchange.request_headers = {{"content-type", "application/json"}};
        exchange.request_body = R"({"n":1})";
        exchange.response_body = "<script>alert(1)</script>";
        exchange.complete = true;
    }
    source.items = items;
    return archive::write_bundle(data_dir, source).value();
}

inline model::run make_run(
    const model::signal& signal, const model::incident& incident, const model::evidence& evidence,
    const std::string& requested_by, std::int64_t now_ns
)
{
    model::run run;
    run.id = make_ulid(now_ns);
    run.incident_id = incident.id;
    run.signal_id = signal.id;
    run.evidence_id = evidence.id;
    run.state = model::run_state::waiting_approval;
    run.requested_by = requested_by;
    run.step = "gate";
    run.attempt = 1;
    run.risk = model::risk::high;
    run.verdict = model::verdict::reproduced;
    run.created_ns = run.updated_ns = run.not_before_ns = now_ns;
    run.result = R"({"verdict":"reproduced","reason":"5 of 5","confirm_with":"failing_share","metric":"share",)"
                 R"("unit":"ratio","gate":0.01,"baseline":0,"trials":[{"number":1,"shows":true,"metric":1,"control":0,)"
                 R"("n":10,"control_n":10,"p_value":0.001,"gate_passed":true}],"trials_planned":5,)"
                 R"("requests_planned":10,"requests_sent":10,"requests_answered":10,"target":"http://127.0.0.1:3000",)"
                 R"("methodology_hash":"ab","numbers":[]})";
    return run;
}

inline model::approval make_approval(
    const model::incident& incident, const model::run& run, model::risk risk, std::int64_t now_ns
)
{
    lifecycle::approval_request request;
    request.id = make_ulid(now_ns);
    request.run_id = run.id;
    request.incident_id = incident.id;
    request.action = "ticket";
    request.summary = "Writes a ticket.";
    request.content = R"({"action":"ticket","body":"text","target":"file:tickets","title":"POST /orders fails"})";
    request.risk = risk;
    request.risk_reasons = {"severity high"};
    request.requested_by = run.requested_by;
    request.now_ns = now_ns;
    return lifecycle::open_approval(request, {});
}

inline result<void> store_windows(store::transaction& tx, const model::signal& signal, std::int64_t now_ns)
{
    const std::array keys = {signal.operation};
    const auto known = store::upsert_operations(tx, keys, now_ns);
    if (!known)
        return known.error();
    std::vector<store::operation_window> rows;
    for (int i = 9; i >= 0; --i) {
        store::operation_window row;
        row.operation = signal.operation_id;
        row.window_start_ns = signal.window_start_ns - i * 60 * ns_per_s;
        row.window_ns = 60 * ns_per_s;
        row.counts[0] = 165;
        row.counts[3] = i == 0 ? 28 : 0;
        row.p50_ns = 10 * ns_per_ms;
        row.p90_ns = 20 * ns_per_ms;
        row.p95_ns = 30 * ns_per_ms;
        row.max_ns = 40 * ns_per_ms;
        row.anomalous = i == 0;
        rows.push_back(row);
    }
    const auto inserted = store::insert_windows(tx, rows);
    if (!inserted)
        return inserted.error();
    return store::add_traffic(tx, signal.window_start_ns, 193, 28, now_ns);
}

inline result<void> store_all(store::transaction& tx, seeded& all, std::int64_t now_ns)
{
    store::notice_endpoint webhook;
    webhook.id = make_ulid(now_ns);
    webhook.url = "https://hooks.example.com/in";
    webhook.created_ns = webhook.updated_ns = now_ns;
    store::insert_endpoint(tx, webhook).value();
    const std::array seen = {store::service_sight{"checkout", now_ns, 193}};
    store::touch_services(tx, seen, now_ns).value();
    store_windows(tx, all.signal, now_ns).value();
    store::insert_signal(tx, all.signal, now_ns).value();
    model::incident_event event;
    event.at_ns = now_ns;
    event.actor = "pipeline";
    event.to = "detected/queued";
    event.why = "new fingerprint";
    store::insert_incident(tx, all.incident, event).value();
    store::set_signal_incident(tx, all.signal.id, all.incident.id, now_ns).value();
    store::insert_evidence(tx, all.evidence).value();
    store::set_signal_evidence(tx, all.signal.id, all.evidence.id, now_ns).value();
    store::enqueue_run(tx, all.run).value();
    model::run_event step;
    step.run_id = all.run.id;
    step.at_ns = now_ns;
    step.type = "log";
    step.data = R"({"text":"hello"})";
    store::append_run_event(tx, step).value();
    store::insert_approval(tx, all.approval).value();
    store::publication published;
    published.id = make_ulid(now_ns);
    published.idempotency_key = published.id;
    published.run_id = all.run.id;
    published.incident_id = all.incident.id;
    published.kind = "ticket";
    published.target = "file:tickets";
    published.title = "POST /orders fails";
    published.content = "{}";
    published.created_ns = published.due_ns = now_ns;
    const auto inserted = store::insert_publication(tx, published);
    if (!inserted)
        return inserted.error();
    return {};
}

inline seeded seed(running_api& on, model::risk risk = model::risk::high, const std::string& by = "pipeline")
{
    const std::int64_t now_ns = on.time().now_ns();
    seeded all;
    all.signal = make_signal(now_ns);
    all.incident = make_incident(all.signal, now_ns);
    all.evidence = make_evidence(all.signal, on.data_dir());
    all.run = make_run(all.signal, all.incident, all.evidence, by, now_ns);
    all.approval = make_approval(all.incident, all.run, risk, now_ns);
    on.write([&all, now_ns](store::transaction& tx) { return store_all(tx, all, now_ns); }).value();
    return all;
}

// An alarm with its incident, one that waits, one that was dismissed, and a log store. Returns the first one's id.
inline std::string seed_alarms(running_api& on)
{
    const std::int64_t now_ns = on.time().now_ns();
    return on.write([now_ns](store::transaction& tx) -> result<std::string> {
        pipeline::alarm_policy policy;
        policy.redaction_key = "test";
        model::alarm alarm;
        alarm.source = "sns";
        alarm.event_key = "1";
        alarm.service = "cart";
        alarm.title = "cart-errors in ALARM";
        alarm.occurred_ns = now_ns;
        alarm.status_code = 500;
        const auto opened = pipeline::accept_alarm(tx, alarm, policy, now_ns);
        policy.require_event_approval = true;
        for (const char* key : {"2", "3"}) {
            alarm.event_key = key;
            alarm.service = std::string("service-") + key;
            const auto held = pipeline::accept_alarm(tx, alarm, policy, now_ns);
            if (!held)
                return held.error();
            if (alarm.event_key == "3") {
                if (auto dismissed = pipeline::dismiss_event(tx, held->event_id, "user:ada", now_ns); !dismissed)
                    return dismissed.error();
            }
        }
        store::poll_source source;
        source.name = "production";
        source.position_ns = now_ns;
        source.asked_ns = now_ns;
        source.succeeded_ns = now_ns;
        if (auto saved = store::save_poll_source(tx, source); !saved)
            return saved.error();
        store::service_polling polling;
        polling.service = "cart";
        if (auto saved = store::save_service_polling(tx, polling); !saved)
            return saved.error();
        return opened ? result<std::string>(opened->alarm_id) : result<std::string>(opened.error());
    }).value();
}

inline store::hook_delivery seed_hook(running_api& on, const std::string& key, store::hook_state state)
{
    store::kept_hook made;
    made.delivery.id = make_ulid(on.time().now_ns());
    made.delivery.source = "github";
    made.delivery.dedup_key = key;
    made.delivery.event = "workflow_run";
    made.delivery.received_ns = on.time().now_ns();
    made.body = "sealed";
    made.delivery.body_bytes = made.body.size();
    auto work = [&](store::transaction& tx) -> result<void> {
        if (auto kept = store::insert_hook(tx, made); !kept)
            return kept.error();
        if (state == store::hook_state::waiting)
            return {};
        made.delivery.attempts = 1;
        if (auto claimed = store::claim_hooks(tx, made.delivery.received_ns, made.delivery.received_ns, 1); !claimed)
            return claimed.error();
        return store::finish_hook(tx, made.delivery, {state, "no JSON", 0}, made.delivery.received_ns);
    };
    on.write(std::move(work)).value();
    return made.delivery;
}

}  // namespace reprise::http::test
