#include "snapshot.hpp"

#include "reprise/model/exchange.hpp"
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

constexpr std::size_t batch_records = 512;

bool has_extension(const fs::path& path, std::initializer_list<std::string_view> wanted)
{
    const std::string own = path.extension().string();
    return std::find(wanted.begin(), wanted.end(), own) != wanted.end();
}

// Everything the snapshots hold, until it can be put in order.
class reader {
public:
    explicit reader(snapshot_reading& report) : report_(report) {}

    void read(const fs::path& path)
    {
        ++report_.files;
        std::error_code ec;
        if (fs::file_size(path, ec) > snapshot_file_bytes_max || ec) {
            complain(path.string(), ec ? ec.message() : "larger than 64 MiB");
            return;
        }
        std::ifstream file(path, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        if (has_extension(path, {".md"}))
            keep(telemetry::parse_rrpair_markdown(text, service_of(path)), path);
        else if (has_extension(path, {".jsonl", ".ndjson"}) || is_export_request(text))
            read_lines(path, text);
        else
            keep(telemetry::parse_rrpair_json(text, service_of(path)), path);
    }

    // In order of time, so that the way into the directory does not matter.
    void hand_over(const batch_taker& take)
    {
        std::stable_sort(exchanges_.begin(), exchanges_.end(), [](const auto& a, const auto& b) {
            return a.start_ns < b.start_ns;
        });
        const std::span<const model::exchange> all(exchanges_);
        for (std::size_t at = 0; at < all.size(); at += batch_records) {
            const auto part = all.subspan(at, std::min(batch_records, all.size() - at));
            auto bytes = std::make_shared<const std::string>(telemetry::encode_logs_request(part));
            deliver(telemetry::decode_logs(std::move(bytes)), "snapshot", take);
        }
        for (const auto& [where, message] : messages_) {
            auto bytes = std::make_shared<const std::string>(message.bytes);
            auto batch = message.kind == telemetry::otlp_request::logs ? telemetry::decode_logs(std::move(bytes))
                                                                       : telemetry::decode_spans(std::move(bytes));
            deliver(std::move(batch), where, take);
        }
    }

private:
    static std::string service_of(const fs::path& path) { return path.parent_path().filename().string(); }

    static bool is_export_request(std::string_view text)
    {
        const std::string_view head = text.substr(0, 200);
        return head.find("\"resourceLogs\"") != std::string_view::npos ||
               head.find("\"resourceSpans\"") != std::string_view::npos;
    }

    void complain(std::string where, std::string what)
    {
        report_.problems.push_back({std::move(where), std::move(what)});
    }

    void keep(result<model::exchange> parsed, const fs::path& path)
    {
        if (parsed)
            exchanges_.push_back(std::move(*parsed));
        else
            complain(path.string(), parsed.error().message());
    }

    void read_lines(const fs::path& path, std::string_view text)
    {
        std::size_t number = 0;
        while (!text.empty()) {
            const auto end = text.find('\n');
            const std::string_view line = text.substr(0, end);
            text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
            ++number;
            if (line.find_first_not_of(" \t\r") == std::string_view::npos)
                continue;
            const std::string where = path.string() + ":" + std::to_string(number);
            auto message = telemetry::encode_otlp_json_line(line);
            if (message)
                messages_.emplace_back(where, std::move(*message));
            else
                complain(where, telemetry::to_text(message.error()));
        }
    }

    void deliver(
        telemetry::decode_result<model::observation_batch> decoded, const std::string& where, const batch_taker& take
    )
    {
        if (!decoded) {
            complain(where, telemetry::to_text(decoded.error()));
            return;
        }
        if (decoded->rejected > 0)
            complain(where, std::to_string(decoded->rejected) + " records left out: " + decoded->rejected_reason);
        report_.records += decoded->observations.size();
        take(std::make_shared<const model::observation_batch>(std::move(*decoded)));
    }

    snapshot_reading& report_;
    std::vector<model::exchange> exchanges_;
    std::vector<std::pair<std::string, telemetry::otlp_message>> messages_;
};

void list_files(const fs::path& path, std::vector<fs::path>& files, snapshot_reading& report)
{
    std::error_code ec;
    if (fs::is_regular_file(path, ec)) {
        files.push_back(path);
        return;
    }
    if (!fs::is_directory(path, ec)) {
        report.problems.push_back({path.string(), "no such file or directory"});
        return;
    }
    for (auto it = fs::recursive_directory_iterator(path, ec); it != fs::recursive_directory_iterator(); ++it) {
        const bool hidden = it->path().filename().string().starts_with('.');
        if (it->is_directory() && hidden)
            it.disable_recursion_pending();
        else if (it->is_regular_file() && !hidden && has_extension(it->path(), {".json", ".md", ".jsonl", ".ndjson"}) &&
                 files.size() < snapshot_files_max)
            files.push_back(it->path());
    }
}

}  // namespace

snapshot_reading read_snapshots(
    const std::vector<std::string>& paths, const output_style& style, const batch_taker& take
)
{
    snapshot_reading report;
    std::vector<fs::path> files;
    for (const std::string& path : paths)
        list_files(path, files, report);
    std::sort(files.begin(), files.end());

    reader all(report);
    {
        progress_bar bar("reading", files.size(), style);
        for (const fs::path& file : files) {
            all.read(file);
            bar.advance();
        }
    }
    all.hand_over(take);
    return report;
}

}  // namespace reprise::app
