#include "reprise/archive/bundle.hpp"

#include "manifest.hpp"
#include "tar.hpp"

#include "reprise/base/durable_file.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <map>

namespace reprise::archive {
namespace {

namespace fs = std::filesystem;

using entry_map = std::map<std::string, std::string, std::less<>>;

struct contents {
    std::string manifest_text;
    entry_map entries;  // Everything else, by name.
};

result<contents> unpack_all(std::string_view packed, const read_limits& limits)
{
    contents read;
    bool first = true;
    const auto take = [&](packed_file file) -> result<void> {
        if (first && file.name != manifest_name)
            return errc::manifest_missing;
        if (first)
            read.manifest_text = std::move(file.bytes);
        else if (file.name == manifest_name || !read.entries.emplace(file.name, std::move(file.bytes)).second)
            return errc::path_refused;
        first = false;
        return {};
    };
    if (auto unpacked = unpack(packed, limits, take); !unpacked)
        return unpacked.error();
    return read;
}

// Takes a listed file out of what was read, so that what is left over was not listed.
result<std::string> take_listed(entry_map& entries, const manifest_file& listed)
{
    const auto found = entries.find(listed.path);
    if (found == entries.end())
        return errc::entry_missing;
    std::string bytes = std::move(found->second);
    entries.erase(found);
    if (bytes.size() != listed.bytes || sha256_hex(bytes) != listed.sha256)
        return errc::hash_mismatch;
    return bytes;
}

result<model::evidence_item> read_exchange(entry_map& entries, const manifest_exchange& listed)
{
    const auto text = take_listed(entries, listed.file);
    if (!text)
        return text.error();
    auto exchange = telemetry::parse_rrpair_json(*text, listed.operation.service);
    if (!exchange)
        return errc::exchange_malformed;
    model::evidence_item item;
    item.role = listed.role;
    item.reason = listed.reason;
    item.exchange = std::move(*exchange);
    item.exchange.operation = listed.operation;
    item.exchange.complete = item.exchange.complete && listed.complete;
    item.exchange.redacted_fields = listed.redacted_fields;
    return item;
}

error_code refuse(const std::string& name, std::string_view entry, error_code code)
{
    log_warn("archive", name + ": " + std::string(entry) + ": " + code.message());
    return code;
}

}  // namespace

result<bundle> read_bundle(const fs::path& path, const read_limits& limits)
{
    const auto packed = read_small_file(path, limits.bundle_bytes_max);
    if (!packed)
        return packed.error() == reprise::errc::too_large ? make_error_code(errc::bundle_too_large) : packed.error();
    return read_packed_bundle(*packed, path.string(), limits);
}

result<bundle> read_packed_bundle(std::string_view packed, const std::string& name, const read_limits& limits)
{
    if (packed.size() > limits.bundle_bytes_max)
        return errc::bundle_too_large;
    auto read = unpack_all(packed, limits);
    if (!read)
        return refuse(name, "entries", read.error());
    const auto facts = parse_manifest(read->manifest_text);
    if (!facts)
        return refuse(name, manifest_name, facts.error());
    auto signal = take_listed(read->entries, facts->signal);
    if (!signal)
        return refuse(name, signal_name, signal.error());

    bundle made;
    made.items.reserve(facts->exchanges.size());
    for (const manifest_exchange& listed : facts->exchanges) {
        auto item = read_exchange(read->entries, listed);
        if (!item)
            return refuse(name, listed.file.path, item.error());
        made.items.push_back(std::move(*item));
    }
    if (!read->entries.empty())
        return refuse(name, read->entries.begin()->first, errc::entry_missing);
    made.evidence = facts->evidence;
    made.evidence.path = name;
    made.evidence.sha256 = sha256_hex(packed);
    made.evidence.bytes = packed.size();
    made.manifest = std::move(read->manifest_text);
    made.signal_json = std::move(*signal);
    made.redaction_version = facts->redaction_version;
    return made;
}

}  // namespace reprise::archive
