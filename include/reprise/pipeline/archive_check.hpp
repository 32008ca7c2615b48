#pragma once

#include "reprise/archive/object_store.hpp"
#include "reprise/base/error.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::store {
class database;
}

namespace reprise::pipeline {

enum class archive_fault : std::uint8_t {
    missing,     // The database names it, and it is not there.
    mismatch,    // It is there with other bytes.
    unreadable,  // The bytes are right, and it is no bundle or no JSON.
    orphan,      // It is there, and the database does not name it.
};

std::string_view to_text(archive_fault value) noexcept;

struct archive_finding {
    archive_fault fault = archive_fault::missing;
    std::string path;
    std::string place;        // Which store.
    std::string evidence_id;  // Empty for findings and orphans.
    std::string detail;
};

constexpr std::size_t archive_findings_max = 10'000;

struct archive_check_report {
    std::uint64_t objects = 0;  // Read and compared, each place it is in.
    std::uint64_t bytes = 0;
    std::uint64_t wrong = 0;
    std::vector<archive_finding> findings;  // At most archive_findings_max of them.
};

// Called with rows done and rows in all; any number of times.
using check_progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

// Reads every object wherever the database says it is, compares it with its hash, opens it, and looks for objects
// that nothing names. Changes nothing. A store that cannot be used at all ends it with that failure; errors of
// the database come as store_failure, too.
boost::asio::awaitable<archive::store_result<archive_check_report>> check_archive(
    store::database& database, archive::object_store& local, archive::object_store* remote, check_progress progress
);

}  // namespace reprise::pipeline
