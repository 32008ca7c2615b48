#pragma once

#include "reprise/model/deployment.hpp"
#include "reprise/model/operation.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::store {

// Rows kept per service. A version that was forgotten counts as new when it comes back.
constexpr std::size_t deployments_kept_max = 200;
constexpr std::size_t overflow_routes_kept_max = 50;

struct version_sight {
    std::string version;
    std::int64_t first_start_ns = 0;
};

// Versions that the records of a service named, in the order of their first records. A version that is not known is
// a deployment, but for the very first of the service. Returns what is new. Doing it again changes nothing.
result<std::vector<model::deployment>> note_versions(
    transaction& tx, std::string_view service, std::span<const version_sight> seen, std::int64_t now_ns
);

// Somebody says so. errc::conflict: it is there already. Appends a live event of the service, which must be known.
result<void> report_deployment(transaction& tx, const model::deployment& reported, std::int64_t now_ns);

// Newest first, without the version a service was first seen with.
result<std::vector<model::deployment>> list_deployments(
    const reader& from, std::string_view service, std::size_t limit
);

// An operation beyond its service's limit.
struct overflow_route {
    model::source source = model::source::rrpair;
    model::operation_kind kind = model::operation_kind::server;
    std::string method;
    std::string route;
    std::uint64_t records = 0;  // At least so many.
    std::int64_t last_seen_ns = 0;
};

// Adds the records to those stored; the rarest beyond overflow_routes_kept_max are forgotten.
result<void> add_overflow_routes(
    transaction& tx, std::string_view service, std::span<const overflow_route> seen
);

// Most frequent first.
result<std::vector<overflow_route>> list_overflow_routes(
    const reader& from, std::string_view service, std::size_t limit
);

}  // namespace reprise::store
