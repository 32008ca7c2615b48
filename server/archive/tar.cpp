#include "tar.hpp"

#include "names.hpp"

#include "reprise/base/log.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <memory>

namespace reprise::archive {
namespace {

constexpr const char* where = "archive";
constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr unsigned file_mode = 0600;

using native = struct ::archive;
using native_entry = struct ::archive_entry;

struct free_writer {
    void operator()(native* writer) const { ::archive_write_free(writer); }
};
struct free_reader {
    void operator()(native* reader) const { ::archive_read_free(reader); }
};
struct free_entry {
    void operator()(native_entry* entry) const { ::archive_entry_free(entry); }
};
using writer_handle = std::unique_ptr<native, free_writer>;
using reader_handle = std::unique_ptr<native, free_reader>;
using entry_handle = std::unique_ptr<native_entry, free_entry>;

la_ssize_t append_bytes(native*, void* to, const void* bytes, std::size_t count)
{
    static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), count);
    return static_cast<la_ssize_t>(count);
}

errc refuse(native* handle, errc code)
{
    const char* text = ::archive_error_string(handle);
    log_warn(where, text != nullptr ? text : "refused without a word");
    return code;
}

result<void> pack_file(native* writer, const packed_file& file, std::int64_t time_s)
{
    const entry_handle entry(::archive_entry_new());
    ::archive_entry_set_pathname(entry.get(), file.name.c_str());
    ::archive_entry_set_filetype(entry.get(), AE_IFREG);
    ::archive_entry_set_perm(entry.get(), file_mode);
    ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.bytes.size()));
    ::archive_entry_set_mtime(entry.get(), time_s, 0);
    if (::archive_write_header(writer, entry.get()) != ARCHIVE_OK)
        return refuse(writer, errc::write_failed);
    const la_ssize_t written = ::archive_write_data(writer, file.bytes.data(), file.bytes.size());
    if (written != static_cast<la_ssize_t>(file.bytes.size()))
        return refuse(writer, errc::write_failed);
    return {};
}

// Before a byte of the entry is read.
result<void> check_entry(native_entry* entry, const read_limits& limits)
{
    const char* name = ::archive_entry_pathname(entry);
    if (name == nullptr || !is_entry_name(name, limits.name_bytes_max))
        return errc::path_refused;
    const bool is_link = ::archive_entry_hardlink(entry) != nullptr || ::archive_entry_symlink(entry) != nullptr;
    if (is_link || ::archive_entry_filetype(entry) != AE_IFREG)
        return errc::kind_refused;
    if (::archive_entry_size(entry) > static_cast<la_int64_t>(limits.entry_bytes_max))
        return errc::entry_too_large;
    return {};
}

// Trusts no announced size: grows by what comes out.
result<std::string> read_bytes(native* reader, std::uint64_t entry_bytes_max, std::uint64_t& unpacked_left)
{
    std::string bytes;
    std::array<char, chunk_bytes> chunk;
    while (true) {
        const la_ssize_t count = ::archive_read_data(reader, chunk.data(), chunk.size());
        if (count < 0)
            return refuse(reader, errc::not_a_bundle);
        if (count == 0)
            return bytes;
        const auto size = static_cast<std::uint64_t>(count);
        if (bytes.size() + size > entry_bytes_max)
            return errc::entry_too_large;
        if (size > unpacked_left)
            return errc::bundle_too_large;
        unpacked_left -= size;
        bytes.append(chunk.data(), static_cast<std::size_t>(size));
    }
}

}  // namespace

result<std::string> pack(std::span<const packed_file> files, std::int64_t time_s)
{
    std::string packed;
    const writer_handle writer(::archive_write_new());
    ::archive_write_set_format_pax_restricted(writer.get());
    ::archive_write_add_filter_gzip(writer.get());
    // No time in the gzip header and no padding: the same source gives the same bytes.
    const bool set = ::archive_write_set_options(writer.get(), "gzip:!timestamp,gzip:compression-level=6") == ARCHIVE_OK
        && ::archive_write_set_bytes_in_last_block(writer.get(), 1) == ARCHIVE_OK
        && ::archive_write_open(writer.get(), &packed, nullptr, append_bytes, nullptr) == ARCHIVE_OK;
    if (!set)
        return refuse(writer.get(), errc::write_failed);
    for (const packed_file& file : files) {
        if (auto written = pack_file(writer.get(), file, time_s); !written)
            return written.error();
    }
    if (::archive_write_close(writer.get()) != ARCHIVE_OK)
        return refuse(writer.get(), errc::write_failed);
    return packed;
}

result<void> unpack(
    std::string_view packed, const read_limits& limits, const std::function<result<void>(packed_file)>& take
)
{
    const reader_handle reader(::archive_read_new());
    ::archive_read_support_filter_gzip(reader.get());
    ::archive_read_support_format_tar(reader.get());
    if (::archive_read_open_memory(reader.get(), packed.data(), packed.size()) != ARCHIVE_OK)
        return refuse(reader.get(), errc::not_a_bundle);
    std::uint64_t unpacked_left = limits.unpacked_bytes_max;
    for (std::uint32_t entries = 0;; ++entries) {
        native_entry* entry = nullptr;
        const int answer = ::archive_read_next_header(reader.get(), &entry);
        if (answer == ARCHIVE_EOF)
            return entries > 0 ? result<void>() : errc::not_a_bundle;
        if (answer != ARCHIVE_OK)
            return refuse(reader.get(), errc::not_a_bundle);
        if (entries == 0 && ::archive_filter_code(reader.get(), 0) != ARCHIVE_FILTER_GZIP)
            return errc::not_a_bundle;
        if (entries >= limits.entries_max)
            return errc::too_many_entries;
        if (auto checked = check_entry(entry, limits); !checked) {
            const char* name = ::archive_entry_pathname(entry);
            log_warn(where, "entry " + std::string(name != nullptr ? name : "?") + ": " + checked.error().message());
            return checked;
        }
        packed_file file;
        file.name = ::archive_entry_pathname(entry);
        auto bytes = read_bytes(reader.get(), limits.entry_bytes_max, unpacked_left);
        if (!bytes)
            return bytes.error();
        file.bytes = std::move(*bytes);
        if (auto taken = take(std::move(file)); !taken)
            return taken;
    }
}

}  // namespace reprise::archive
