#pragma once

#include "reprise/base/embedded.hpp"
#include "reprise/base/error.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace reprise::store {

class connection;

// "Rprs": PRAGMA application_id of our files.
constexpr std::int64_t application_id = 0x52707273;

// Brings the schema up to the last of `files` ("0001_name.sql", numbered from 1 without gaps, in
// order), each in a transaction of its own. PRAGMA user_version holds the number of the last one.
// Running it again changes nothing. `problem` gets what went wrong. Errors: errc::foreign_file,
// newer_schema, migration_failed; what the connection says.
result<void> migrate(connection& session, std::span<const embedded_file> files, std::string& problem);

}  // namespace reprise::store
