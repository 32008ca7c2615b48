#pragma once

#include "reprise/model/person.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// How people prove who they are: a password of ours, or an identity somebody else vouches for.
namespace reprise::store {

struct password_record {
    std::string hash;  // argon2id, as text with salt and cost.
    std::int64_t changed_ns = 0;
};

// Replaces the one before. errc::denied for a service account, errc::invalid_argument for nobody.
result<void> save_password(
    transaction& tx, std::string_view person_id, std::string_view hash, std::int64_t now_ns
);
result<std::optional<password_record>> find_password(const reader& from, std::string_view person_id);

// `issuer` and `subject` as the provider writes them.
struct identity_key {
    std::string issuer;
    std::string subject;
};

// errc::conflict when the identity belongs to somebody already.
result<void> link_identity(
    transaction& tx, const identity_key& identity, std::string_view person_id, std::int64_t now_ns
);
result<bool> has_identity(const reader& from, std::string_view person_id);
// Disabled or not.
result<std::optional<model::person>> find_person_by_identity(const reader& from, const identity_key& identity);

}  // namespace reprise::store
