#include "reprise/telemetry/captured_record.hpp"

#include "wire_write.hpp"

#include "reprise/telemetry/exchange_parse.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <map>
#include <string_view>

namespace reprise::telemetry {

captured_record to_record(const model::exchange& exchange)
{
    return {model::source::rrpair, exchange.start_ns, exchange.operation.service, encode_rrpair_record(exchange)};
}

void append_records(const model::observation_batch& batch, std::vector<captured_record>& records)
{
    const std::string_view bytes = *batch.bytes;
    for (const model::observation& one : batch.observations) {
        const model::operation_view& operation = batch.operations[one.operation_index];
        records.push_back(
            {operation.source, one.start_ns, std::string(operation.service),
             std::string(bytes.substr(one.record_offset, one.record_bytes))}
        );
    }
}

std::string encode_export_request(std::span<const captured_record* const> records)
{
    std::map<std::string_view, std::string> scopes;
    for (const captured_record* record : records)
        append_bytes_field(scopes[record->service], 2, record->bytes);

    std::string request;
    for (const auto& [service, scope] : scopes) {
        std::string resource;
        append_bytes_field(resource, 1, key_value_message("service.name", text_value(service)));
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
