#pragma once

#include "reprise/base/error.hpp"

#include <string>
#include <string_view>

namespace reprise::forge {

// Secrets that we need in clear to sign with, kept in the database sealed with a key that lies outside of it: a copy
// of the database alone signs nothing. Immutable; safe from any thread.
class sealed_secrets {
public:
    explicit sealed_secrets(std::string key);  // sealing_key_bytes long.

    // Base64. `owner` is part of what is sealed: a secret moved to another row does not open.
    std::string seal(std::string_view owner, std::string_view secret) const;
    // errc::corrupt unless it was sealed with this key for this owner.
    result<std::string> open(std::string_view owner, std::string_view sealed) const;

private:
    std::string key_;
};

}  // namespace reprise::forge
