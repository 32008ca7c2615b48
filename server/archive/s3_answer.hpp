#pragma once

#include "s3_attempts.hpp"
#include "s3_request.hpp"

#include "reprise/archive/object_store.hpp"
#include "reprise/net/client.hpp"

#include <chrono>
#include <optional>
#include <string_view>

// What an answer of S3, or none, means. Pure.
namespace reprise::archive {

struct s3_outcome {
    attempt_end end = attempt_end::done;
    std::optional<store_failure> failure;                  // Nothing: it went well.
    std::optional<std::chrono::milliseconds> asked_for;   // Retry-After.
};

// `server` is named in the failure's sentence. A 200 whose body is an <Error>, as the end of a multipart upload
// may be, is a failure, too.
s3_outcome judge(const s3_call& call, std::string_view server, const result<net::client_response>& answer);

}  // namespace reprise::archive
