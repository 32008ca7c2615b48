#pragma once

#include "reprise/base/error.hpp"

// Why a bundle was refused or not written, and why an object store cannot be used. Where and what exactly
// stands in the log, once, at the door of this room.
namespace reprise::archive {

enum class errc {
    not_a_bundle = 1,     // Not a gzip-compressed tar file, or it ends half way.
    path_refused,         // An entry's name is absolute, climbs, repeats or is too long.
    kind_refused,         // An entry is no regular file: link, device, directory.
    too_many_entries,     // entries_max.
    entry_too_large,      // entry_bytes_max.
    bundle_too_large,     // bundle_bytes_max on disk, or unpacked_bytes_max unpacked.
    manifest_missing,     // The first entry is not manifest.json.
    manifest_malformed,   // It is no JSON, or lacks what a manifest must say.
    version_unknown,      // Written by a newer version in a format we do not know.
    entry_missing,        // The manifest lists a file that is not there, or the other way round.
    hash_mismatch,        // A file is not what the manifest says it is.
    exchange_malformed,   // A listed exchange is no RRPair.
    write_failed,         // Disk full, no permission, no such directory.
    bundle_changed,       // It is not the bundle that was kept: another size or hash.
    bucket_missing,       // The object store has no such bucket.
    wrong_place,          // It answers that the bucket is elsewhere: another region or endpoint.
    request_refused,      // It does not accept the request, whatever is tried again.
    answer_malformed,     // What came is not the answer of an object store.
    not_trusted,          // The server's certificate does not hold.
};

const boost::system::error_category& archive_category() noexcept;
error_code make_error_code(errc code) noexcept;

}  // namespace reprise::archive

template <>
struct boost::system::is_error_code_enum<reprise::archive::errc> : std::true_type {};
