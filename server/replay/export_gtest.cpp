#include "export_text.hpp"

namespace reprise::replay {
namespace {

// One literal per so many bytes: compilers limit the length of a line and of a literal.
constexpr std::size_t literal_bytes_max = 90;

void append_escaped(std::string& out, char c)
{
    const auto byte = static_cast<unsigned char>(c);
    // Two question marks would begin a trigraph.
    const bool second_mark = c == '?' && out.back() == '?';
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
        return;
    }
    if (c >= ' ' && c <= '~' && !second_mark) {
        out += c;
        return;
    }
    // Three octal digits take in no digit behind them.
    out += '\\';
    for (int shift = 6; shift >= 0; shift -= 3)
        out += static_cast<char>('0' + ((byte >> shift) & 7));
}

std::string literal(std::string_view bytes)
{
    std::string out = "\"";
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0 && i % literal_bytes_max == 0)
            out += "\"\n     \"";
        append_escaped(out, bytes[i]);
    }
    return out + "\"";
}

// Holds NUL bytes, too.
std::string string_of(std::string_view bytes)
{
    const bool has_nul = bytes.find('\0') != std::string_view::npos;
    return has_nul ? "std::string(" + literal(bytes) + ", " + std::to_string(bytes.size()) + ")" : literal(bytes);
}

std::string request_text(const scenario_request& one)
{
    std::string out = "    {" + std::to_string(one.group) + ", " + seconds_text(one.at_ns) + ", " +
                      std::to_string(one.copies) + (one.watched ? ", true, " : ", false, ") + literal(one.method) +
                      ", " + string_of(one.path) + ",\n     {";
    for (std::size_t i = 0; i < one.headers.size(); ++i) {
        out += (i > 0 ? ",\n      {" : "{") + literal(one.headers[i].first) + ", " +
               string_of(one.headers[i].second) + "}";
    }
    return out + "},\n     " + string_of(one.body) + "},\n";
}

std::string value_text(const scenario& what, const carried_value& value)
{
    return "    {" + std::to_string(place_of(what, value)) + ", " + literal(to_text(value.part)) + ", " +
           string_of(value.name) + ", " + (value.piece ? std::to_string(*value.piece) : "-1") + ", " +
           literal(value.marker) + ", " + string_of(value.captured) + "},\n";
}

char kind_of(operand_kind kind)
{
    switch (kind) {
    case operand_kind::number: return 'n';
    case operand_kind::text: return 's';
    case operand_kind::yes: return 't';
    case operand_kind::no: return 'f';
    case operand_kind::null: break;
    }
    return 'z';
}

std::string term_text(const condition_term& term)
{
    return "    {" + literal(to_text(term.what)) + ", " + literal(to_text(term.how)) + ", " + string_of(term.name) +
           ", '" + kind_of(term.kind) + "', " + number_text(term.number) + ", " + string_of(term.text) + "},\n";
}

}  // namespace

checked<std::string> to_gtest(const reproducer& from)
{
    if (auto wrong = find_unsendable(from))
        return *wrong;
    if (auto wrong = find_unobservable(from, "GoogleTest file"))
        return *wrong;
    std::string data = "const char* const default_target = " + literal(from.target) + ";\n";
    data += "const char* const still = " + literal(from.still.text) + ";\n";
    data += std::string("const bool is_recorded = ") + (from.what.pacing == pacing::recorded ? "true" : "false");
    data += ";\n\n// Requests of one group are sent at once, a group when the one before is answered.\n";
    data += "// Group, seconds after the begin, copies, whether its answer is judged, method, path, headers, body.\n";
    data += "const std::vector<request> requests = {\n";
    for (const scenario_request& one : from.what.requests)
        data += request_text(one);
    data += "};\n\n// What an answer gives takes the marker's place in later requests.\n";
    data += "const std::vector<value> values = {\n";
    for (const carried_value& value : from.what.values)
        data += value_text(from.what, value);
    data += "};\n\n// The problem shows when all of these hold.\nconst std::vector<term> terms = {\n";
    for (const condition_term& term : from.still.terms)
        data += term_text(term);
    return fill_template("reproducer.cpp.txt", from, "//", data + "};\n");
}

}  // namespace reprise::replay
