#include "reprise/archive/bundle.hpp"

#include "manifest.hpp"
#include "names.hpp"
#include "tar.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/durable_file.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace reprise::archive {
namespace {

namespace fs = std::filesystem;

using model::evidence_role;

struct role_cap {
    evidence_role role;
    std::string_view name;
    std::uint32_t exchanges_max;
};

// What is written so far, and what was left out.
struct draft {
    manifest facts;
    std::vector<packed_file> files;
    std::uint64_t bytes = 0;
};

void cut(draft& into, evidence_role role, std::string_view cap)
{
    into.facts.evidence.cut += 1;
    for (manifest_cut& one : into.facts.cuts) {
        if (one.role == role && one.cap == cap) {
            one.exchanges += 1;
            return;
        }
    }
    into.facts.cuts.push_back({role, std::string(cap), 1});
}

manifest_file describe(const packed_file& file)
{
    return {file.name, file.bytes.size(), sha256_hex(file.bytes)};
}

std::string entry_name(const model::exchange& exchange, const std::string& service, std::size_t number)
{
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), "%04zu", number);
    return escape_name(exchange.host.empty() ? service : exchange.host) + "/" + compact_time(exchange.start_ns) + "_"
        + digits.data() + ".json";
}

void list_redacted(const model::exchange& exchange, manifest_exchange& listed)
{
    for (const std::string& field : exchange.redacted_fields) {
        if (listed.redacted_fields.size() < listed_fields_max)
            listed.redacted_fields.push_back(field.substr(0, listed_field_bytes_max));
        else
            listed.redacted_fields_cut += 1;
    }
}

// The cap that leaves this exchange out; empty when it is in.
std::string_view add_exchange(draft& into, const model::evidence_item& item, const bundle_limits& limits)
{
    packed_file file;
    file.bytes = telemetry::write_rrpair_json(item.exchange);
    if (file.bytes.size() > limits.exchange_bytes_max)
        return "exchange_bytes_max";
    if (into.bytes + file.bytes.size() > limits.exchanges_bytes_max)
        return "exchanges_bytes_max";
    // Some spans say too little to be a pair. A bundle holds only what can be read back.
    const std::string& service = into.facts.evidence.service;
    if (!telemetry::parse_rrpair_json(file.bytes, service))
        return "no_rrpair_form";
    file.name = entry_name(item.exchange, service, into.facts.exchanges.size() + 1);
    manifest_exchange listed;
    listed.file = describe(file);
    listed.role = item.role;
    listed.reason = item.reason;
    listed.operation = item.exchange.operation;
    listed.complete = item.exchange.complete;
    list_redacted(item.exchange, listed);
    into.bytes += file.bytes.size();
    into.facts.exchanges.push_back(std::move(listed));
    into.files.push_back(std::move(file));
    return {};
}

void add_role(
    draft& into, const role_cap& cap, std::span<const model::evidence_item> items, const bundle_limits& limits
)
{
    std::uint32_t taken = 0;
    for (const model::evidence_item& item : items) {
        if (item.role != cap.role)
            continue;
        const std::string_view hit = taken >= cap.exchanges_max ? cap.name : add_exchange(into, item, limits);
        if (hit.empty())
            ++taken;
        else
            cut(into, cap.role, hit);
    }
    model::evidence& evidence = into.facts.evidence;
    if (cap.role == evidence_role::failing || cap.role == evidence_role::trigger)
        evidence.failing += taken;
    if (cap.role == evidence_role::control)
        evidence.control += taken;
}

draft compose(const bundle_source& source, const bundle_limits& limits)
{
    draft made;
    made.facts.evidence = source.evidence;
    made.facts.evidence.failing = 0;
    made.facts.evidence.control = 0;
    made.facts.cut_before = source.evidence.cut;
    made.facts.producer = source.producer;
    made.facts.redaction_version = source.redaction_version;
    made.facts.selection = source.selection;
    made.facts.minimised = source.minimised;
    // Failing first: what a byte cap leaves out is the least important.
    const std::array order = {
        role_cap{evidence_role::failing, "failing_max", limits.failing_max},
        role_cap{evidence_role::trigger, "triggers_max", limits.triggers_max},
        role_cap{evidence_role::control, "control_max", limits.control_max},
        role_cap{evidence_role::setup, "setup_max", limits.setup_max},
        role_cap{evidence_role::context, "context_max", limits.context_max},
    };
    for (const role_cap& cap : order)
        add_role(made, cap, source.items, limits);
    packed_file signal{std::string(signal_name), source.signal_json};
    made.facts.signal = describe(signal);
    made.files.insert(made.files.begin(), std::move(signal));
    made.files.insert(made.files.begin(), {std::string(manifest_name), write_manifest(made.facts)});
    return made;
}

// A bundle never changes once it has its name: another one of the same window gets a name of its own.
result<std::string> store(const fs::path& data_dir, const model::evidence& evidence, const std::string& packed)
{
    const std::string path = bundle_path(evidence.service, evidence.fingerprint, evidence.window_start_ns);
    auto stored = write_durable_file(data_dir / path, packed, when_present::keep);
    if (stored && *stored == file_outcome::written)
        return path;
    if (!stored)
        return errc::write_failed;
    const auto present = read_small_file(data_dir / path, packed.size());
    if (present && *present == packed)
        return path;
    const std::string_view suffix = ".tar.gz";
    const std::string other =
        path.substr(0, path.size() - suffix.size()) + "_" + escape_name(evidence.id) + std::string(suffix);
    stored = write_durable_file(data_dir / other, packed, when_present::replace);
    return stored ? result<std::string>(other) : errc::write_failed;
}

}  // namespace

result<packed_bundle> pack_bundle(const bundle_source& source, const bundle_limits& limits)
{
    if (source.evidence.id.empty() || source.evidence.fingerprint.empty())
        return reprise::errc::invalid_argument;
    const draft made = compose(source, limits);
    const read_limits readable;
    for (const packed_file& file : made.files) {
        if (file.bytes.size() > readable.entry_bytes_max)
            return errc::bundle_too_large;
    }
    auto packed = pack(made.files, std::max<std::int64_t>(source.evidence.window_start_ns, 0) / ns_per_s);
    if (!packed)
        return packed.error();
    packed_bundle whole{made.facts.evidence, std::move(*packed)};
    whole.evidence.sha256 = sha256_hex(whole.bytes);
    whole.evidence.bytes = whole.bytes.size();
    return whole;
}

result<model::evidence> write_bundle(
    const fs::path& data_dir, const bundle_source& source, const bundle_limits& limits
)
{
    auto packed = pack_bundle(source, limits);
    if (!packed)
        return packed.error();
    const auto path = store(data_dir, source.evidence, packed->bytes);
    if (!path)
        return path.error();
    packed->evidence.path = *path;
    return std::move(packed->evidence);
}

}  // namespace reprise::archive
