#include "journal_files.hpp"

#include "reprise/base/durable_file.hpp"
#include "reprise/base/log.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reprise::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr const char* where = "journal";
constexpr std::string_view suffix = ".segment";
constexpr mode_t file_mode = 0600;
constexpr mode_t directory_mode = 0700;

// Call while errno still belongs to the failed call.
errc refuse(const char* doing, const fs::path& path)
{
    const int error = errno;
    log_error(where, std::string("cannot ") + doing + " " + path.string() + ": " + std::strerror(error));
    return error == ENOSPC || error == EDQUOT ? errc::too_large : errc::io;
}

class descriptor {
public:
    explicit descriptor(int number) noexcept : number_(number) {}
    ~descriptor()
    {
        if (number_ >= 0)
            ::close(number_);
    }
    descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    descriptor& operator=(descriptor&&) = delete;

    explicit operator bool() const noexcept { return number_ >= 0; }
    int get() const noexcept { return number_; }

private:
    int number_;
};

result<void> sync_directory(const fs::path& directory)
{
    const descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened)
        return refuse("open", directory);
    if (::fsync(opened.get()) != 0)
        return refuse("sync", directory);
    return {};
}

// Past the page cache: what is written once and read after a crash at most would only take its memory, and
// half of what a write costs. File systems without that (tmpfs) get it anyway.
descriptor open_new(const fs::path& path)
{
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    descriptor direct(::open(path.c_str(), flags | O_DIRECT, file_mode));
    if (direct || errno != EINVAL)
        return direct;
    ::unlink(path.c_str());  // Made before the flag was refused, on some.
    return descriptor(::open(path.c_str(), flags, file_mode));
}

class disk_segment final : public segment_file {
public:
    disk_segment(descriptor file, fs::path path) : file_(std::move(file)), path_(std::move(path)) {}

    result<void> write(std::uint64_t at, std::string_view blocks) override
    {
        while (!blocks.empty()) {
            const ssize_t written = ::pwrite(file_.get(), blocks.data(), blocks.size(), static_cast<off_t>(at));
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                return refuse("write", path_);
            blocks.remove_prefix(static_cast<std::size_t>(written));
            at += static_cast<std::uint64_t>(written);
        }
        return {};
    }

    result<void> sync() override
    {
        if (::fdatasync(file_.get()) != 0)
            return refuse("sync", path_);
        return {};
    }

private:
    descriptor file_;
    fs::path path_;
};

class disk_files final : public journal_files {
public:
    explicit disk_files(fs::path directory) : directory_(std::move(directory)) {}

    result<std::vector<std::string>> list() override
    {
        std::vector<std::string> names;
        std::error_code ec;
        for (fs::directory_iterator at(directory_, ec), end; !ec && at != end; at.increment(ec)) {
            const std::string name = at->path().filename().string();
            if (name.ends_with(suffix))
                names.push_back(name.substr(0, name.size() - suffix.size()));
        }
        if (ec) {
            log_error(where, "cannot list " + directory_.string() + ": " + ec.message());
            return errc::io;
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    result<std::unique_ptr<segment_file>> create(const std::string& name) override
    {
        const fs::path path = path_of(name);
        descriptor file = open_new(path);
        if (!file)
            return refuse("create", path);
        if (const auto synced = sync_directory(directory_); !synced)
            return synced.error();
        return std::unique_ptr<segment_file>(std::make_unique<disk_segment>(std::move(file), path));
    }

    result<std::string> read(const std::string& name) override
    {
        const fs::path path = path_of(name);
        const descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
        struct stat found {};
        if (!file || ::fstat(file.get(), &found) != 0)
            return refuse("open", path);
        std::string bytes(static_cast<std::size_t>(found.st_size), '\0');
        std::size_t have = 0;
        while (have < bytes.size()) {
            const ssize_t got = ::read(file.get(), bytes.data() + have, bytes.size() - have);
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return refuse("read", path);
            if (got == 0)
                break;
            have += static_cast<std::size_t>(got);
        }
        bytes.resize(have);
        return bytes;
    }

    result<void> truncate(const std::string& name, std::size_t bytes) override
    {
        const fs::path path = path_of(name);
        const descriptor file(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
        if (!file || ::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0 || ::fsync(file.get()) != 0)
            return refuse("truncate", path);
        return {};
    }

    // Not synced: a segment that comes back is replayed and found to be committed.
    result<void> remove(const std::string& name) override
    {
        const fs::path path = path_of(name);
        if (::unlink(path.c_str()) != 0)
            return refuse("delete", path);
        return {};
    }

    result<void> set_aside(const std::string& name, std::string_view bytes) override
    {
        const auto written = write_durable_file(directory_ / damaged_directory / name, bytes, when_present::keep);
        if (!written)
            return written.error();
        return {};
    }

private:
    fs::path path_of(const std::string& name) const { return directory_ / (name + std::string(suffix)); }

    fs::path directory_;
};

}  // namespace

result<std::unique_ptr<journal_files>> open_journal_files(const fs::path& directory)
{
    if (::mkdir(directory.c_str(), directory_mode) != 0 && errno != EEXIST)
        return refuse("make", directory);
    const fs::path parent = directory.has_parent_path() ? directory.parent_path() : fs::path(".");
    if (const auto synced = sync_directory(parent); !synced)
        return synced.error();
    return std::unique_ptr<journal_files>(std::make_unique<disk_files>(directory));
}

}  // namespace reprise::pipeline
