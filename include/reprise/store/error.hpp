#pragma once

#include "reprise/base/error.hpp"

// What only the store can say. Everything else is a reprise::errc: not_found, conflict (a unique key
// is taken), stale (version or lease epoch), too_large (a named limit), unavailable (queue full, disk
// full, or the store is unhealthy), corrupt, io, invalid_argument (a value the schema refuses).
// SQLite's and SOCI's own codes and texts are logged once and never leave this room.
namespace reprise::store {

enum class errc {
    locked = 1,        // Another process has the database open.
    newer_schema,      // A newer version of the program wrote this file.
    foreign_file,      // An SQLite file, but not one of ours.
    migration_failed,  // A migration was rolled back; the file is as it was.
};

const boost::system::error_category& store_category() noexcept;
error_code make_error_code(errc code) noexcept;

}  // namespace reprise::store

template <>
struct boost::system::is_error_code_enum<reprise::store::errc> : std::true_type {};
