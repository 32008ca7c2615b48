#include "reprise/http/audit_text.hpp"

#include "render.hpp"

#include "reprise/base/durable_file.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace json = boost::json;

namespace reprise::http {
namespace {

const std::string* find_text(const json::object& line, std::string_view name, std::string& into)
{
    const json::value* value = line.if_contains(name);
    if (!value || !value->is_string())
        return nullptr;
    into = value->get_string();
    return &into;
}

std::optional<store::audit_checkpoint> parse_line(std::string_view text)
{
    error_code ec;
    const json::value value = json::parse(text, ec);
    if (ec || !value.is_object())
        return std::nullopt;
    const json::object& line = value.get_object();
    const json::value* seq = line.if_contains("seq");
    const json::value* at_ns = line.if_contains("at_ns");
    store::audit_checkpoint checkpoint;
    const bool complete = seq && seq->is_int64() && at_ns && at_ns->is_int64() &&
                          find_text(line, "hash", checkpoint.hash) && find_text(line, "key_id", checkpoint.key_id) &&
                          find_text(line, "signature", checkpoint.signature);
    if (!complete || seq->get_int64() < 1)
        return std::nullopt;
    checkpoint.seq = seq->get_int64();
    checkpoint.at_ns = at_ns->get_int64();
    return checkpoint;
}

}  // namespace

std::string audit_line(const store::audit_row& row)
{
    return json::serialize(render_audit_row(row));
}

std::string checkpoint_line(const store::audit_checkpoint& checkpoint)
{
    json::object line;
    line["seq"] = checkpoint.seq;
    line["hash"] = checkpoint.hash;
    line["at_ns"] = checkpoint.at_ns;
    line["key_id"] = checkpoint.key_id;
    line["signature"] = checkpoint.signature;
    return json::serialize(line);
}

result<std::vector<store::audit_checkpoint>> read_checkpoint_file(
    const std::filesystem::path& path, std::size_t* bad_line
)
{
    const auto text = read_small_file(path, checkpoint_file_bytes_max);
    if (!text)
        return text.error();
    std::vector<store::audit_checkpoint> checkpoints;
    std::string_view rest = *text;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const auto end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        auto checkpoint = parse_line(line);
        if (checkpoint) {
            checkpoints.push_back(std::move(*checkpoint));
        } else if (!line.empty() && end != std::string_view::npos) {
            if (bad_line != nullptr)
                *bad_line = number;
            return errc::corrupt;
        }
    }
    std::stable_sort(checkpoints.begin(), checkpoints.end(), [](const auto& a, const auto& b) {
        return a.seq < b.seq;
    });
    return checkpoints;
}

}  // namespace reprise::http
