#include "tag_walk.hpp"

#include <array>
#include <cstdint>

namespace reprise::bench {
namespace {

enum message : std::uint8_t {
    leaf, logs_request, resource_logs, scope_logs, log_record, spans_request, resource_spans, scope_spans, span,
    event, link, resource, key_value, any_value, array_value, kvlist_value, message_count
};

constexpr std::size_t field_count = 16;
using child_table = std::array<std::array<message, field_count>, message_count>;

// Which field of which message is a message again.
constexpr child_table make_children()
{
    child_table table{};
    table[logs_request][1] = resource_logs;
    table[resource_logs][1] = resource;
    table[resource_logs][2] = scope_logs;
    table[scope_logs][2] = log_record;
    table[log_record][5] = any_value;
    table[log_record][6] = key_value;
    table[spans_request][1] = resource_spans;
    table[resource_spans][1] = resource;
    table[resource_spans][2] = scope_spans;
    table[scope_spans][2] = span;
    table[span][9] = key_value;
    table[span][11] = event;
    table[span][13] = link;
    table[event][3] = key_value;
    table[link][4] = key_value;
    table[resource][1] = key_value;
    table[key_value][2] = any_value;
    table[any_value][5] = array_value;
    table[any_value][6] = kvlist_value;
    table[array_value][1] = any_value;
    table[kvlist_value][1] = key_value;
    return table;
}

constexpr child_table children = make_children();

std::uint64_t read_varint(const char*& at)
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto byte = static_cast<unsigned char>(*at++);
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80)
            break;
    }
    return value;
}

std::size_t count_tags(const char* at, const char* end, message kind)
{
    std::size_t tags = 0;
    while (at < end) {
        const std::uint64_t tag = read_varint(at);
        ++tags;
        switch (tag & 7) {
        case 0: read_varint(at); break;
        case 1: at += 8; break;
        case 5: at += 4; break;
        default: {
            const std::uint64_t bytes = read_varint(at);
            const std::uint64_t field = tag >> 3;
            const message child = field < field_count ? children[kind][field] : leaf;
            if (child != leaf)
                tags += count_tags(at, at + bytes, child);
            at += bytes;
        }
        }
    }
    return tags;
}

}  // namespace

std::size_t count_log_tags(std::string_view request)
{
    return count_tags(request.data(), request.data() + request.size(), logs_request);
}

std::size_t count_span_tags(std::string_view request)
{
    return count_tags(request.data(), request.data() + request.size(), spans_request);
}

}  // namespace reprise::bench
