#include "reprise/pipeline/committer.hpp"

#include "session_evidence.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/base/canonical_json.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/log.hpp"
#include "reprise/model/json.hpp"
#include "reprise/telemetry/exchange_parse.hpp"
#include "reprise/telemetry/redact.hpp"

namespace reprise::pipeline {

result<std::optional<model::evidence>> archive_evidence(
    const found_signal& found, std::span<const raw_record> session, const committer_config& config, std::int64_t now_ns
)
{
    std::vector<model::evidence_item> items;
    for (const raw_record& record : found.records) {
        auto exchange = telemetry::parse_exchange(record.source, record.bytes, found.signal.operation.service);
        if (!exchange) {
            log_warn("evidence", "a record that was counted cannot be read again: " + exchange.error().message());
            continue;
        }
        items.push_back({record.role, std::move(*exchange), {}});
    }
    if (items.empty())
        return std::optional<model::evidence>();
    const std::size_t cut = add_session(items, session, found.signal.operation.service);
    for (model::evidence_item& item : items) {
        telemetry::redact(item.exchange, config.redaction_key, config.redaction_rules);
        item.reason = telemetry::redact_text(item.reason, config.redaction_key);
    }

    archive::bundle_source source;
    source.evidence.id = make_ulid(now_ns);
    source.evidence.signal_id = found.signal.id;
    source.evidence.service = found.signal.operation.service;
    source.evidence.fingerprint = found.signal.fingerprint;
    source.evidence.window_start_ns = found.signal.window_start_ns;
    source.evidence.created_ns = now_ns;
    source.signal_json = canonical_json(model::to_json(found.signal));
    source.redaction_version = std::to_string(telemetry::redaction_version);
    source.selection =
        "failing exchanges of lowest trace hash (latency: the longest), or the inbound requests of affected traces; "
        "good exchanges of the same operation as control; earlier inbound exchanges that gave values which these send "
        "as setup; the affected calls and other kept calls of the same traces as context";
    source.evidence.cut = static_cast<std::uint32_t>(cut);
    source.producer = config.producer;
    source.items = items;
    auto written = archive::write_bundle(config.data_dir, source);
    if (!written)
        return written.error();
    return std::optional<model::evidence>(std::move(*written));
}

}  // namespace reprise::pipeline
