#pragma once

#include "reprise/telemetry/body_fields.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise::telemetry {

// Gathers fields of a body within the limits of body_fields.hpp. The body must outlive it.
class field_list {
public:
    explicit field_list(std::string_view body) : body_(body) {}

    // `raw` is a part of the body.
    void add(std::string_view path, std::string_view raw, std::string value, field_type type);
    // The same for what is nested too deeply: its text, marked as cut.
    void add_nested(std::string_view path, std::string_view raw, field_type type);

    body_fields take(body_form form);
    void clear();

private:
    bool has_room(std::string_view path);

    std::string_view body_;
    body_fields gathered_;
};

// Writes a path's next part: "/" and the name, escaped as RFC 6901 has it.
void append_path_part(std::string& path, std::string_view name);

// "/name", for the n-th of that name "/name/n".
class repeated_names {
public:
    std::string path_of(std::string_view name);

private:
    std::vector<std::pair<std::string, std::size_t>> seen_;  // Sorted by name.
};

}  // namespace reprise::telemetry
