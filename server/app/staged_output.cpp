#include "staged_output.hpp"

#include "reprise/base/hash.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reprise::app {
namespace {

namespace fs = std::filesystem;

constexpr mode_t file_mode = 0600;  // Captured traffic is nobody else's business.
constexpr mode_t directory_mode = 0700;

fs::path parent_of(const fs::path& path)
{
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// "out/" and "out/." name the directory "out".
fs::path without_slash(fs::path path)
{
    path = path.lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

bool is_ours(const fs::path& directory)
{
    std::error_code ec;
    return fs::exists(directory / staged_output::directory_mark, ec) || fs::is_empty(directory, ec);
}

}  // namespace

staged_output::staged_output(fs::path path, output_kind kind, bool force)
    : path_(without_slash(std::move(path))), kind_(kind), force_(force)
{
}

staged_output::~staged_output()
{
    if (descriptor_ >= 0)
        ::close(descriptor_);
    std::error_code ignored;
    if (!stage_.empty())
        fs::remove_all(stage_, ignored);
}

outcome_of_step staged_output::fail(const char* doing, const fs::path& path, int error)
{
    const bool denied = error == EACCES || error == EPERM || error == EROFS;
    return command_error{
        denied ? exit_permission : exit_unavailable,
        std::string("cannot ") + doing + " " + path.string() + ": " + std::strerror(error)};
}

outcome_of_step staged_output::check_target()
{
    std::error_code ec;
    const fs::file_status found = fs::symlink_status(path_, ec);
    if (!fs::exists(found))
        return std::nullopt;
    if (!force_)
        return command_error{exit_usage, path_.string() + " is there already; --force replaces it"};
    const bool fits = kind_ == output_kind::file ? fs::is_regular_file(found) : fs::is_directory(found);
    if (!fits)
        return command_error{exit_usage, path_.string() + " is of another kind and is not replaced; remove it first"};
    if (kind_ == output_kind::directory && !is_ours(path_))
        return command_error{
            exit_usage, path_.string() + " was not written by reprise and is not replaced; remove it first"};
    return std::nullopt;
}

outcome_of_step staged_output::begin()
{
    if (path_.empty() || !path_.has_filename() || path_.filename() == "..")
        return command_error{exit_usage, "'" + path_.string() + "' names no file or directory to write"};
    if (auto bad = check_target())
        return bad;
    const fs::path stage = parent_of(path_) / ("." + path_.filename().string() + "." + random_token(6) + ".tmp");
    if (kind_ == output_kind::directory) {
        if (::mkdir(stage.c_str(), directory_mode) != 0)
            return fail("make", stage, errno);
        stage_ = stage;
        descriptor_ = ::open(stage.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } else {
        descriptor_ = ::open(stage.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file_mode);
        if (descriptor_ >= 0)
            stage_ = stage;
    }
    if (descriptor_ < 0)
        return fail("write", stage, errno);
    return kind_ == output_kind::directory ? add_file(directory_mark, "") : std::nullopt;
}

outcome_of_step staged_output::write_all(int descriptor, std::string_view bytes, const fs::path& path)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail("write", path, errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return std::nullopt;
}

outcome_of_step staged_output::append(std::string_view bytes)
{
    return write_all(descriptor_, bytes, stage_);
}

outcome_of_step staged_output::add_file(const fs::path& name, std::string_view bytes)
{
    if (name.has_parent_path() && ::mkdirat(descriptor_, name.parent_path().c_str(), directory_mode) != 0 &&
        errno != EEXIST)
        return fail("make", stage_ / name.parent_path(), errno);
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const int file = ::openat(descriptor_, name.c_str(), flags, file_mode);
    if (file < 0)
        return fail("write", stage_ / name, errno);
    auto bad = write_all(file, bytes, stage_ / name);
    if (::close(file) != 0 && !bad)
        bad = fail("write", stage_ / name, errno);
    return bad;
}

outcome_of_step staged_output::give_name()
{
    std::error_code ec;
    if (!force_) {
        if (::renameat2(AT_FDCWD, stage_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0) {
            stage_.clear();
            return std::nullopt;
        }
        if (errno == EEXIST)
            return command_error{exit_usage, path_.string() + " appeared meanwhile; --force replaces it"};
        if (errno != EINVAL)
            return fail("rename to", path_, errno);
        // A file system without RENAME_NOREPLACE: look once more, then rename.
        if (auto bad = check_target())
            return bad;
    } else if (kind_ == output_kind::directory && fs::exists(path_, ec)) {
        // The old directory changes places with the new one and is removed as the stage.
        if (::renameat2(AT_FDCWD, stage_.c_str(), AT_FDCWD, path_.c_str(), RENAME_EXCHANGE) != 0)
            return fail("replace", path_, errno);
        return std::nullopt;
    }
    if (::rename(stage_.c_str(), path_.c_str()) != 0)
        return fail("rename to", path_, errno);
    stage_.clear();
    return std::nullopt;
}

outcome_of_step staged_output::commit()
{
    // One call for all files of a directory.
    const int synced = kind_ == output_kind::directory ? ::syncfs(descriptor_) : ::fsync(descriptor_);
    if (synced != 0)
        return fail("sync", stage_, errno);
    if (auto bad = give_name())
        return bad;
    const fs::path parent = parent_of(path_);
    const int directory = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return fail("open", parent, errno);
    const bool named = ::fsync(directory) == 0;
    const int error = errno;
    ::close(directory);
    return named ? std::nullopt : fail("sync", parent, error);
}

}  // namespace reprise::app
