#pragma once

#include <string>
#include <string_view>

// How gRPC writes messages, and texts and bytes in headers.
namespace reprise::rpc {

// Status codes of gRPC that this room answers by itself.
enum class grpc_code {
    ok = 0,
    cancelled = 1,
    invalid_argument = 3,
    permission_denied = 7,
    resource_exhausted = 8,
    aborted = 10,
    unimplemented = 12,
    internal = 13,
    unavailable = 14,
    unauthenticated = 16,
};

// grpc-message: what is not printable ASCII, and the percent sign, as %XX.
std::string encode_grpc_message(std::string_view text);

// Of headers that end in -bin: base64 without padding.
std::string encode_binary_header(std::string_view bytes);

// A message that is not compressed, under 4 GiB, with the five bytes that stand before it.
std::string frame_grpc_message(std::string_view bytes);

}  // namespace reprise::rpc
