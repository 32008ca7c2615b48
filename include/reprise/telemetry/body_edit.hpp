#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Taking parts out of a captured body while every other byte stays as it is. Pure, any thread.
namespace reprise::telemetry {

enum class outline_form : std::uint8_t {
    none,    // Empty.
    json,    // An object or array.
    form,    // name=value&name=value
    text,    // Lines, or pieces of a single line.
    opaque,  // Compressed or not UTF-8: only whole or not at all.
};

// What can be taken out by itself: the whole body (depth 0), a member of an object, an item of an array, a field of
// a form, a line. Listed level by level; the parts inside of one part stand in the order of their bytes.
struct body_part {
    std::string path;        // "", "/items/0/sku", "coupon", "line 3".
    std::uint32_t depth = 0;
    std::uint32_t parent = 0;
    std::size_t begin = 0;   // Of its bytes; what separates it from its neighbours is not among them.
    std::size_t end = 0;
};

struct body_outline {
    outline_form form = outline_form::none;
    std::vector<body_part> parts;  // The whole body first; none for an empty one.
    bool cut = false;              // More parts than body_parts_max: what lies deeper is not listed.
};

constexpr std::size_t body_parts_max = 4096;
constexpr std::size_t text_pieces_max = 64;  // Longer texts are cut into larger pieces, not into more.

body_outline outline_body(std::string_view content_type, std::string_view content_encoding, std::string_view body);

// `body` without the parts whose flag is set (one flag per part of its own outline) and without what separated them.
// An object that loses all of its members stays as an empty object.
std::string without_parts(std::string_view body, const body_outline& outline, const std::vector<bool>& taken_out);

}  // namespace reprise::telemetry
