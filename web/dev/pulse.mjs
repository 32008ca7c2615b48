// Part of the tests: what the overview shows of services, queue, storage and what is connected.

export function pulseOf(at, id, first, second) {
  const points = (requests, failing, p95) => Array.from({ length: 60 }, (_, i) => ({
    at: at(3600 - i * 60), length_s: 60, requests: Math.round(requests * (1 + 0.2 * Math.sin(i / 7))), failing: i > 34 ? failing : Math.round(requests / 400),
    p95_ms: p95 * (1 + 0.1 * Math.sin(i / 3)) * (i > 34 ? 1.5 : 1),
  }));
  return {
    records_late: 3, incidents_snoozed: 1, dead_letters: 1, queue: { queued: 2, running: 1, waiting_approval: 2, paused: 0, oldest_at: at(10500) },
    lag: { p50_ms: 320, p95_ms: 1210, windows: 240 }, storage: { database_bytes: 734003200, wal_bytes: 4194304, evidence_bytes: 104857600, free_bytes: 21474836480 },
    busy: [
      { service: first, requests: 9800, points: points(163, 19, 82), marks: [{ kind: "deployment", at: at(1500), text: "2.4.1" }] },
      { service: second, requests: 5200, points: points(86, 0, 40), marks: [{ kind: "fix", at: at(900), text: "Limit reads in flight", incident_id: id("I2") }] },
      { service: "search", requests: 2100, points: points(35, 1, 120), marks: [] },
    ],
    integrations: [
      { kind: "webhook", name: "https://hooks.example.com/in", failing: true, error: "503 from the receiver, 4 attempts", last_ok_at: at(7200) },
      { kind: "slack", name: "#incidents", failing: false, error: "", last_ok_at: at(480) },
      { kind: "tracker", name: "github:acme/checkout", failing: false, error: "", last_ok_at: at(7200) },
      { kind: "log_store", name: "production", failing: false, error: "", last_ok_at: at(12) },
    ],
  };
}
