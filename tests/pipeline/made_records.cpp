#include "made_records.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace reprise::pipeline::test {
namespace {

using model::operation_kind;
using model::outcome;

model::operation_key make_key(
    const std::string& service, model::source source, operation_kind kind, std::string method, std::string route
)
{
    model::operation_key key;
    key.service = service;
    key.source = source;
    key.kind = kind;
    key.protocol = kind == operation_kind::db ? "sql" : "http";
    key.method = std::move(method);
    key.route = std::move(route);
    return key;
}

class traffic_maker {
public:
    traffic_maker(const traffic_shape& shape, std::uint64_t seed) : shape_(shape), dice_(seed) {}

    std::vector<made_record> make()
    {
        for (int second = 0; second < shape_.seconds; ++second) {
            for (int request = 0; request < shape_.requests_per_second; ++request) {
                for (int service = 0; service < shape_.services; ++service)
                    add_request("service " + std::to_string(service), second);
            }
        }
        return std::move(records_);
    }

private:
    void add_request(const std::string& service, int second)
    {
        const auto offset_ns = static_cast<std::int64_t>(dice_.below(ns_per_s));
        const std::int64_t start_ns = shape_.start_ns + second * ns_per_s + offset_ns;
        // Every other request is for one route: rules that need many see something.
        const auto route = dice_.below(2) == 0 ? 0 : dice_.below(static_cast<std::uint64_t>(shape_.routes));
        const bool late_in_the_day = second * 2 > shape_.seconds;
        const bool fails = late_in_the_day && route % 9 == 0 && dice_.below(5) != 0;
        const model::trace_id trace{7, ++trace_};
        const std::string path = "/route/" + std::to_string(route);
        const auto duration_ns = static_cast<std::int64_t>(20 * ns_per_ms + dice_.below(30 * ns_per_ms));

        version_ = late_in_the_day ? "2.0" : "1.0";
        add(make_key(service, model::source::rrpair, operation_kind::server, "GET", path), trace, start_ns, duration_ns,
            fails ? outcome::server_error : outcome::ok, 1);
        add(make_key(service, model::source::span, operation_kind::server, "GET", path), trace, start_ns, duration_ns,
            fails ? outcome::server_error : outcome::ok, 1);
        add_queries(service, trace, start_ns, route % 5 == 0 ? 8 : 1);
        add_calls(service, trace, start_ns, late_in_the_day && route % 3 == 0 ? 12 : 2);
    }

    void add_queries(const std::string& service, const model::trace_id& trace, std::int64_t start_ns, int count)
    {
        const auto key = make_key(service, model::source::span, operation_kind::db, "SELECT", "SELECT * FROM item");
        for (int i = 0; i < count; ++i) {
            const auto slow = dice_.below(40) == 0 ? 400 * ns_per_ms : 0;
            add(key, trace, start_ns + i * ns_per_ms, 8 * ns_per_ms + slow, outcome::ok, dice_.below(1000) + 1);
        }
    }

    void add_calls(const std::string& service, const model::trace_id& trace, std::int64_t start_ns, int count)
    {
        const auto key = make_key(service, model::source::span, operation_kind::client, "GET", "/price/{id}");
        for (int i = 0; i < count; ++i) {
            const bool throttled = count > 5 && i > 5;
            add(key, trace, start_ns + i * ns_per_ms / 4, 5 * ns_per_ms, throttled ? outcome::throttled : outcome::ok,
                dice_.below(1000) + 1);
        }
    }

    void add(
        model::operation_key key, const model::trace_id& trace, std::int64_t start_ns, std::int64_t duration_ns,
        outcome ended, std::uint64_t detail
    )
    {
        made_record made;
        made.call.operation = model::operation_id(key.view());
        made.call.start_ns = start_ns;
        made.call.duration_ns = duration_ns;
        made.call.outcome = ended;
        made.call.status = ended == outcome::ok ? 200 : ended == outcome::throttled ? 429 : 500;
        made.call.trace = trace;
        made.call.span = ++span_;
        made.call.parent_span = trace.low;
        made.call.detail_hash = detail;
        made.bytes = key.route + " " + std::to_string(span_) + std::string(dice_.below(600), 'x');
        made.version = version_;
        made.operation = std::move(key);
        records_.push_back(std::move(made));
    }

    traffic_shape shape_;
    dice dice_;
    std::uint64_t trace_ = 0;
    std::uint64_t span_ = 1'000'000;
    std::string version_;
    std::vector<made_record> records_;
};

// The batch's own copy of a text.
std::string_view keep(model::observation_batch& batch, const std::string& text)
{
    auto& kept = batch.texts.emplace_back(std::make_unique<char[]>(text.size() + 1));
    std::copy(text.begin(), text.end(), kept.get());
    return {kept.get(), text.size()};
}

model::operation_view keep(model::observation_batch& batch, const model::operation_key& key)
{
    model::operation_view view = key.view();
    view.service = keep(batch, key.service);
    view.protocol = keep(batch, key.protocol);
    view.method = keep(batch, key.method);
    view.route = keep(batch, key.route);
    return view;
}

std::uint32_t find_or_add_operation(model::observation_batch& batch, const model::operation_key& key)
{
    const std::uint64_t id = model::operation_id(key.view());
    auto& ids = batch.operation_ids;
    const auto found = std::find(ids.begin(), ids.end(), id);
    const auto index = static_cast<std::uint32_t>(found - ids.begin());
    if (found == ids.end()) {
        batch.operations.push_back(keep(batch, key));
        ids.push_back(id);
    }
    return index;
}

}  // namespace

std::uint64_t dice::below(std::uint64_t limit)
{
    state_ += 0x9e3779b97f4a7c15;
    return mix64(state_) % limit;
}

std::shared_ptr<const model::observation_batch> to_batch(std::span<const made_record> records)
{
    auto batch = std::make_shared<model::observation_batch>();
    auto bytes = std::make_shared<std::string>();
    for (const made_record& record : records) {
        const std::uint32_t index = find_or_add_operation(*batch, record.operation);
        const auto first = static_cast<std::uint32_t>(batch->observations.size());
        const bool goes_on = !batch->versions.empty() && batch->versions.back().version == record.version &&
                             batch->versions.back().first + batch->versions.back().count == first;
        if (goes_on) {
            ++batch->versions.back().count;
        } else if (!record.version.empty()) {
            batch->versions.push_back({keep(*batch, record.version), first, 1});
        }
        model::observation& call = batch->observations.emplace_back(record.call);
        call.operation_index = index;
        call.record_offset = static_cast<std::uint32_t>(bytes->size());
        call.record_bytes = static_cast<std::uint32_t>(record.bytes.size());
        *bytes += record.bytes;
    }
    batch->bytes = std::move(bytes);
    return batch;
}

std::vector<made_record> make_traffic(const traffic_shape& shape, std::uint64_t seed)
{
    return traffic_maker(shape, seed).make();
}

}  // namespace reprise::pipeline::test
