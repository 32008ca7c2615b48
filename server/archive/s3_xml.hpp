#pragma once

#include "reprise/archive/object_store.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The XML that S3 speaks, as far as it is needed. Pure; the texts are a stranger's.
namespace reprise::archive {

constexpr std::size_t xml_depth_max = 16;

struct s3_error {
    std::string code;      // "NoSuchKey"; letters only, cut at 64.
    std::string message;   // Cut at 300.
    std::string region;    // Where the bucket is, when it says so.
};

// Nothing when the text is no <Error>.
std::optional<s3_error> find_error(std::string_view xml);

// errc::answer_malformed. Keys keep the prefix they have in the bucket.
result<object_page> parse_list(std::string_view xml);
result<std::string> parse_upload_id(std::string_view xml);

// Digits and nothing else.
std::optional<std::uint64_t> parse_size(std::string_view text);

// The body that ends a multipart upload: the entity tags of parts 1, 2, ...
std::string write_parts(const std::vector<std::string>& tags);

}  // namespace reprise::archive
