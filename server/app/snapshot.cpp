#include "snapshot.hpp"

#include "interruption.hpp"
#include "snapshot_lines.hpp"

#include "reprise/telemetry/har.hpp"
#include "reprise/telemetry/otlp_decode.hpp"
#include "reprise/telemetry/otlp_json.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

namespace reprise::app {
namespace {

namespace fs = std::filesystem;
using telemetry::snapshot_format;

constexpr std::size_t batch_records = 512;
constexpr std::size_t batch_bytes = 16 * 1024 * 1024;
constexpr std::size_t head_bytes = 256 * 1024;

bool has_extension(const fs::path& path, std::initializer_list<std::string_view> wanted)
{
    const std::string own = path.extension().string();
    return std::find(wanted.begin(), wanted.end(), own) != wanted.end();
}

std::string megabytes(std::size_t bytes)
{
    return std::to_string(bytes / (1024 * 1024)) + " MiB";
}

// "a.json:3" where `offset` lies in the third line.
std::string place_in(const fs::path& path, std::string_view text, std::size_t offset)
{
    const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
    return path.string() + ":" + std::to_string(lines + 1);
}

// Reads one file after the other into `content`.
class reader {
public:
    reader(snapshot_content& content, const snapshot_options& options)
        : content_(content), reading_(content.reading), options_(options)
    {
    }

    void read(const fs::path& path)
    {
        ++reading_.files;
        std::ifstream file(path, std::ios::binary);
        if (!file)
            return complain(path.string(), "cannot be read");
        std::string head(head_bytes, '\0');
        file.read(head.data(), static_cast<std::streamsize>(head.size()));
        head.resize(static_cast<std::size_t>(file.gcount()));
        file.clear();
        file.seekg(0);
        const std::string_view text = without_mark(head);
        const auto format = options_.format ? options_.format : telemetry::detect_snapshot_format(text);
        if (!format)
            return complain(path.string(), unknown_reason(head));

        const bool is_json = *format == snapshot_format::rrpair_json || *format == snapshot_format::otlp_json;
        if (is_json && (has_extension(path, {".jsonl", ".ndjson"}) || telemetry::is_one_per_line(text)))
            read_lines(path, file);
        else
            read_document(path, file, *format);
    }

    void complain(std::string where, std::string what)
    {
        if (reading_.problem_count++ < snapshot_problems_max)
            reading_.problems.push_back({std::move(where), std::move(what)});
    }

    bool is_full() const noexcept { return bytes_ > snapshot_bytes_max; }

private:
    static std::string_view without_mark(std::string_view text)
    {
        return text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text;
    }

    static std::string unknown_reason(std::string_view head)
    {
        if (head.empty())
            return "the file is empty";
        if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff"))
            return "UTF-16 text; save it as UTF-8";
        if (head.starts_with("\x1f\x8b") || head.starts_with("\x28\xb5\x2f\xfd"))
            return "compressed; unpack it first";
        return "neither RRPair (JSON or Markdown) nor HAR nor OTLP-JSON";
    }

    // For records that name none: of a snapshot's directory, <host>/<file>.
    std::string service_of(const fs::path& path) const
    {
        return options_.service.empty() ? path.parent_path().filename().string() : options_.service;
    }

    void read_document(const fs::path& path, std::ifstream& file, snapshot_format format)
    {
        const std::size_t bytes_max =
            format == snapshot_format::har ? snapshot_har_bytes_max : snapshot_document_bytes_max;
        std::error_code ec;
        if (fs::file_size(path, ec) > bytes_max || ec)
            return complain(path.string(), ec ? ec.message() : "larger than " + megabytes(bytes_max));
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        const std::string_view text = without_mark(bytes);
        switch (format) {
        case snapshot_format::har: return read_har(path, text);
        case snapshot_format::otlp_json: return read_export_request(path.string(), text);
        case snapshot_format::rrpair_markdown:
            return keep(telemetry::parse_rrpair_markdown(text, service_of(path)), path.string());
        case snapshot_format::rrpair_json: break;
        }
        std::size_t offset = 0;
        auto parsed = telemetry::parse_rrpair_json(text, service_of(path), &offset);
        keep(std::move(parsed), offset > 0 ? place_in(path, text, offset) : path.string());
    }

    void read_lines(const fs::path& path, std::ifstream& file)
    {
        line_reader lines(file, snapshot_document_bytes_max);
        for (auto step = lines.next(); step != line_reader::step::end; step = lines.next()) {
            const std::string where = path.string() + ":" + std::to_string(lines.number());
            if (step == line_reader::step::too_long)
                complain(where, "a line longer than " + megabytes(snapshot_document_bytes_max));
            else if (telemetry::detect_snapshot_format(lines.line()) == snapshot_format::rrpair_json)
                keep(telemetry::parse_rrpair_json(lines.line(), service_of(path)), where);
            else
                read_export_request(where, lines.line());
            if (is_full() || interruption::seen() != 0)
                return;
        }
    }

    void read_har(const fs::path& path, std::string_view text)
    {
        const telemetry::har_visitor visitor{
            [this](const model::exchange& exchange) { keep(exchange); },
            [this, &path](std::size_t entry, std::string what) {
                complain(path.string() + " entry " + std::to_string(entry), std::move(what));
            },
            [this](std::string_view reason) { ++reading_.skipped[std::string(reason)]; }};
        if (const auto bad = telemetry::read_har(text, options_.service, visitor))
            complain(place_in(path, text, bad->offset), telemetry::to_text(*bad));
    }

    void read_export_request(const std::string& where, std::string_view line)
    {
        if (telemetry::is_not_analysed(line)) {
            ++reading_.skipped["requests of metrics or profiles"];
            return;
        }
        auto message = telemetry::encode_otlp_json_line(line);
        if (!message)
            return complain(where, telemetry::to_text(message.error()));
        auto bytes = std::make_shared<const std::string>(std::move(message->bytes));
        const auto batch = telemetry::decode_request(message->kind, std::move(bytes));
        if (!batch)
            return complain(where, telemetry::to_text(batch.error()));
        if (batch->rejected > 0)
            complain(where, std::to_string(batch->rejected) + " records left out: " + batch->rejected_reason);
        for (const model::observation& one : batch->observations)
            ++reading_.protocols[std::string(batch->operations[one.operation_index].protocol)];
        const std::size_t first = content_.records.size();
        telemetry::append_records(*batch, content_.records);
        for (std::size_t i = first; i < content_.records.size(); ++i)
            bytes_ += content_.records[i].bytes.size();
        reading_.records += batch->observations.size();
    }

    void keep(result<model::exchange> parsed, const std::string& where)
    {
        if (parsed)
            keep(*parsed);
        else
            complain(where, parsed.error().message());
    }

    void keep(const model::exchange& exchange)
    {
        ++reading_.protocols[exchange.operation.protocol];
        ++reading_.records;
        content_.records.push_back(telemetry::to_record(exchange));
        bytes_ += content_.records.back().bytes.size();
    }

    snapshot_content& content_;
    snapshot_reading& reading_;
    const snapshot_options& options_;
    std::size_t bytes_ = 0;
};

// One directory that may not be read must not end the walk through the others.
bool may_list(const fs::path& directory, reader& all)
{
    std::error_code ec;
    const fs::directory_iterator probe(directory, ec);
    if (ec)
        all.complain(directory.string(), ec.message());
    return !ec;
}

void list_files(const fs::path& path, std::vector<fs::path>& files, reader& all)
{
    std::error_code ec;
    if (fs::is_regular_file(path, ec)) {
        files.push_back(path);
        return;
    }
    if (!fs::is_directory(path, ec))
        return all.complain(path.string(), "no such file or directory");
    for (auto it = fs::recursive_directory_iterator(path, ec); it != fs::recursive_directory_iterator();
         it.increment(ec)) {
        const bool hidden = it->path().filename().string().starts_with('.');
        std::error_code ignored;
        if (it->is_directory(ignored) && !it->is_symlink(ignored) && (hidden || !may_list(it->path(), all)))
            it.disable_recursion_pending();
        else if (it->is_regular_file(ignored) && !hidden &&
                 has_extension(it->path(), {".json", ".md", ".jsonl", ".ndjson", ".har"})) {
            if (files.size() == snapshot_files_max)
                return all.complain(path.string(), "more than a million files; give parts of it");
            files.push_back(it->path());
        }
    }
    if (ec)
        all.complain(path.string(), ec.message());
}

// As many as live senders put into one request, by number and by bytes.
std::size_t count_for_batch(std::span<const telemetry::captured_record> records)
{
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (count < std::min(batch_records, records.size()) && (count == 0 || bytes < batch_bytes))
        bytes += records[count++].bytes.size();
    return count;
}

}  // namespace

snapshot_content load_snapshots(
    const std::vector<std::string>& paths, const snapshot_options& options, const output_style& style
)
{
    snapshot_content content;
    reader all(content, options);
    std::vector<fs::path> files;
    for (const std::string& path : paths)
        list_files(path, files, all);
    std::sort(files.begin(), files.end());

    progress_bar bar("reading", files.size(), style);
    for (const fs::path& file : files) {
        all.read(file);
        bar.advance();
        content.reading.interrupted = interruption::seen() != 0;
        if (content.reading.interrupted)
            return content;
        if (all.is_full()) {
            all.complain(file.string(), "more than " + megabytes(snapshot_bytes_max) + " of records; give parts of it");
            break;
        }
    }
    // So that the way into the directory does not matter.
    std::stable_sort(content.records.begin(), content.records.end(), [](const auto& a, const auto& b) {
        return a.start_ns < b.start_ns;
    });
    return content;
}

snapshot_reading read_snapshots(
    const std::vector<std::string>& paths, const output_style& style, const batch_taker& take,
    const snapshot_options& options
)
{
    const snapshot_content content = load_snapshots(paths, options, style);
    const std::span<const telemetry::captured_record> all(content.records);
    const auto hand_over = [&take](std::span<const telemetry::captured_record> part, model::source source) {
        std::vector<const telemetry::captured_record*> chosen;
        for (const auto& record : part) {
            if (record.source == source)
                chosen.push_back(&record);
        }
        if (chosen.empty())
            return;
        auto bytes = std::make_shared<const std::string>(telemetry::encode_export_request(chosen));
        auto batch = source == model::source::rrpair ? telemetry::decode_logs(std::move(bytes))
                                                     : telemetry::decode_spans(std::move(bytes));
        // Each record was decoded before, so this one is, too.
        take(std::make_shared<const model::observation_batch>(std::move(batch).value()));
    };
    for (std::size_t at = 0; at < all.size();) {
        const auto part = all.subspan(at, count_for_batch(all.subspan(at)));
        hand_over(part, model::source::rrpair);
        hand_over(part, model::source::span);
        at += part.size();
    }
    return content.reading;
}

}  // namespace reprise::app
