#pragma once

#include "reprise/base/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The configuration: one struct, one table of keys (config_table.cpp). The table yields the YAML
// parser, the environment names, the flags, `config show`, `--help` and docs/configuration.md.
namespace reprise::app {

using std::chrono::milliseconds;

struct config {
    // server
    std::string listen = "127.0.0.1:4380";
    std::string public_url;
    std::string data_dir = "./data";
    std::string log_level = "info";
    std::int64_t threads = 0;
    std::string tls_cert_file;
    std::string tls_key_file;
    std::string tls_client_ca_file;

    // intake
    std::string otlp_grpc = "127.0.0.1:4317";
    std::string otlp_http = "127.0.0.1:4318";
    std::int64_t request_bytes_max = 20LL * 1024 * 1024;
    std::int64_t inflight_bytes_max = 32LL * 1024 * 1024;
    std::int64_t operations_max = 500;
    std::int64_t services_max = 1000;
    std::string intake_tokens_file;
    std::string intake_tls_cert_file;
    std::string intake_tls_key_file;
    std::string intake_tls_client_ca_file;
    std::string intake_require_event_approval = "no";
    milliseconds intake_alarm_stale_after{1'800'000};
    milliseconds intake_alarm_evidence_wait{180'000};
    std::string intake_poll_sources_file;
    milliseconds intake_poll_interval{30'000};

    // intake.hooks
    std::string hooks_alertmanager_secret_file;
    std::string hooks_grafana_secret_file;
    std::string hooks_grafana_time_header;
    std::string hooks_sentry_secret_file;
    std::string hooks_pagerduty_secret_file;
    std::string hooks_github_secret_file;
    std::string hooks_gitlab_secret_file;
    std::vector<std::string> hooks_generic;
    std::vector<std::string> hooks_sns_topics;
    std::vector<std::string> hooks_sns_confirm;
    std::string hooks_sns_sha1 = "refuse";
    std::string hooks_sns_token_file;
    std::string hooks_sns_ca_file;

    // journal
    std::string journal_fsync = "always";
    milliseconds journal_interval{200};
    std::int64_t journal_bytes_max = 4LL * 1024 * 1024 * 1024;
    milliseconds journal_duplicates{600'000};

    // windows
    milliseconds window_length{60'000};
    milliseconds window_lateness{10'000};
    milliseconds window_idle_close{5'000};
    std::int64_t windows_keep_days = 30;

    // traces
    std::string traces_assembly = "on";
    std::int64_t traces_memory_bytes_max = 32LL * 1024 * 1024;
    milliseconds traces_complete_after{2'000};
    milliseconds traces_idle_after{30'000};
    std::int64_t traces_spans_max = 20'000;
    std::int64_t traces_rows_per_minute = 300;
    std::int64_t traces_samples_per_minute = 30;
    std::int64_t traces_opened_per_minute = 30;
    std::int64_t traces_rows_max = 50'000;
    std::int64_t traces_opened_max = 2'000;
    std::int64_t traces_opened_bytes_max = 512LL * 1024 * 1024;

    // detection
    std::string profile = "default";
    std::int64_t warmup_windows = 30;
    std::int64_t warmup_requests = 200;
    milliseconds slow_query{300};

    // replay
    std::vector<std::string> replay_targets;
    std::int64_t replay_trials = 5;
    std::int64_t replay_trials_to_reproduce = 0;
    std::int64_t replay_requests = 10;
    milliseconds replay_timeout{30'000};
    milliseconds replay_settle{15'000};

    // runs
    std::int64_t run_workers = 2;
    milliseconds run_lease{30'000};
    milliseconds run_retry_delay{120'000};
    std::int64_t run_incident_max = 5;
    std::int64_t run_hour_max = 60;
    std::int64_t run_storm_incidents = 3;
    milliseconds run_storm_window{30LL * 60 * 1000};

    // workers
    std::string workers_listen;
    std::string workers_tokens_file;
    std::string workers_tls_cert_file;
    std::string workers_tls_key_file;
    std::string workers_tls_client_ca_file;
    std::string workers_replay_here = "yes";

    // approvals
    std::string approval_from_risk = "high";
    milliseconds approval_high_expires{24LL * 3600 * 1000};
    milliseconds approval_critical_expires{4LL * 3600 * 1000};
    std::int64_t approval_critical_approvers = 2;
    milliseconds approval_execute_within{3600 * 1000};
    milliseconds approval_fresh_sign_in{600 * 1000};

    // auth
    std::string auth_passwords = "on";
    std::string oidc_issuer;
    std::string oidc_client_id;
    std::string oidc_client_secret_file;
    std::string oidc_label = "single sign-on";
    std::vector<std::string> oidc_scopes = {"profile"};
    std::string oidc_groups_claim = "groups";
    std::string oidc_name_claim = "preferred_username";
    std::vector<std::string> oidc_role_map;
    std::vector<std::string> oidc_hosts;
    std::vector<std::string> oidc_networks;
    std::string oidc_ca_file;

    // audit
    std::string audit_checkpoint_file;

    // forge: webhooks and Slack
    std::vector<std::string> webhooks_allow;
    milliseconds webhooks_disable_after{120LL * 3600 * 1000};
    std::string webhooks_ca_file;
    std::string slack_token_file;
    std::string slack_signing_secret_file;
    std::string slack_channel;
    std::string slack_api_url = "https://slack.com/api";
    std::string slack_incident_severity = "high";
    std::string slack_ca_file;

    // redaction
    std::string redaction_bodies = "keep";
    std::vector<std::string> redaction_keep_bodies;
    std::vector<std::string> redaction_drop_bodies;
    std::vector<std::string> redaction_allow_fields;
    std::vector<std::string> redaction_secret_names;
    std::vector<std::string> redaction_allow_headers;

    // archive
    std::string archive_store = "file";
    std::string archive_endpoint;
    std::string archive_region = "us-east-1";
    std::string archive_bucket;
    std::string archive_prefix;
    std::string archive_addressing = "path";
    std::string archive_access_key_file;
    std::string archive_secret_key_file;
    std::string archive_session_token_file;
    std::string archive_ca_file;
    std::string archive_local_copy = "remove";
    std::int64_t archive_keep_days = 90;
    std::int64_t archive_findings_days = 90;
    std::int64_t archive_bytes_max = 50LL * 1024 * 1024 * 1024;

    // forge
    std::string forge_branch_prefix = "reprise/";
    std::vector<std::string> forge_networks;
    std::string forge_ca_file;
    std::string forge_github_api_url = "https://api.github.com";
    std::string forge_github_token_file;
    std::int64_t forge_github_app_id = 0;
    std::string forge_github_app_key_file;
    std::int64_t forge_github_installation_id = 0;
    std::vector<std::string> forge_github_labels;
    std::string forge_gitlab_api_url = "https://gitlab.com/api/v4";
    std::string forge_gitlab_token_file;
    std::vector<std::string> forge_gitlab_labels;
    std::string forge_linear_api_url = "https://api.linear.app/graphql";
    std::string forge_linear_token_file;
    std::string forge_jira_url;
    std::string forge_jira_user;
    std::string forge_jira_token_file;
    std::string forge_jira_flavour = "cloud";
    std::string forge_jira_issue_type = "Bug";

    // store
    std::int64_t retention_days = 90;
};

// How the value of a key is written.
enum class value_kind { text, count, duration, bytes, list, choice };

struct config_key {
    std::string_view name;     // "windows.length"
    value_kind kind = value_kind::text;
    std::variant<
        std::string config::*, std::int64_t config::*, milliseconds config::*, std::vector<std::string> config::*>
        member;
    std::int64_t min = 0;      // For count, bytes and duration (ms).
    std::int64_t max = 0;
    std::string_view choices;  // For choice: "low,medium,high".
    std::string_view help;
};

std::span<const config_key> config_keys();

// Variables of the environment that hold secrets themselves. They are no keys: read where they are used, never shown.
std::span<const std::string_view> secret_variables();

// What is wrong, where and the way out, as one line for a person.
struct config_error {
    std::string text;
};

template <class T>
using config_result = std::variant<T, config_error>;

// Sets one key from text. `where` says where the text came from ("reprise.yaml:12", "REPRISE_...").
std::optional<config_error> set_key(
    config& target, std::string_view key, std::string_view value, std::string_view where
);

// Reads `path` (YAML) over `target`; unknown keys and bad values are errors that name file, line,
// key and the nearest known key.
std::optional<config_error> read_config_file(config& target, const std::string& path);

// The same for text; `name` is what errors call it.
std::optional<config_error> read_config_text(config& target, std::string_view text, const std::string& name);

// Applies every REPRISE_SECTION_KEY of `environment` ("NAME=value"); an unknown name is an error.
std::optional<config_error> read_environment(config& target, std::span<const std::string> environment);

// The value as it would be written in the file.
std::string show_key(const config& source, const config_key& key);

// "REPRISE_WINDOWS_LENGTH" for "windows.length".
std::string environment_name(std::string_view key);

// docs/configuration.md, made from the table.
std::string render_config_docs();

// "60 s", "500 ms", "24 h"; a number needs its unit. "20 MiB" for bytes.
std::optional<milliseconds> parse_duration(std::string_view text);
std::string show_duration(milliseconds value);
std::optional<std::int64_t> parse_bytes(std::string_view text);
std::string show_bytes(std::int64_t value);

}  // namespace reprise::app
