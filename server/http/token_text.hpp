#pragma once

#include <optional>
#include <string>
#include <string_view>

// The text of an API token: rpr_<id>_<secret>_<check>. The prefix lets scanners of leaked secrets find it, the check
// (CRC-32) lets us refuse a mistyped or invented one without asking the store.
namespace reprise::http {

constexpr std::string_view token_prefix = "rpr";
constexpr std::size_t token_id_chars = 26;      // A ULID.
constexpr std::size_t token_secret_chars = 43;  // Base 62: a little more than 256 bits.
constexpr std::size_t token_check_chars = 6;    // Base 62.

struct token_parts {
    std::string id;
    std::string secret;
};

std::string make_token_secret();
std::string token_text(const token_parts& parts);
std::optional<token_parts> parse_token(std::string_view text);

// The token of "Bearer <token>"; empty when the header is another one.
std::string_view find_bearer(std::string_view authorization) noexcept;

}  // namespace reprise::http
