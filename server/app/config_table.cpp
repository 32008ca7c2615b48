#include "config.hpp"

#include <array>

namespace reprise::app {
namespace {

constexpr std::int64_t mib = 1024 * 1024;
constexpr std::int64_t hour_ms = 3600 * 1000;

const std::array keys = {
    config_key{"server.listen", value_kind::text, &config::listen, 0, 0, "",
               "Address of the dashboard and the API. Anything but loopback needs server.tls or TLS in front."},
    config_key{"server.public_url", value_kind::text, &config::public_url, 0, 0, "",
               "What people type to reach the dashboard; links in tickets use it. Empty: made from server.listen."},
    config_key{"server.data_dir", value_kind::text, &config::data_dir, 0, 0, "",
               "Where the database, the evidence and the tickets live. One server per directory."},
    config_key{"server.log_level", value_kind::choice, &config::log_level, 0, 0, "debug,info,warn,error",
               "Least level that is written to stderr."},
    config_key{"server.threads", value_kind::count, &config::threads, 0, 256, "",
               "Threads of the I/O pool; 0 takes one per core."},
    config_key{"server.tls.cert_file", value_kind::text, &config::tls_cert_file, 0, 0, "",
               "PEM certificate of the dashboard and the API, then those that signed it. Empty: plain HTTP."},
    config_key{"server.tls.key_file", value_kind::text, &config::tls_key_file, 0, 0, "",
               "PEM private key of server.tls.cert_file, without a password."},
    config_key{"server.tls.client_ca_file", value_kind::text, &config::tls_client_ca_file, 0, 0, "",
               "PEM certificates; when set, only browsers with a certificate signed by one of these are served."},

    config_key{"intake.otlp_grpc", value_kind::text, &config::otlp_grpc, 0, 0, "",
               "Address of the OTLP/gRPC port."},
    config_key{"intake.otlp_http", value_kind::text, &config::otlp_http, 0, 0, "",
               "Address of the OTLP/HTTP port (/v1/logs, /v1/traces, /v1/metrics)."},
    config_key{"intake.request_bytes_max", value_kind::bytes, &config::request_bytes_max, 64 * 1024, 256 * mib, "",
               "Largest export request, before and after decompression."},
    config_key{"intake.inflight_bytes_max", value_kind::bytes, &config::inflight_bytes_max, mib, 16'384 * mib, "",
               "Bytes of requests taken but not yet in windows; more is refused with a retryable answer."},
    config_key{"intake.operations_max", value_kind::count, &config::operations_max, 10, 10'000, "",
               "Operations kept apart per service; further ones share one operation called (overflow)."},
    config_key{"intake.services_max", value_kind::count, &config::services_max, 1, 100'000, "",
               "Services kept; records of further ones are refused and counted."},
    config_key{"intake.tokens_file", value_kind::text, &config::intake_tokens_file, 0, 0, "",
               "File with one bearer token a line, 'name:token'; senders need one of them. Empty: anybody may send."},
    config_key{"intake.tls.cert_file", value_kind::text, &config::intake_tls_cert_file, 0, 0, "",
               "PEM certificate of both OTLP ports, then those that signed it. Empty: plain text."},
    config_key{"intake.tls.key_file", value_kind::text, &config::intake_tls_key_file, 0, 0, "",
               "PEM private key of intake.tls.cert_file, without a password."},
    config_key{"intake.tls.client_ca_file", value_kind::text, &config::intake_tls_client_ca_file, 0, 0, "",
               "PEM certificates; when set, only senders with a certificate signed by one of these are served."},

    config_key{"journal.fsync", value_kind::choice, &config::journal_fsync, 0, 0, "always,interval,never",
               "When a request counts as kept: synced to disk, synced every journal.interval, or left to the system."},
    config_key{"journal.interval", value_kind::duration, &config::journal_interval, 10, 60'000, "",
               "With fsync interval: what a power cut may lose at most."},
    config_key{"journal.bytes_max", value_kind::bytes, &config::journal_bytes_max, 256 * mib, 1'048'576 * mib, "",
               "Size of the journal; when its windows cannot be committed and it is full, requests are refused."},
    config_key{"journal.duplicates", value_kind::duration, &config::journal_duplicates, 0, 24 * hour_ms, "",
               "A request equal to one of the last so long is acknowledged, not counted again; 0 ms turns this off."},

    config_key{"windows.length", value_kind::duration, &config::window_length, 1'000, hour_ms, "",
               "Length of the tumbling event-time window."},
    config_key{"windows.lateness", value_kind::duration, &config::window_lateness, 0, hour_ms, "",
               "How much later than the newest record a record may be and still be counted."},
    config_key{"windows.idle_close", value_kind::duration, &config::window_idle_close, 100, hour_ms, "",
               "A window whose service went quiet is closed this long after its end."},

    config_key{"detection.profile", value_kind::choice, &config::profile, 0, 0, "default,agent_factory",
               "default: significance plus effect. agent_factory: p95 >= 2 x baseline over >= 7 windows."},
    config_key{"detection.warmup_windows", value_kind::count, &config::warmup_windows, 3, 10'000, "",
               "Windows of history before an operation is compared with its own past."},
    config_key{"detection.warmup_requests", value_kind::count, &config::warmup_requests, 10, 1'000'000, "",
               "Requests of history before an operation is compared with its own past."},
    config_key{"detection.slow_query", value_kind::duration, &config::slow_query, 1, hour_ms, "",
               "A statement slower than this is slow whatever its past."},

    config_key{"replay.targets", value_kind::list, &config::replay_targets, 0, 0, "",
               "Targets that replay may send to: scheme://host:port. Nothing else is ever contacted. Empty: none."},
    config_key{"replay.trials", value_kind::count, &config::replay_trials, 1, 50, "",
               "Trials of a reproduce run."},
    config_key{"replay.trials_to_reproduce", value_kind::count, &config::replay_trials_to_reproduce, 0, 50, "",
               "How many trials must show it for the verdict \"reproduced\"; 0: all of them."},
    config_key{"replay.requests", value_kind::count, &config::replay_requests, 5, 1'000, "",
               "Requests per trial, and as many of the control."},
    config_key{"replay.timeout", value_kind::duration, &config::replay_timeout, 100, hour_ms, "",
               "Longest wait for one replayed answer."},
    config_key{"replay.settle", value_kind::duration, &config::replay_settle, 100, hour_ms, "",
               "Longest wait for the spans of a trial after its last answer."},

    config_key{"runs.workers", value_kind::count, &config::run_workers, 0, 64, "",
               "Runs this process works on at once; 0 leaves the queue to others."},
    config_key{"runs.lease", value_kind::duration, &config::run_lease, 1'000, hour_ms, "",
               "A worker that was silent this long loses its run to another."},
    config_key{"runs.retry_delay", value_kind::duration, &config::run_retry_delay, 100, hour_ms, "",
               "Wait before the second attempt of a failed reproduce run; doubles with each attempt."},

    config_key{"approvals.from_risk", value_kind::choice, &config::approval_from_risk, 0, 0, "low,medium,high",
               "Least risk that waits for people. HIGH and CRITICAL always wait."},
    config_key{"approvals.high_expires", value_kind::duration, &config::approval_high_expires, 1'000, 720 * hour_ms, "",
               "A HIGH request nobody decided expires after this; expiry never releases."},
    config_key{"approvals.critical_expires", value_kind::duration, &config::approval_critical_expires, 1'000,
               720 * hour_ms, "", "The same for CRITICAL."},

    config_key{"redaction.bodies", value_kind::choice, &config::redaction_bodies, 0, 0, "keep,drop",
               "keep: bodies are stored redacted. drop: only digest and size, but on the routes of keep_bodies."},
    config_key{"redaction.keep_bodies", value_kind::list, &config::redaction_keep_bodies, 0, 0, "",
               "With bodies = drop: routes whose bodies are kept, as SERVICE METHOD ROUTE (`shop POST /orders`)."},
    config_key{"redaction.drop_bodies", value_kind::list, &config::redaction_drop_bodies, 0, 0, "",
               "Routes whose bodies are never kept (`* * /admin/*`). Wins over keep_bodies."},
    config_key{"redaction.allow_fields", value_kind::list, &config::redaction_allow_fields, 0, 0, "",
               "Fields left as they are, as SERVICE METHOD ROUTE FIELD (`shop POST /orders request.body.note`)."},
    config_key{"redaction.secret_names", value_kind::list, &config::redaction_secret_names, 0, 0, "",
               "More names whose values go, wherever they stand in a name (`tenantRef`)."},
    config_key{"redaction.allow_headers", value_kind::list, &config::redaction_allow_headers, 0, 0, "",
               "More headers whose values may stay (`X-Tenant`). Never credentials and cookies."},

    config_key{"archive.store", value_kind::choice, &config::archive_store, 0, 0, "file,s3",
               "Where evidence and findings are kept. file: in server.data_dir. s3: there first, then in a bucket."},
    config_key{"archive.endpoint", value_kind::text, &config::archive_endpoint, 0, 0, "",
               "URL of the S3 server, like https://minio.internal:9000. Empty: Amazon's of archive.region."},
    config_key{"archive.region", value_kind::text, &config::archive_region, 0, 0, "",
               "Region that requests are signed for."},
    config_key{"archive.bucket", value_kind::text, &config::archive_bucket, 0, 0, "",
               "Name of the bucket; it must exist."},
    config_key{"archive.prefix", value_kind::text, &config::archive_prefix, 0, 0, "",
               "Stands before every key, like reprise/."},
    config_key{"archive.addressing", value_kind::choice, &config::archive_addressing, 0, 0, "path,host",
               "path: https://host/bucket/key. host: https://bucket.host/key."},
    config_key{"archive.access_key_file", value_kind::text, &config::archive_access_key_file, 0, 0, "",
               "File with the access key. Empty: AWS_ACCESS_KEY_ID of the environment."},
    config_key{"archive.secret_key_file", value_kind::text, &config::archive_secret_key_file, 0, 0, "",
               "File with the secret key. Empty: AWS_SECRET_ACCESS_KEY of the environment."},
    config_key{"archive.session_token_file", value_kind::text, &config::archive_session_token_file, 0, 0, "",
               "File with the session token of keys that expire. Empty: AWS_SESSION_TOKEN, if there is one."},
    config_key{"archive.ca_file", value_kind::text, &config::archive_ca_file, 0, 0, "",
               "PEM certificates that may sign the S3 server's. Empty: those that the system trusts."},
    config_key{"archive.local_copy", value_kind::choice, &config::archive_local_copy, 0, 0, "remove,keep",
               "With s3: whether the local copy goes once the uploaded one was read back and is the same."},
    config_key{"archive.keep_days", value_kind::count, &config::archive_keep_days, 1, 3650, "",
               "Days that evidence is kept; that of open incidents stays."},
    config_key{"archive.findings_days", value_kind::count, &config::archive_findings_days, 1, 3650, "",
               "Days that the findings of a window are kept as a file."},
    config_key{"archive.bytes_max", value_kind::bytes, &config::archive_bytes_max, 64 * mib, 1'048'576 * mib, "",
               "Evidence and findings together; beyond it the oldest go, but those of open incidents."},

    config_key{"store.retention_days", value_kind::count, &config::retention_days, 1, 3650, "",
               "Days that window statistics are kept."},
};

}  // namespace

std::span<const config_key> config_keys()
{
    return keys;
}

}  // namespace reprise::app
