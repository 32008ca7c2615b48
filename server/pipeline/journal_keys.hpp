#pragma once

#include "journal_format.hpp"

#include "reprise/base/seal.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::pipeline {

// What is made from the journal's master key. Each segment is sealed under a key of its own, made from
// its random salt, and numbers its entries: no nonce is used twice under one key. A plain value.
class journal_keys {
public:
    explicit journal_keys(std::string_view master_key);

    const std::array<char, 16>& id() const noexcept { return id_; }
    std::uint64_t body_seed() const noexcept { return body_seed_; }  // For hash_content().
    sealer sealer_of(const segment_header& segment) const;
    seal_check check_of(const segment_header& segment) const;

private:
    std::string master_key_;
    std::array<char, 16> id_{};
    std::uint64_t body_seed_ = 0;
};

}  // namespace reprise::pipeline
