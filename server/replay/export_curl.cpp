#include "export_text.hpp"
#include "header_name.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace reprise::replay {
namespace {

// What curl would add by itself.
constexpr std::array<std::string_view, 3> curl_headers = {"accept", "user-agent", "content-type"};

std::string quoted(std::string_view text)
{
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return out + "'";
}

// For printf's format: octal escapes of three digits, so that no following byte is taken in.
std::string printf_format(std::string_view bytes)
{
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (c >= ' ' && c <= '~' && c != '\\' && c != '%' && c != '\'') {
            out += c;
            continue;
        }
        out += '\\';
        for (int shift = 6; shift >= 0; shift -= 3)
            out += static_cast<char>('0' + ((byte >> shift) & 7));
    }
    return "'" + out + "'";
}

std::string variable_of(std::size_t value)
{
    return "value_" + std::to_string(value);
}

// Calls plain(text) and variable(name) for what stands between and in the places of carried values.
template <class Plain, class Variable>
void split_values(const std::vector<carried_value>& values, std::string_view text, Plain plain, Variable variable)
{
    while (!text.empty()) {
        std::size_t first = std::string_view::npos;
        std::size_t which = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (const auto at = text.find(values[i].marker); at < first) {
                first = at;
                which = i;
            }
        }
        if (first != 0)
            plain(text.substr(0, first));
        if (first == std::string_view::npos)
            return;
        variable(variable_of(which));
        text.remove_prefix(first + values[which].marker.size());
    }
}

std::string expansion(const std::string& name, bool encode)
{
    return encode ? "\"$(percent_encoded \"$" + name + "\")\"" : "\"$" + name + "\"";
}

// One word of the shell.
std::string word(const std::vector<carried_value>& values, std::string_view text, bool encode)
{
    std::string out;
    split_values(
        values, text, [&](std::string_view plain) { out += quoted(plain); },
        [&](const std::string& name) { out += expansion(name, encode); }
    );
    return out.empty() ? "''" : out;
}

std::string body_lines(const std::vector<carried_value>& values, const scenario_request& one, const std::string& file)
{
    const std::string_view type = model::find_header(one.headers, "content-type");
    const bool form = type.find("x-www-form-urlencoded") != std::string_view::npos;
    std::string out = "  {\n";
    split_values(
        values, one.body, [&](std::string_view plain) { out += "    printf " + printf_format(plain) + "\n"; },
        [&](const std::string& name) { out += "    printf '%s' " + expansion(name, form) + "\n"; }
    );
    return out + "  } >" + file + "\n";
}

bool has_header(const scenario_request& one, std::string_view name)
{
    return std::any_of(one.headers.begin(), one.headers.end(), [name](const auto& header) {
        return is_same_name(header.first, name);
    });
}

bool sends_body(const scenario_request& one)
{
    return !one.body.empty() || one.method == "POST" || one.method == "PUT" || one.method == "PATCH";
}

std::string call_lines(const scenario& what, std::size_t place)
{
    const scenario_request& one = what.requests[place];
    const std::string number = std::to_string(place);
    const std::string file = "\"$work/" + number + ".data\"";
    std::string out = "  # " + in_comment(one.method + " " + one.path).substr(0, 100) + "\n";
    if (!one.body.empty())
        out += body_lines(what.values, one, file);
    std::string call = "call " + number + ".$copy" + (one.method == "HEAD" ? " --head" : " --request " + one.method);
    for (const auto& [name, value] : one.headers) {
        call += " \\\n      --header ";
        call += value.empty() ? quoted(name + ";") : word(what.values, name + ": " + value, false);
    }
    for (const std::string_view own : curl_headers) {
        if (!has_header(one, own))
            call += " --header " + quoted(std::string(own) + ":");
    }
    if (sends_body(one))
        call += one.body.empty() ? " --data-binary ''" : " --data-binary @" + file;
    call += " \\\n      \"$target\"" + word(what.values, one.path, true) + "\n";
    out += "  for ((copy = 1; copy <= " + std::to_string(one.copies) + "; copy++)); do\n    " + call;
    if (one.watched)
        out += "    watched+=(" + number + ".$copy)\n";
    return out + "  done\n";
}

std::string learn_lines(const scenario& what, std::size_t place)
{
    std::string out;
    for (std::size_t i = 0; i < what.values.size(); ++i) {
        const carried_value& value = what.values[i];
        if (place_of(what, value) != place)
            continue;
        const bool is_json = value.part == answer_part::json;
        std::string how = is_json                               ? "member_of"
                          : value.part == answer_part::header ? "header_of"
                          : value.part == answer_part::cookie ? "cookie_of"
                                                              : "text_of";
        how += " " + std::to_string(place) + ".1 " + quoted(value.name);
        out += "  fresh=$(" + how + ")\n";
        if (value.piece)
            out += "  fresh=$(piece_of \"$fresh\" " + std::to_string(*value.piece) + ")\n";
        out += "  [ -n \"$fresh\" ] && " + variable_of(i) + "=$fresh\n";
    }
    return out;
}

std::string send_lines(const scenario& what)
{
    std::string out = "send_all() {\n  local copy fresh\n";
    for (std::size_t begin = 0; begin < what.requests.size();) {
        std::size_t end = begin;
        std::string learned;
        for (; end < what.requests.size() && what.requests[end].group == what.requests[begin].group; ++end) {
            out += call_lines(what, end);
            learned += learn_lines(what, end);
            if (what.pacing == pacing::recorded)
                out += "  later " + seconds_text(what.requests[end].at_ns) + "\n";
        }
        out += what.pacing == pacing::recorded ? "" : "  send_group\n" + learned;
        begin = end;
    }
    return out + (what.pacing == pacing::recorded ? "  wait\n}\n" : "}\n");
}

std::string_view text_comparison(comparison how)
{
    switch (how) {
    case comparison::equal: return "equal";
    case comparison::not_equal: return "not_equal";
    case comparison::contains: return "contains";
    default: return "matches";
    }
}

std::string json_operand(const condition_term& term)
{
    switch (term.kind) {
    case operand_kind::yes: return "true";
    case operand_kind::no: return "false";
    case operand_kind::null: return "null";
    case operand_kind::number: return number_text(term.number);
    case operand_kind::text: break;
    }
    return boost::json::serialize(boost::json::value(term.text));
}

std::string term_line(const condition_term& term)
{
    const std::string how = std::string(to_text(term.how));
    const std::string limit = " '" + how + "' " + number_text(term.number);
    switch (term.what) {
    case subject::status: return "holds_number \"$status\"" + limit;
    case subject::latency:
        return "holds_number \"$(awk -v s=\"$seconds\" 'BEGIN { print s * 1000 }')\"" + limit;
    case subject::body:
        return "holds_body \"$id\" " + std::string(text_comparison(term.how)) + " " + quoted(term.text);
    case subject::header:
        return "holds_text \"$(header_of \"$id\" " + quoted(term.name) + ")\" " +
               std::string(text_comparison(term.how)) + " " + quoted(term.text);
    case subject::json:
        return "holds_json \"$id\" " + quoted(term.name) + " '" + how + "' " + quoted(json_operand(term));
    default: break;
    }
    return "holds_number \"$(figure " + std::string(to_text(term.what)) + ")\"" + limit;
}

std::string terms_function(std::string_view name, const condition& still, bool figures)
{
    std::string out = std::string(name) + "() {\n";
    bool any = false;
    for (const condition_term& term : still.terms) {
        if (is_figure(term.what) != figures)
            continue;
        out += (any ? " &&\n    " : "  ") + term_line(term);
        any = true;
    }
    return out + (any ? "\n}\n" : "  true\n}\n");
}

bool needs_python(const reproducer& from)
{
    return std::any_of(from.what.values.begin(), from.what.values.end(), [](const carried_value& value) {
               return value.part == answer_part::json;
           }) ||
           std::any_of(from.still.terms.begin(), from.still.terms.end(), [](const condition_term& term) {
               return term.what == subject::json;
           });
}

}  // namespace

checked<std::string> to_curl_script(const reproducer& from)
{
    if (auto wrong = find_unsendable(from))
        return *wrong;
    if (auto wrong = find_unobservable(from, "curl script"))
        return *wrong;
    if (from.what.pacing == pacing::recorded && !from.what.values.empty())
        return refusal{
            errc::not_exportable,
            "A curl script cannot carry values between requests that are sent at recorded times; export pytest or "
            "gtest."
        };
    const auto any_term = [&](auto is_one) {
        return std::any_of(from.still.terms.begin(), from.still.terms.end(), is_one);
    };
    const bool about_one = any_term([](const condition_term& term) { return !is_figure(term.what); });
    const bool asks = any_term([](const condition_term& term) {
        return term.what == subject::failing || term.what == subject::unanswered;
    });
    std::string data = "default_target=" + quoted(from.target) + "\nstill=" + quoted(from.still.text) + "\n";
    data += std::string("needed_tools=") + (needs_python(from) ? "python3" : "") + "\n";
    data += std::string("about_one=") + (about_one ? "1" : "0") + "\nasks_for_missing=" + (asks ? "1" : "0") + "\n";
    data += "sent=" + std::to_string(count_sent(from.what)) + "\n";
    for (std::size_t i = 0; i < from.what.values.size(); ++i)
        data += variable_of(i) + "=" + quoted(from.what.values[i].captured) + "\n";
    data += "\n" + send_lines(from.what);
    data += "\n# Of one answer.\n" + terms_function("answer_holds", from.still, false);
    data += "\n# Of all answers together.\n" + terms_function("figures_hold", from.still, true);
    return fill_template("reproducer.sh", from, "#", data, needs_python(from) ? ", python3" : "");
}

}  // namespace reprise::replay
