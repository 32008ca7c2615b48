#include "findings.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/base/canonical_json.hpp"
#include "reprise/base/durable_file.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/model/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace reprise::pipeline {
namespace {

namespace json = boost::json;

json::object counts_of(const closed_window& closed)
{
    std::uint64_t requests = 0;
    std::uint64_t failing = 0;
    for (const detect::operation_summary& summary : closed.window.operations) {
        requests += summary.requests;
        failing += summary.failing();
    }
    json::object counts;
    counts["records"] = closed.records;
    counts["late"] = closed.late;
    counts["operations"] = closed.window.operations.size();
    counts["requests"] = requests;
    counts["failing"] = failing;
    counts["signals"] = closed.found.size();
    return counts;
}

json::object evidence_of(const model::evidence& evidence)
{
    json::object out;
    out["id"] = evidence.id;
    out["path"] = evidence.path;
    out["bytes"] = evidence.bytes;
    out["sha256"] = evidence.sha256;
    out["failing"] = evidence.failing;
    out["control"] = evidence.control;
    out["cut"] = evidence.cut;
    return out;
}

}  // namespace

std::string render_findings(
    const closed_window& closed, const std::vector<std::optional<model::evidence>>& bundles, std::string_view producer
)
{
    json::object out;
    out["format"] = findings_format;
    out["producer"] = producer;
    out["service"] = closed.window.service;
    out["window_start_at"] = format_rfc3339(closed.window.start_ns);
    out["window_end_at"] = format_rfc3339(closed.window.end_ns);
    out["counts"] = counts_of(closed);
    json::array versions;
    for (const seen_version& seen : closed.versions)
        versions.emplace_back(seen.version);
    out["versions"] = std::move(versions);
    json::array signals;
    for (std::size_t i = 0; i < closed.found.size(); ++i) {
        json::object signal = model::to_json(closed.found[i].signal);
        if (bundles[i])
            signal["evidence"] = evidence_of(*bundles[i]);
        signals.push_back(std::move(signal));
    }
    out["signals"] = std::move(signals);
    return canonical_json(out);
}

result<store::archive_object> write_findings(
    const std::filesystem::path& data_dir, const closed_window& closed,
    const std::vector<std::optional<model::evidence>>& bundles, std::string_view producer, std::int64_t now_ns
)
{
    const std::string text = render_findings(closed, bundles, producer);
    store::archive_object object;
    object.path = archive::findings_path(closed.window.service, closed.window.start_ns);
    object.kind = store::archive_kind::findings;
    object.created_ns = now_ns;
    object.bytes = text.size();
    object.sha256 = sha256_hex(text);
    // A window that is committed again after a crash was not committed before: its file is replaced.
    const auto written = write_durable_file(data_dir / object.path, text, when_present::replace);
    if (!written)
        return written.error();
    return object;
}

}  // namespace reprise::pipeline
