#include "field_list.hpp"

#include "utf8.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <utility>

namespace reprise::telemetry {
namespace {

std::string shortened(std::string_view value)
{
    std::string out(cut_utf8(value, body_value_bytes_max));
    return out + "... (" + std::to_string(value.size()) + " bytes, sha256:" + sha256_hex(value) + ")";
}

}  // namespace

bool field_list::has_room(std::string_view path)
{
    if (gathered_.fields.size() < body_fields_max && path.size() <= body_path_bytes_max)
        return true;
    ++gathered_.left_out;
    return false;
}

void field_list::add(std::string_view path, std::string_view raw, std::string value, field_type type)
{
    if (!has_room(path))
        return;
    const bool cut = value.size() > body_value_bytes_max;
    const auto offset = static_cast<std::size_t>(raw.data() - body_.data());
    gathered_.fields.push_back(
        {std::string(path), cut ? shortened(value) : std::move(value), type, cut, offset, raw.size()}
    );
}

void field_list::add_nested(std::string_view path, std::string_view raw, field_type type)
{
    if (!has_room(path))
        return;
    add(path, raw, std::string(raw), type);
    gathered_.fields.back().cut = true;
}

body_fields field_list::take(body_form form)
{
    gathered_.form = form;
    const auto cut = std::count_if(gathered_.fields.begin(), gathered_.fields.end(), [](const body_field& field) {
        return field.cut;
    });
    if (cut > 0)
        gathered_.note = std::to_string(cut) + " values are too long or nested too deeply to be kept whole";
    if (gathered_.left_out > 0)
        gathered_.note += (cut > 0 ? "; " : "") + std::to_string(gathered_.left_out) + " further fields are left out";
    return std::move(gathered_);
}

void field_list::clear()
{
    gathered_ = {};
}

void append_path_part(std::string& path, std::string_view name)
{
    path += '/';
    for (const char c : name) {
        if (path.size() > body_path_bytes_max)
            return;  // Too long already: the field is not listed.
        if (c == '~')
            path += "~0";
        else if (c == '/')
            path += "~1";
        else
            path += c;
    }
}

std::string repeated_names::path_of(std::string_view name)
{
    std::string path;
    append_path_part(path, name);
    const auto at = std::lower_bound(seen_.begin(), seen_.end(), path, [](const auto& one, const std::string& wanted) {
        return one.first < wanted;
    });
    if (at == seen_.end() || at->first != path) {
        if (seen_.size() < body_fields_max)
            seen_.insert(at, {path, 1});
        return path;
    }
    return path + "/" + std::to_string(at->second++);
}

}  // namespace reprise::telemetry
