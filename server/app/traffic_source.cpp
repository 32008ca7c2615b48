#include "traffic_source.hpp"

#include "exit_code.hpp"
#include "snapshot.hpp"

#include "reprise/base/hash.hpp"

#include <filesystem>
#include <string_view>

namespace reprise::app {
namespace {

std::variant<traffic, traffic_error> load_bundle(const std::string& path)
{
    auto bundle = archive::read_bundle(path);
    if (!bundle) {
        const int code = bundle.error() == errc::not_found || bundle.error() == errc::io ? exit_unavailable : exit_data;
        return traffic_error{code, path + ": " + bundle.error().message()};
    }
    traffic made;
    made.name = std::filesystem::path(path).filename().string();
    made.sha256 = bundle->evidence.sha256;
    made.items = std::move(bundle->items);
    bundle->items.clear();
    made.bundle = std::move(*bundle);
    return made;
}

}  // namespace

bool names_bundle(std::string_view path) noexcept
{
    return path.ends_with(".tar.gz") || path.ends_with(".tgz");
}

std::variant<traffic, traffic_error> load_traffic(
    const std::string& path, const std::string& service, const output_style& style
)
{
    if (names_bundle(path))
        return load_bundle(path);
    snapshot_options options;
    options.service = service;
    const snapshot_content content = load_snapshots({path}, options, style);
    print_problems(content.reading);
    traffic made;
    made.name = std::filesystem::path(path).filename().string();
    std::string digest;  // Of each record's after the one before it.
    for (const telemetry::captured_record& record : content.records) {
        digest = sha256_hex(digest + record.bytes);
        auto exchange = telemetry::to_exchange(record);
        if (!exchange)
            continue;
        model::evidence_item item;
        item.role = exchange->outcome == model::outcome::ok ? model::evidence_role::control
                                                            : model::evidence_role::failing;
        item.exchange = std::move(*exchange);
        made.items.push_back(std::move(item));
    }
    made.sha256 = digest;
    if (made.items.empty())
        return traffic_error{exit_data, path + ": holds no captured exchange; expected are an evidence bundle "
                                               "(.tar.gz), RRPair files, HAR or OTLP-JSON"};
    return made;
}

}  // namespace reprise::app
