#pragma once

#include "reprise/telemetry/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What stands in a body, field by field, and the way back: another value in one place, every other byte as it was.
// For matching, comparing, carrying values on and minimising. Pure, any thread; linear in the body.
namespace reprise::telemetry {

constexpr std::size_t body_bytes_max = 16U << 20;       // A longer body is one binary field.
constexpr std::size_t body_fields_max = 4096;           // Further ones are counted in left_out.
constexpr std::size_t body_depth_max = 64;              // A value below is one field: its JSON text.
constexpr std::size_t body_value_bytes_max = 64U << 10; // Of one value; the rest becomes size and digest.
constexpr std::size_t body_path_bytes_max = 1024;       // Fields with longer paths are counted in left_out.

enum class body_form : std::uint8_t { empty, json, form, multipart, text, binary };
enum class field_type : std::uint8_t { text, number, boolean, null, object, array, binary };

struct body_field {
    // JSON: an RFC 6901 pointer ("/items/0/id"; "~1" is "/", "~0" is "~"; a member named twice stands there twice).
    // Form and multipart: "/name", the second of that name "/name/1". Text and binary bodies: "".
    std::string path;
    // What it says: escapes undone; a number as it is written; "{}" and "[]" of empty ones; binary as
    // "sha256:<hex>". Of a form it may be no UTF-8.
    std::string value;
    field_type type = field_type::text;
    bool cut = false;         // The value is more than what is kept of it; equal ones still are equal.
    std::size_t offset = 0;   // Where it is written in the body, quotes and escapes and all.
    std::size_t bytes = 0;
};

struct body_fields {
    body_form form = body_form::empty;
    std::vector<body_field> fields;  // In the order of the body.
    std::uint64_t left_out = 0;      // Fields over one of the limits.
    std::string note;                // What was cut, or why it is not of the form its type says; mostly empty.
};

// By content type; by look when there is none or it says nothing ("text/plain", "application/octet-stream"). What is
// not of the form it claims to be is text, or binary when it is no UTF-8.
body_fields flatten_body(std::string_view body, std::string_view content_type);

// The first field at `path`; nullptr when there is none.
const body_field* find_field(const body_fields& body, std::string_view path) noexcept;

struct field_change {
    std::string path;
    std::string value;  // As in body_field::value.
};

// The body with other values at some paths (at all places that have the path). A JSON number, boolean or null becomes
// what the value says if that is one of these, and a text otherwise; a text stays a text. Refused: a path that is not
// there, a value that would end its part of a multipart body.
decode_result<std::string> replace_fields(
    std::string_view body, std::string_view content_type, std::span<const field_change> changes
);
decode_result<std::string> replace_field(
    std::string_view body, std::string_view content_type, std::string_view path, std::string_view value
);

// For people and JSON: valid UTF-8, "..." where it was cut after bytes_max.
std::string shown_text(std::string_view value, std::size_t bytes_max);

std::string_view to_text(body_form value) noexcept;
std::string_view to_text(field_type value) noexcept;

}  // namespace reprise::telemetry
