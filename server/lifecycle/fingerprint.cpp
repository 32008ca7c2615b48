#include "reprise/lifecycle/fingerprint.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>

namespace reprise::lifecycle {
namespace {

void append_escaped(std::string& text, std::string_view component)
{
    for (const char one : component) {
        switch (one) {
        case '\\': text += "\\\\"; break;
        case '|': text += "\\|"; break;
        case '\n': text += "\\n"; break;
        default: text += one;
        }
    }
}

}  // namespace

std::string fingerprint_text(const fingerprint_parts& parts)
{
    std::string text;
    append_escaped(text, parts.service);
    text += '|';
    append_escaped(text, parts.message);
    text += '|';
    append_escaped(text, parts.route);
    text += '|';
    const std::size_t frames = std::min(parts.frames.size(), fingerprint_frames_max);
    for (std::size_t i = 0; i < frames; ++i) {
        if (i > 0)
            text += '\n';
        append_escaped(text, parts.frames[i]);
    }
    return text;
}

std::string fingerprint(const fingerprint_parts& parts)
{
    return sha256_hex(fingerprint_text(parts));
}

fingerprint_parts fingerprint_parts_of(const model::signal& signal)
{
    const model::operation_key& operation = signal.operation;
    fingerprint_parts parts;
    parts.service = operation.service;
    parts.route = operation.route;
    parts.message = signal.message;
    if (!parts.message.empty())
        return parts;
    parts.message = model::to_text(signal.kind);
    parts.message += ':';
    // A normalised statement names its verb itself.
    if (operation.kind != model::operation_kind::db && !operation.method.empty())
        parts.message.append(operation.method).append(" ");
    parts.message += operation.route;
    return parts;
}

std::string fingerprint(const model::signal& signal)
{
    return fingerprint(fingerprint_parts_of(signal));
}

}  // namespace reprise::lifecycle
