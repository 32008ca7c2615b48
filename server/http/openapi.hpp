#pragma once

#include <string>

namespace reprise::http {

// The OpenAPI 3.1 document, made from the route table and the schemas.
std::string render_openapi();

}  // namespace reprise::http
