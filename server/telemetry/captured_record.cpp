#include "reprise/telemetry/captured_record.hpp"

#include "wire_write.hpp"

#include "reprise/telemetry/exchange_parse.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <map>
#include <string_view>
#include <utility>

namespace reprise::telemetry {

captured_record to_record(const model::exchange& exchange)
{
    return {model::source::rrpair, exchange.start_ns, exchange.operation.service, {}, encode_rrpair_record(exchange)};
}

void append_records(const model::observation_batch& batch, std::vector<captured_record>& records)
{
    const std::string_view bytes = *batch.bytes;
    const std::size_t begin = records.size();
    for (const model::observation& one : batch.observations) {
        const model::operation_view& operation = batch.operations[one.operation_index];
        records.push_back(
            {operation.source, one.start_ns, std::string(operation.service), {},
             std::string(bytes.substr(one.record_offset, one.record_bytes))}
        );
    }
    for (const model::reported_version& reported : batch.versions) {
        for (std::size_t i = 0; i < reported.count; ++i)
            records[begin + reported.first + i].version = reported.version;
    }
}

std::string encode_export_request(std::span<const captured_record* const> records)
{
    std::map<std::pair<std::string_view, std::string_view>, std::string> scopes;
    for (const captured_record* record : records)
        append_bytes_field(scopes[{record->service, record->version}], 2, record->bytes);

    std::string request;
    for (const auto& [origin, scope] : scopes) {
        const auto& [service, version] = origin;
        std::string resource;
        append_bytes_field(resource, 1, key_value_message("service.name", text_value(service)));
        if (!version.empty())
            append_bytes_field(resource, 1, key_value_message("service.version", text_value(version)));
        std::string entry;
        append_bytes_field(entry, 1, resource);
        append_bytes_field(entry, 2, scope);
        append_bytes_field(request, 1, entry);
    }
    return request;
}

result<model::exchange> to_exchange(const captured_record& record)
{
    return parse_exchange(record.source, record.bytes, record.service);
}

}  // namespace reprise::telemetry
