#include "manifest.hpp"

#include "names.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/time_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace reprise::archive {
namespace {

namespace json = boost::json;

constexpr std::array roles = {model::evidence_role::failing, model::evidence_role::trigger,
                              model::evidence_role::control, model::evidence_role::setup,
                              model::evidence_role::context};

// Captured bytes may be no UTF-8; JSON must be.
std::string readable(std::string_view text)
{
    std::string copy(text);
    const auto is_ascii = [](char one) { return static_cast<unsigned char>(one) < 0x80; };
    if (std::all_of(copy.begin(), copy.end(), is_ascii))
        return copy;
    json::error_code failed;
    json::parse(json::serialize(json::value(text)), failed);
    if (failed)
        std::replace_if(copy.begin(), copy.end(), [&](char one) { return !is_ascii(one); }, '?');
    return copy;
}

json::object file_json(const manifest_file& file)
{
    return {{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}};
}

json::object exchange_json(const manifest_exchange& one)
{
    json::object object = file_json(one.file);
    object["role"] = model::to_text(one.role);
    object["source"] = model::to_text(one.operation.source);
    object["kind"] = model::to_text(one.operation.kind);
    object["protocol"] = readable(one.operation.protocol);
    object["method"] = readable(one.operation.method);
    object["route"] = readable(one.operation.route);
    object["complete"] = one.complete;
    if (!one.reason.empty())
        object["reason"] = readable(one.reason);
    json::array fields;
    for (const std::string& field : one.redacted_fields)
        fields.emplace_back(readable(field));
    object["redacted_fields"] = std::move(fields);
    if (one.redacted_fields_cut > 0)
        object["redacted_fields_cut"] = one.redacted_fields_cut;
    return object;
}

json::object counts_json(const manifest& from)
{
    json::object counts;
    for (const model::evidence_role role : roles) {
        std::uint64_t count = 0;
        for (const manifest_exchange& one : from.exchanges)
            count += one.role == role ? 1 : 0;
        counts[model::to_text(role)] = count;
    }
    counts["exchanges"] = from.exchanges.size();
    counts["cut"] = from.evidence.cut;
    return counts;
}

json::object redaction_json(const manifest& from)
{
    std::map<std::string_view, std::uint64_t> fields;
    for (const manifest_exchange& one : from.exchanges) {
        for (const std::string& field : one.redacted_fields)
            ++fields[field];
    }
    json::array list;
    for (const auto& [field, exchanges] : fields)
        list.push_back(json::object{{"field", readable(field)}, {"exchanges", exchanges}});
    return {{"version", from.redaction_version}, {"fields", std::move(list)}};
}

json::object minimised_json(const minimised_from& from)
{
    return {
        {"name", readable(from.name)},
        {"sha256", from.sha256},
        {"still", readable(from.still)},
        {"requests", from.requests},
        {"requests_before", from.requests_before},
        {"trials", from.trials},
        {"minimal", from.minimal}
    };
}

// Reads members and remembers whether one was missing or of another kind.
class member_reader {
public:
    explicit member_reader(const json::object& object) : object_(object) {}

    std::string text(std::string_view name)
    {
        const json::value* found = object_.if_contains(name);
        if (found == nullptr || !found->is_string())
            return fail(std::string());
        return std::string(found->get_string());
    }

    // Empty when it is not there.
    std::string text_if_any(std::string_view name) { return object_.contains(name) ? text(name) : std::string(); }

    std::uint64_t count(std::string_view name)
    {
        const json::value* found = object_.if_contains(name);
        json::error_code failed;
        const auto number = found != nullptr ? found->to_number<std::uint64_t>(failed) : 0;
        return found == nullptr || failed ? fail<std::uint64_t>(0) : number;
    }

    bool flag(std::string_view name)
    {
        const json::value* found = object_.if_contains(name);
        return found != nullptr && found->is_bool() ? found->get_bool() : fail(false);
    }

    std::int64_t time_ns(std::string_view name)
    {
        const auto time = parse_rfc3339(text(name));
        return time ? *time : fail<std::int64_t>(0);
    }

    const json::object& object(std::string_view name)
    {
        static const json::object none;
        const json::value* found = object_.if_contains(name);
        return found != nullptr && found->is_object() ? found->get_object() : fail(none);
    }

    const json::array& list(std::string_view name)
    {
        static const json::array none;
        const json::value* found = object_.if_contains(name);
        return found != nullptr && found->is_array() ? found->get_array() : fail(none);
    }

    bool whole() const noexcept { return whole_; }

private:
    template <class T>
    const T& fail(const T& value)
    {
        whole_ = false;
        return value;
    }

    const json::object& object_;
    bool whole_ = true;
};

bool read_file(member_reader& from, manifest_file& file)
{
    file.path = from.text("path");
    file.bytes = from.count("bytes");
    file.sha256 = from.text("sha256");
    return from.whole();
}

std::optional<model::evidence_role> find_role(std::string_view text)
{
    for (const model::evidence_role role : roles) {
        if (model::to_text(role) == text)
            return role;
    }
    return std::nullopt;
}

bool read_exchange(const json::value& value, const std::string& service, manifest_exchange& read)
{
    if (!value.is_object())
        return false;
    member_reader from(value.get_object());
    const auto role = find_role(from.text("role"));
    const auto source = model::find_source(from.text("source"));
    const auto kind = model::find_operation_kind(from.text("kind"));
    if (!read_file(from, read.file) || !role || !source || !kind)
        return false;
    read.role = *role;
    read.operation.source = *source;
    read.operation.kind = *kind;
    read.operation.service = service;
    read.operation.protocol = from.text("protocol");
    read.operation.method = from.text("method");
    read.operation.route = from.text("route");
    read.complete = from.flag("complete");
    read.reason = from.text_if_any("reason");
    for (const json::value& field : from.list("redacted_fields")) {
        if (!field.is_string())
            return false;
        read.redacted_fields.emplace_back(field.get_string());
    }
    return from.whole();
}

bool read_identity(const json::object& object, model::evidence& evidence)
{
    member_reader from(object);
    evidence.id = from.text("id");
    evidence.signal_id = from.text("signal_id");
    evidence.service = from.text("service");
    evidence.fingerprint = from.text("fingerprint");
    evidence.window_start_ns = from.time_ns("window_start_at");
    evidence.created_ns = from.time_ns("created_at");
    return from.whole();
}

}  // namespace

std::string write_manifest(const manifest& from)
{
    json::object object;
    object["format"] = bundle_format;
    object["producer"] = from.producer;
    object["evidence"] = json::object{
        {"id", from.evidence.id},
        {"signal_id", from.evidence.signal_id},
        {"service", readable(from.evidence.service)},
        {"fingerprint", from.evidence.fingerprint},
        {"window_start_at", exact_time(from.evidence.window_start_ns)},
        {"created_at", exact_time(from.evidence.created_ns)},
    };
    object["selection"] = readable(from.selection);
    if (from.minimised)
        object["minimised"] = minimised_json(*from.minimised);
    object["redaction"] = redaction_json(from);
    object["counts"] = counts_json(from);
    object["cut_before"] = from.cut_before;
    json::array cuts;
    for (const manifest_cut& one : from.cuts)
        cuts.push_back(json::object{
            {"role", model::to_text(one.role)}, {"cap", one.cap}, {"exchanges", one.exchanges}});
    object["cut"] = std::move(cuts);
    object["signal"] = file_json(from.signal);
    json::array exchanges;
    for (const manifest_exchange& one : from.exchanges)
        exchanges.push_back(exchange_json(one));
    object["exchanges"] = std::move(exchanges);
    return canonical_json(object);
}

result<manifest> parse_manifest(std::string_view text)
{
    json::error_code failed;
    const json::value parsed = json::parse(text, failed);
    if (failed || !parsed.is_object())
        return errc::manifest_malformed;
    member_reader from(parsed.get_object());
    const std::uint64_t format = from.count("format");
    if (!from.whole())
        return errc::manifest_malformed;
    if (format != bundle_format)
        return errc::version_unknown;

    manifest read;
    read.producer = from.text("producer");
    read.selection = from.text("selection");
    member_reader redaction(from.object("redaction"));
    read.redaction_version = redaction.text("version");
    member_reader counts(from.object("counts"));
    read.evidence.cut = static_cast<std::uint32_t>(counts.count("cut"));
    member_reader signal(from.object("signal"));
    const bool known = read_identity(from.object("evidence"), read.evidence) && read_file(signal, read.signal);
    if (!known || !redaction.whole() || !counts.whole())
        return errc::manifest_malformed;
    for (const json::value& one : from.list("exchanges")) {
        if (!read_exchange(one, read.evidence.service, read.exchanges.emplace_back()))
            return errc::manifest_malformed;
        const model::evidence_role role = read.exchanges.back().role;
        if (role == model::evidence_role::failing || role == model::evidence_role::trigger)
            read.evidence.failing += 1;
        if (role == model::evidence_role::control)
            read.evidence.control += 1;
    }
    if (!from.whole())
        return errc::manifest_malformed;
    return read;
}

}  // namespace reprise::archive
