#include "arrival_export.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/base/canonical_json.hpp"
#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"
#include "reprise/telemetry/redact.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace reprise::replay {
namespace {

struct utc_form {
    const char* pattern;
};
constexpr utc_form for_files{"%Y%m%dT%H%M%S"};
constexpr utc_form for_people{"%Y-%m-%dT%H:%M:%S"};

// With nanoseconds: requests come closer together than a millisecond.
std::string utc_text(std::int64_t time_ns, const utc_form& form)
{
    const std::int64_t rest_ns = ((time_ns % ns_per_s) + ns_per_s) % ns_per_s;
    const auto seconds = static_cast<std::time_t>((time_ns - rest_ns) / ns_per_s);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), form.pattern, &parts);
    std::array<char, 16> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%09lldZ", static_cast<long long>(rest_ns));
    return std::string(text.data(), size) + fraction.data();
}

model::outcome outcome_of(int status)
{
    if (status == 429)
        return model::outcome::throttled;
    if (status == 0 || status >= 500)
        return model::outcome::server_error;
    return status >= 400 ? model::outcome::client_error : model::outcome::ok;
}

// The served answer, taken apart again.
void put_answer(std::string_view wire, model::exchange& into)
{
    const std::size_t head_end = wire.find("\r\n\r\n");
    if (head_end == std::string_view::npos)
        return;
    into.response_body = wire.substr(head_end + 4);
    std::string_view head = wire.substr(0, head_end);
    head.remove_prefix(std::min(head.find("\r\n"), head.size()));
    while (!head.empty()) {
        head.remove_prefix(2);
        const std::string_view line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(line.size());
        const std::size_t colon = line.find(": ");
        if (colon != std::string_view::npos)
            into.response_headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
}

std::string_view to_text(net::raw_end end)
{
    switch (end) {
    case net::raw_end::answered: return "answered";
    case net::raw_end::refused: return "refused";
    case net::raw_end::cut: return "cut";
    }
    return "";
}

boost::json::object line_of(const arrival& what)
{
    boost::json::object line;
    line["number"] = what.number;
    line["at"] = utc_text(what.wall_ns, for_people);
    line["wall_ns"] = what.wall_ns;
    line["steady_ns"] = what.steady_ns;
    line["end_steady_ns"] = what.end_ns;
    line["duration_ns"] = what.end_ns - what.steady_ns;
    line["label"] = to_text(what.label);
    line["end"] = to_text(what.end);
    line["status"] = what.status;
    if (what.recording != no_recording)
        line["recording"] = what.recording + 1;
    if (what.relaxed)
        line["relaxed"] = true;
    if (what.trace)
        line["trace_id"] = model::to_hex(what.trace);
    return line;
}

}  // namespace

arrival_export::arrival_export(
    fs::path directory, const mock& answers, const std::string& redaction_key, std::size_t files_max
)
    : directory_(std::move(directory)), answers_(answers), redaction_key_(redaction_key), files_max_(files_max)
{
    while (!directory_.has_filename() && directory_.has_parent_path() && directory_ != directory_.root_path())
        directory_ = directory_.parent_path();  // "arrivals/" is "arrivals".
}

arrival_export::~arrival_export()
{
    list_.reset();
    std::error_code ignored;
    if (!stage_.empty())
        fs::remove_all(stage_, ignored);
}

result<void> arrival_export::fail(const fs::path& path, int error)
{
    log_error("replay.arrivals", path.string() + ": " + std::strerror(error));
    return error == EACCES || error == EPERM || error == EROFS ? reprise::errc::denied : reprise::errc::io;
}

result<void> arrival_export::begin()
{
    std::error_code ec;
    if (fs::exists(fs::symlink_status(directory_, ec)))
        return reprise::errc::conflict;
    const fs::path parent = directory_.has_parent_path() ? directory_.parent_path() : fs::path(".");
    fs::create_directories(parent, ec);
    stage_ = parent / ("." + directory_.filename().string() + "." + random_token(8) + ".tmp");
    if (::mkdir(stage_.c_str(), S_IRWXU) != 0 || ::mkdir((stage_ / "requests").c_str(), S_IRWXU) != 0)
        return fail(stage_, errno);
    list_.reset(std::fopen((stage_ / "arrivals.jsonl").c_str(), "wbx"));
    if (!list_)
        return fail(stage_ / "arrivals.jsonl", errno);
    return {};
}

model::exchange arrival_export::exchange_of(const arrival& what, const spooled_request& request) const
{
    model::exchange pair;
    pair.operation.source = model::source::rrpair;
    pair.operation.kind = model::operation_kind::client;
    pair.operation.protocol = "http";
    pair.direction = model::direction::out;
    pair.status = what.status;
    pair.outcome = outcome_of(what.status);
    pair.start_ns = what.wall_ns;
    pair.duration_ns = std::max<std::int64_t>(what.end_ns - what.steady_ns, 0);
    pair.host = request.authority;
    pair.method = request.method;
    pair.path = request.target;
    for (const auto& [name, value] : request.headers)
        pair.request_headers.emplace_back(name, value);
    pair.request_body = request.body;
    if (what.label == mock_label::hit)
        put_answer(answers_.answer_of(what.recording), pair);
    pair.trace = what.trace;
    pair.operation.method = pair.method;
    pair.operation.service = pair.host;
    telemetry::redact(pair, redaction_key_);
    return pair;
}

result<std::string> arrival_export::write_file(const arrival& what, const model::exchange& pair)
{
    const std::string host = archive::escape_name(pair.host);
    if (hosts_.insert(host).second && ::mkdir((stage_ / "requests" / host).c_str(), S_IRWXU) != 0)
        return fail(stage_ / "requests" / host, errno).error();
    const std::string name = "requests/" + host + "/" + utc_text(what.wall_ns, for_files) + "_" +
                             std::to_string(what.number) + ".json";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen((stage_ / name).c_str(), "wbx"), std::fclose);
    const std::string text = telemetry::write_rrpair_json(pair);
    if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() || std::fflush(file.get()) != 0)
        return fail(stage_ / name, errno).error();
    ++files_;
    return name;
}

result<void> arrival_export::add(const arrival& what, const spooled_request* request)
{
    boost::json::object line = line_of(what);
    if (request != nullptr) {
        const model::exchange pair = exchange_of(what, *request);
        line["method"] = pair.method;
        line["host"] = pair.host;
        line["path"] = pair.path;
        // What is no request as HTTP has them is no pair either.
        if (files_ < files_max_ && !pair.method.empty() && pair.path.starts_with('/')) {
            auto name = write_file(what, pair);
            if (!name)
                return name.error();
            line["file"] = std::move(*name);
        }
    } else if (what.recording != no_recording) {
        line["recorded_request"] = answers_.name_of(what.recording);
    }
    const std::string text = canonical_json(line) + '\n';
    if (std::fwrite(text.data(), 1, text.size(), list_.get()) != text.size())
        return fail(stage_ / "arrivals.jsonl", errno);
    ++lines_;
    return {};
}

result<void> arrival_export::commit()
{
    if (std::fflush(list_.get()) != 0 || ::fsync(::fileno(list_.get())) != 0)
        return fail(stage_ / "arrivals.jsonl", errno);
    list_.reset();
    if (::rename(stage_.c_str(), directory_.c_str()) != 0)
        return fail(directory_, errno);
    stage_.clear();
    return {};
}

}  // namespace reprise::replay
