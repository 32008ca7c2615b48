#pragma once

#include "query.hpp"

#include "reprise/base/ulid_time.hpp"

namespace reprise::store {

// Rows whose id, a ULID, was made at or after one time and before another; 0: any. A range of the primary key.
inline void add_id_times(conditions& where, std::int64_t from_ns, std::int64_t to_ns)
{
    if (from_ns > 0)
        where.add("id >= :id_from", first_ulid(from_ns));
    if (to_ns > 0)
        where.add("id < :id_to", first_ulid(to_ns));
}

}  // namespace reprise::store
