#include "seen_spans.hpp"

#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace reprise::synth::test {
namespace {

namespace otlp = opentelemetry::proto;

std::string typed(const otlp::common::v1::AnyValue& value)
{
    std::ostringstream out;
    if (value.has_string_value())
        out << "str " << value.string_value();
    else if (value.has_int_value())
        out << "int " << value.int_value();
    else if (value.has_double_value())
        out << "double " << value.double_value();
    else if (value.has_bool_value())
        out << "bool " << (value.bool_value() ? "true" : "false");
    return out.str();
}

template <class List>
typed_texts typed(const List& attributes)
{
    typed_texts out;
    for (const auto& one : attributes) {
        if (!out.emplace(one.key(), typed(one.value())).second)
            throw std::runtime_error("twice: " + one.key());
    }
    return out;
}

seen_span read(const otlp::trace::v1::Span& from)
{
    seen_span out;
    out.trace = from.trace_id();
    out.id = from.span_id();
    out.parent = from.parent_span_id();
    out.name = from.name();
    out.is_internal = from.kind() == otlp::trace::v1::Span::SPAN_KIND_INTERNAL;
    out.start_ns = static_cast<std::int64_t>(from.start_time_unix_nano());
    out.end_ns = static_cast<std::int64_t>(from.end_time_unix_nano());
    out.attributes = typed(from.attributes());
    out.failed = from.status().code() == otlp::trace::v1::Status::STATUS_CODE_ERROR;
    for (const auto& event : from.events()) {
        out.events.push_back(
            {static_cast<std::int64_t>(event.time_unix_nano()), event.name(), typed(event.attributes())}
        );
    }
    return out;
}

template <class Test>
std::vector<seen_span> select(const std::vector<seen_span>& spans, Test test)
{
    std::vector<seen_span> out;
    std::copy_if(spans.begin(), spans.end(), std::back_inserter(out), test);
    std::stable_sort(out.begin(), out.end(), [](const seen_span& a, const seen_span& b) {
        return a.start_ns < b.start_ns;
    });
    return out;
}

template <class Test>
const seen_span& select_one(const std::vector<seen_span>& spans, std::string_view what, Test test)
{
    const auto found = std::find_if(spans.begin(), spans.end(), test);
    if (found == spans.end() || std::count_if(spans.begin(), spans.end(), test) != 1)
        throw std::runtime_error("not exactly one span: " + std::string(what));
    return *found;
}

}  // namespace

std::string seen_span::at(const std::string& key) const
{
    const auto found = attributes.find(key);
    return found == attributes.end() ? std::string() : found->second;
}

seen_span read_span(const std::string& bytes)
{
    otlp::trace::v1::Span parsed;
    if (!parsed.ParseFromString(bytes))
        throw std::runtime_error("no span");
    return read(parsed);
}

seen_request read_request(const std::string& bytes)
{
    otlp::collector::trace::v1::ExportTraceServiceRequest parsed;
    if (!parsed.ParseFromString(bytes) || parsed.resource_spans_size() != 1)
        throw std::runtime_error("no request with one resource");
    seen_request out;
    out.resource = typed(parsed.resource_spans(0).resource().attributes());
    out.scope = parsed.resource_spans(0).scope_spans(0).scope().name();
    for (const auto& span : parsed.resource_spans(0).scope_spans(0).spans())
        out.spans.push_back(read(span));
    return out;
}

const seen_span& span_tree::root() const
{
    return select_one(spans_, "root", [](const seen_span& span) { return span.parent.empty(); });
}

const seen_span& span_tree::one(std::string_view name) const
{
    return select_one(spans_, name, [name](const seen_span& span) { return span.name == name; });
}

const seen_span& span_tree::agent(std::string_view id) const
{
    return select_one(spans_, id, [id](const seen_span& span) { return span.agent() == id; });
}

std::vector<seen_span> span_tree::named(std::string_view name) const
{
    return select(spans_, [name](const seen_span& span) { return span.name == name; });
}

std::vector<seen_span> span_tree::children(const seen_span& of) const
{
    return select(spans_, [&of](const seen_span& span) { return span.parent == of.id; });
}

std::map<std::string, int> span_tree::shape() const
{
    std::map<std::string, const seen_span*> by_id;
    for (const seen_span& span : spans_)
        by_id[span.id] = &span;
    std::map<std::string, int> out;
    for (const seen_span& span : spans_) {
        std::string path = span.name;
        for (const seen_span* at = &span; !at->parent.empty();) {
            at = by_id.at(at->parent);
            path = at->name + ">" + path;
        }
        ++out[path];
    }
    return out;
}

int span_tree::overlap_max(std::string_view name) const
{
    std::vector<std::pair<std::int64_t, int>> edges;  // Ends before starts at the same time.
    for (const seen_span& span : named(name)) {
        edges.emplace_back(span.start_ns, 1);
        edges.emplace_back(span.end_ns, -1);
    }
    std::sort(edges.begin(), edges.end());
    int open = 0;
    int most = 0;
    for (const auto& [at, change] : edges) {
        open += change;
        most = std::max(most, open);
    }
    return most;
}

}  // namespace reprise::synth::test
