#include "measure_command.hpp"

#include "exit_code.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>

namespace reprise::app {
namespace {

std::string joined(const std::vector<std::string>& texts)
{
    std::string out;
    for (const std::string& text : texts)
        out += (out.empty() ? "" : ", ") + text;
    return out;
}

// Their names only: a token may be another one each time.
std::string names_of(const std::vector<std::string>& headers)
{
    std::vector<std::string> names;
    for (const std::string& header : headers)
        names.push_back(header.substr(0, header.find(':')));
    return joined(names);
}

std::optional<replay::measurement> read_measurement(const std::string& file)
{
    std::ifstream stream(file, std::ios::binary);
    std::string text;
    text.resize(replay::measurement_bytes_max + 1);
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (!stream.is_open()) {
        print_error(file + ": cannot be read; does it exist, and may this user read it?");
        return std::nullopt;
    }
    auto made = replay::parse_measurement(text);
    if (!made) {
        print_error(file + ": " + made.error().reason);
        return std::nullopt;
    }
    return std::move(*made);
}

std::string value_text(const replay::compared_figure& figure, double value)
{
    std::array<char, 48> text{};
    const int digits = value == std::floor(value) && figure.unit.empty() ? 0 : 1;
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data() + (figure.unit.empty() ? std::string() : " " + figure.unit);
}

}  // namespace

replay::methodology describe_method(
    const measure_options& options, const std::string& traffic_sha256, const std::string& mock_sha256
)
{
    return {
        {"format", "1"},
        {"traffic", traffic_sha256},
        {"timing", options.drive.timing},
        {"times", std::to_string(options.drive.times)},
        {"concurrency", std::to_string(options.drive.concurrency)},
        {"connections", options.drive.connections},
        {"timeout", std::to_string(options.drive.timeout_ms) + " ms"},
        {"http", options.drive.http2 ? "2" : "1.1"},
        {"unsafe methods", options.drive.allow_unsafe ? "sent" : "left out"},
        {"values", options.drive.correlate ? "carried on" : "as captured"},
        {"headers", names_of(options.drive.headers) + names_of(options.drive.header_files)},
        {"mock traffic", mock_sha256},
        {"mock direction", options.mock.direction},
        {"mock latency", options.mock.latency},
        {"mock repeat", options.mock.repeat},
        {"mock faults", joined(options.mock.faults)},
        {"mock seed", std::to_string(options.mock.seed)},
        {"mock ignores", joined(options.mock.ignore)},
        {"mock matches", joined(options.mock.match_headers)},
        {"mock learns", options.mock.strict ? "no" : "yes"},
        {"arrivals", "per 50 ms, half-open"},
    };
}

int run_measure_compare(const std::string& before, const std::string& after, const output_style& style)
{
    const auto one = read_measurement(before);
    const auto other = read_measurement(after);
    if (!one || !other)
        return exit_data;
    const auto made = replay::compare_measurements(*one, *other);
    if (!made) {
        print_error(made.error().reason);
        return exit_data;
    }
    if (style.json) {
        std::printf("%s\n", replay::to_json(*made).c_str());
        return exit_ok;
    }
    std::vector<std::vector<std::string>> rows = {{"FIGURE", "BEFORE", "AFTER", ""}};
    for (const replay::compared_figure& figure : made->figures) {
        const char* change = figure.change > 0 ? "better" : figure.change < 0 ? "worse" : "";
        rows.push_back({figure.name, value_text(figure, figure.before), value_text(figure, figure.after), change});
    }
    if (!style.quiet) {
        std::printf("%s\n", render_table(rows).c_str());
        std::printf("measured alike: method %s\n", made->hash.substr(0, 12).c_str());
    }
    return exit_ok;
}

}  // namespace reprise::app
