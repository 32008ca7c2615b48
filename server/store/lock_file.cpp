#include "lock_file.hpp"

#include "reprise/store/error.hpp"

#include <array>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace reprise::store {
namespace {

std::string system_text()
{
    return error_code(errno, boost::system::system_category()).message();
}

std::string read_holder(int descriptor)
{
    std::array<char, 32> text{};
    const ssize_t size = ::pread(descriptor, text.data(), text.size() - 1, 0);
    std::string holder;
    for (ssize_t i = 0; i < size; ++i) {
        const char c = text[static_cast<std::size_t>(i)];
        if (c < '0' || c > '9')
            break;
        holder += c;
    }
    return holder;
}

bool write_holder(int descriptor)
{
    const std::string text = std::to_string(::getpid()) + "\n";
    return ::ftruncate(descriptor, 0) == 0 &&
           ::pwrite(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

}  // namespace

result<lock_file> lock_file::acquire(const std::filesystem::path& path, std::string& problem)
{
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) {
        problem = "cannot open the lock file " + path.string() + ": " + system_text();
        return reprise::errc::io;
    }
    lock_file lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const std::string holder = read_holder(descriptor);
        const std::string who = holder.empty() ? "another process" : "process " + holder;
        problem = who + " holds the lock " + path.string();
        return errc::locked;
    }
    if (!write_holder(descriptor)) {
        problem = "cannot write the lock file " + path.string() + ": " + system_text();
        return reprise::errc::io;
    }
    return lock;
}

lock_file::~lock_file()
{
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

}  // namespace reprise::store
