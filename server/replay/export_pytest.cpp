#include "export_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace reprise::replay {
namespace {

// As it may stand between two quotes. Bytes of a text and of bytes are written alike, so that a text has one character
// per byte, which is how http.client sends it.
std::string escaped(std::string_view bytes)
{
    std::string out;
    for (const char c : bytes) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c >= ' ' && c <= '~') {
            out += c;
        } else {
            std::array<char, 5> hex{};
            std::snprintf(hex.data(), hex.size(), "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
            out += hex.data();
        }
    }
    return out;
}

std::string text(std::string_view bytes)
{
    return "\"" + escaped(bytes) + "\"";
}

std::string bytes_text(std::string_view bytes)
{
    return "b" + text(bytes);
}

// A text whose characters are those of UTF-8.
std::string utf8_text(std::string_view bytes)
{
    const bool ascii = std::all_of(bytes.begin(), bytes.end(), [](char c) { return c >= ' ' && c <= '~'; });
    return ascii ? text(bytes) : bytes_text(bytes) + ".decode(\"utf-8\", \"replace\")";
}

std::string request_text(const scenario_request& one)
{
    std::string out = "    {\n";
    out += "        \"group\": " + std::to_string(one.group) + ", \"at_s\": " + seconds_text(one.at_ns);
    out += ", \"copies\": " + std::to_string(one.copies);
    out += std::string(", \"watched\": ") + (one.watched ? "True" : "False") + ",\n";
    out += "        \"method\": " + text(one.method) + ",\n        \"path\": " + text(one.path) + ",\n";
    out += "        \"headers\": [";
    for (const auto& [name, value] : one.headers)
        out += "\n            (" + text(name) + ", " + text(value) + "),";
    out += one.headers.empty() ? "],\n" : "\n        ],\n";
    return out + "        \"body\": " + bytes_text(one.body) + ",\n    },\n";
}

std::string value_text(const scenario& what, const carried_value& value)
{
    const std::string piece = value.piece ? std::to_string(*value.piece) : "None";
    const bool is_json = value.part == answer_part::json;
    return "    {\"from\": " + std::to_string(place_of(what, value)) + ", \"part\": " + text(to_text(value.part)) +
           ", \"name\": " + (is_json ? utf8_text(value.name) : text(value.name)) + ", \"piece\": " + piece +
           ", \"marker\": " + text(value.marker) + ", \"captured\": " + text(value.captured) + "},\n";
}

std::string operand_text(const condition_term& term)
{
    switch (term.kind) {
    case operand_kind::yes: return "True";
    case operand_kind::no: return "False";
    case operand_kind::null: return "None";
    case operand_kind::number: return "float(" + number_text(term.number) + ")";
    case operand_kind::text: break;
    }
    return term.what == subject::json ? utf8_text(term.text) : bytes_text(term.text);
}

std::string term_text(const condition_term& term)
{
    return "    (" + text(to_text(term.what)) + ", " + text(to_text(term.how)) + ", " + utf8_text(term.name) + ", " +
           operand_text(term) + "),\n";
}

// Where the service's spans come to; a collector's own address when nobody said.
std::string telemetry_address(const reproducer& from)
{
    return from.observe.empty() ? "127.0.0.1:4318" : from.observe;
}

}  // namespace

checked<std::string> to_pytest(const reproducer& from)
{
    if (auto wrong = find_unsendable(from))
        return *wrong;
    std::string data = "DEFAULT_TARGET = " + text(from.target) + "\n";
    data += "STILL = " + utf8_text(from.still.text) + "\n";
    data += std::string("PACING = ") + (from.what.pacing == pacing::recorded ? "\"recorded\"" : "\"groups\"") + "\n";
    data += "# Requests of one group are sent at once, a group when the one before is answered.\nREQUESTS = [\n";
    for (const scenario_request& one : from.what.requests)
        data += request_text(one);
    data += "]\n# What an answer gives takes the marker's place in later requests.\nVALUES = [\n";
    for (const carried_value& value : from.what.values)
        data += value_text(from.what, value);
    data += "]\n# The problem shows when all of these hold.\nTERMS = [\n";
    for (const condition_term& term : from.still.terms)
        data += term_text(term);
    if (!needs_telemetry(from.still))
        return fill_template("reproducer.py", from, "#", data + "]\n");
    const std::string address = telemetry_address(from);
    reproducer observing = from;
    observing.facts.push_back(
        "Only the service knows its calls: it must send its spans to this file by OTLP over HTTP, started with "
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://" + address + " or what REPRISE_OTLP=host:port names instead."
    );
    data += "]\nDEFAULT_OTLP = " + text(address) + "\n";
    return fill_template("reproducer.py", observing, "#", data, template_of("reproducer.receiver.py"));
}

}  // namespace reprise::replay
