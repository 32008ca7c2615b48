#pragma once

#include "redactor.hpp"

#include <string>
#include <string_view>

namespace reprise::telemetry {

// Of "multipart/form-data; boundary=x"; empty for anything else.
std::string_view multipart_boundary(std::string_view content_type);

// Of a body that looks like one, whatever its content type says; empty for anything else.
std::string_view multipart_boundary_of_body(std::string_view body);

// The parameter `name` of a part's Content-Disposition, quoted or not, with or without a blank before it.
std::string_view multipart_field_name(std::string_view headers);

// Each part by the name of its field, then by what it holds.
std::string redact_multipart(
    redactor& redactor, std::string_view body, std::string_view boundary, std::string_view place
);

}  // namespace reprise::telemetry
