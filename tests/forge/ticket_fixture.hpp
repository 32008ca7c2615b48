#pragma once

#include "reprise/forge/ticket.hpp"

#include <string>

// A ticket's source with every part filled, as the reproduce run of a burst would hand it in.
namespace reprise::forge {

inline std::string result_fixture()
{
    return R"({"verdict":"reproduced","reason":"5 of 5 trials show 200 arrivals in 50 ms.","confirm_with":"burst",
        "metric":"max arrivals in 50 ms","unit":"count","gate":60,"baseline":8,"trials":[
        {"number":1,"shows":true,"metric":200,"control":8,"n":10,"control_n":10,"p_value":1e-5,"gate_passed":true},
        {"number":2,"shows":true,"metric":198.5,"control":8,"n":10,"control_n":10,"p_value":0.00004,
         "gate_passed":true}],
        "trials_planned":5,"requests_planned":100,"requests_sent":100,"requests_answered":99,
        "target":"http://127.0.0.1:3000","methodology_hash":"ab12","numbers":[{"name":"peak_in_flight","value":100}]})";
}

inline ticket_source source_fixture()
{
    ticket_source source;
    source.incident.id = "01JD6Z0000000000000000000A";
    source.incident.service = "radar";
    source.incident.title = "GET /messages/{id} answered 429 to 28 of 193 calls (14.5 %)";
    source.incident.severity = model::severity::high;
    source.incident.generation = 2;
    source.incident.occurrences = 3;
    source.signal.id = "01JD6Z0000000000000000000B";
    source.signal.kind = model::signal_kind::rate_limit_burst;
    source.signal.operation.service = "radar";
    source.signal.operation.kind = model::operation_kind::client;
    source.signal.operation.method = "GET";
    source.signal.operation.route = "/messages/{id}";
    source.signal.metric = "share of throttled answers";
    source.signal.unit = "ratio";
    source.signal.observed = 28.0 / 193;
    source.signal.observed_k = 28;
    source.signal.observed_n = 193;
    source.signal.baseline = 79.0 / 41'580;
    source.signal.baseline_k = 79;
    source.signal.baseline_n = 41'580;
    source.signal.baseline_windows = 60;
    source.signal.p_value = 3e-15;
    source.signal.rule = "beta-binomial tail < 1e-5";
    source.signal.explanation = "GET /messages/{id} was throttled in 28 of 193 calls (14.5 %).";
    source.signal.numbers = {{"max_arrivals_50ms", 200}, {"peak_in_flight", 100}};
    source.evidence = model::evidence();
    source.evidence->id = "01JD6Z0000000000000000000C";
    source.evidence->path = "evidence/radar/abc/20261121T111500.000Z.tar.gz";
    source.evidence->sha256 = std::string(64, 'e');
    source.evidence->bytes = 48'213;
    source.evidence->failing = 28;
    source.evidence->control = 20;
    source.evidence->cut = 1'020;
    source.run_id = "01JD6Z0000000000000000000D";
    source.result_json = result_fixture();
    source.curl = "curl -X POST 'http://127.0.0.1:3000/sync' -d '{\"mailbox\":\"inbox\"}'";
    source.public_url = "http://127.0.0.1:4380/";
    source.risk = model::risk::high;
    source.risk_reasons = {"A problem of severity high is at least high risk."};
    return source;
}

}  // namespace reprise::forge
