#include "reprise/base/durable_file.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reprise {
namespace {

namespace fs = std::filesystem;

constexpr const char* where = "file";
constexpr mode_t file_mode = 0600;
constexpr mode_t directory_mode = 0700;

class descriptor {
public:
    explicit descriptor(int number) noexcept : number_(number) {}
    ~descriptor()
    {
        if (number_ >= 0)
            ::close(number_);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;

    explicit operator bool() const noexcept { return number_ >= 0; }
    int get() const noexcept { return number_; }

private:
    int number_;
};

errc code_of(int error) noexcept
{
    switch (error) {
    case ENOENT: return errc::not_found;
    case EACCES:
    case EPERM:
    case EROFS: return errc::denied;
    case EEXIST:
    case ENOTDIR:
    case EISDIR:
    case ELOOP: return errc::conflict;
    default: return errc::io;
    }
}

// Call while errno still belongs to the failed call.
errc refuse(const char* doing, const fs::path& path)
{
    const int error = errno;
    log_error(where, std::string("cannot ") + doing + " " + path.string() + ": " + std::strerror(error));
    return code_of(error);
}

result<void> sync_directory(const fs::path& directory)
{
    const descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened)
        return refuse("open the directory", directory);
    if (::fsync(opened.get()) != 0)
        return refuse("sync the directory", directory);
    return {};
}

bool directory_exists(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

result<void> make_directories(const fs::path& path)
{
    if (path.empty() || directory_exists(path))
        return {};
    if (path.has_parent_path() && path.parent_path() != path) {
        if (auto made = make_directories(path.parent_path()); !made)
            return made;
    }
    if (::mkdir(path.c_str(), directory_mode) == 0)
        return sync_directory(path.has_parent_path() ? path.parent_path() : fs::path("."));
    // Another thread may have made it meanwhile.
    const int error = errno;
    if (error == EEXIST && directory_exists(path))
        return {};
    errno = error;
    return refuse("make the directory", path);
}

result<void> write_and_sync(const fs::path& path, std::string_view bytes)
{
    const descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file_mode));
    if (!file)
        return refuse("create", path);
    while (!bytes.empty()) {
        const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return refuse("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.get()) != 0)
        return refuse("sync", path);
    return {};
}

enum class presence { absent, regular, other };

presence look_at(const fs::path& path)
{
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0)
        return presence::absent;
    return S_ISREG(found.st_mode) ? presence::regular : presence::other;
}

// Gives the complete temporary file its name.
result<file_outcome> give_name(const fs::path& temporary, const fs::path& path, when_present rule)
{
    if (rule == when_present::replace) {
        if (::rename(temporary.c_str(), path.c_str()) != 0)
            return refuse("rename to", path);
        return file_outcome::written;
    }
    // link() is the one call that never replaces.
    if (::link(temporary.c_str(), path.c_str()) == 0) {
        ::unlink(temporary.c_str());
        return file_outcome::written;
    }
    if (errno == EEXIST && look_at(path) == presence::regular) {
        ::unlink(temporary.c_str());
        return file_outcome::kept;
    }
    return refuse("name", path);
}

}  // namespace

result<file_outcome> write_durable_file(const fs::path& path, std::string_view bytes, when_present rule)
{
    const fs::path directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (auto made = make_directories(directory); !made)
        return made.error();
    const presence before = look_at(path);
    if (before == presence::other) {
        errno = EEXIST;
        return refuse("write (not a regular file)", path);
    }
    if (before == presence::regular && rule == when_present::keep) {
        if (auto synced = sync_directory(directory); !synced)
            return synced.error();
        return file_outcome::kept;
    }
    const fs::path temporary = directory / ("." + path.filename().string() + "." + random_token(8) + ".tmp");
    if (auto written = write_and_sync(temporary, bytes); !written) {
        ::unlink(temporary.c_str());
        return written.error();
    }
    auto named = give_name(temporary, path, rule);
    if (!named) {
        ::unlink(temporary.c_str());
        return named;
    }
    if (auto synced = sync_directory(directory); !synced)
        return synced.error();
    return named;
}

result<std::string> read_small_file(const fs::path& path, std::size_t bytes_max)
{
    const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file && errno == ENOENT)
        return errc::not_found;
    if (!file)
        return refuse("open", path);
    struct stat found {};
    if (::fstat(file.get(), &found) != 0)
        return refuse("look at", path);
    if (!S_ISREG(found.st_mode)) {
        errno = EISDIR;
        return refuse("read", path);
    }
    if (static_cast<std::uintmax_t>(found.st_size) > bytes_max)
        return errc::too_large;
    std::string bytes(static_cast<std::size_t>(found.st_size), '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t count = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return refuse("read", path);
        if (count == 0)
            break;
        filled += static_cast<std::size_t>(count);
    }
    bytes.resize(filled);
    return bytes;
}

}  // namespace reprise
