#pragma once

#include "reprise/base/error.hpp"

#include <cstdint>
#include <string>

namespace reprise::store {

class connection;

struct database_identity {
    std::string epoch;
    std::int64_t last_seq = 0;
};

// Reads who this database is. A new one gets its epoch and the signed head of an empty audit chain.
result<database_identity> load_identity(connection& session, std::int64_t now_ns);

}  // namespace reprise::store
