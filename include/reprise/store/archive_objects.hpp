#pragma once

#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::store {

enum class archive_kind : std::uint8_t { evidence, findings };

enum class archive_place : std::uint8_t {
    local,     // On the disk only: waits for its upload when there is an object store.
    both,      // On the disk and in the object store.
    remote,    // In the object store only.
    removing,  // Being deleted wherever it is; nobody may use it any more.
};

// An object kept outside the database: an evidence bundle or the findings of a window.
struct archive_object {
    std::string path;       // Below the data directory, and below the prefix in the bucket.
    archive_kind kind = archive_kind::evidence;
    std::string owner_id;   // The evidence row; empty for findings.
    std::int64_t created_ns = 0;
    std::uint64_t bytes = 0;
    std::string sha256;
    archive_place place = archive_place::local;
    std::uint32_t attempts = 0;  // Uploads that failed.
    std::int64_t due_ns = 0;     // The next upload, while it is local only.
    std::string error;           // Why the last upload failed.
};

struct archive_totals {
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
};

constexpr std::size_t archive_objects_listed_max = 1'000;

std::string_view to_text(archive_kind value) noexcept;
std::string_view to_text(archive_place value) noexcept;
std::optional<archive_kind> find_archive_kind(std::string_view text) noexcept;
std::optional<archive_place> find_archive_place(std::string_view text) noexcept;

// Replaces what has the path: it is local again. insert_evidence() does it for bundles.
result<void> save_archive_object(transaction& tx, const archive_object& object);
result<std::optional<archive_object>> find_archive_object(const reader& from, std::string_view path);
// In the order of paths, from the one behind `after`.
result<std::vector<archive_object>> list_archive_objects(const reader& from, std::string_view after, std::size_t limit);
// All that are there: none that is being removed.
result<archive_totals> sum_archive(const reader& from);

// Local only and due, the longest due first.
result<std::vector<archive_object>> list_due_uploads(const reader& from, std::int64_t now_ns, std::size_t limit);
// Local only, due or not.
result<archive_totals> sum_waiting(const reader& from);
// errc::stale when it is no longer that object, or no longer local.
result<void> mark_uploaded(transaction& tx, const archive_object& object, bool keeps_local);
result<void> mark_upload_failed(
    transaction& tx, const archive_object& object, std::string_view error, std::int64_t due_ns
);

// The oldest made before `before_ns`, without evidence of open incidents.
result<std::vector<archive_object>> list_expirable(
    const reader& from, archive_kind kind, std::int64_t before_ns, std::size_t limit
);
// From now on the object is being deleted, and its evidence says when that began. What runs of that evidence were
// answered goes at once.
result<void> begin_removal(transaction& tx, const archive_object& object, std::int64_t now_ns);
result<std::vector<archive_object>> list_removing(const reader& from, std::size_t limit);
// Its object is gone everywhere.
result<void> end_removal(transaction& tx, std::string_view path);

}  // namespace reprise::store
