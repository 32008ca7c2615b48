#pragma once

#include "reprise/archive/s3_store.hpp"
#include "reprise/net/client.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What is asked of S3, before it is signed. Pure.
namespace reprise::archive {

struct s3_call {
    net::client_request request;
    std::string what;          // "GET s3://bucket/key", for people.
    bool is_object = false;    // The answer's body is an object, not a short text.
    bool repeatable = true;    // Twice is as good as once.

    s3_call() = default;
};

using query_fields = std::vector<std::pair<std::string, std::string>>;

// `key` may be empty: the bucket itself.
net::url url_of(const s3_config& config, std::string_view key, const query_fields& query);

s3_call put_call(const s3_config& config, std::string_view key, std::string bytes);
s3_call get_call(const s3_config& config, std::string_view key);
s3_call head_call(const s3_config& config, std::string_view key);
s3_call remove_call(const s3_config& config, std::string_view key);
s3_call list_call(const s3_config& config, std::string_view prefix, std::string_view next);

s3_call begin_upload_call(const s3_config& config, std::string_view key);
s3_call part_call(
    const s3_config& config, std::string_view key, std::string_view upload, std::size_t number, std::string bytes
);
s3_call end_upload_call(const s3_config& config, std::string_view key, std::string_view upload, std::string parts_xml);
s3_call abort_upload_call(const s3_config& config, std::string_view key, std::string_view upload);

}  // namespace reprise::archive
