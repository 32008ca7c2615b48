#include "child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace reprise::app {
namespace {

std::vector<std::string> make_environment(const child_process::environment& added)
{
    std::vector<std::string> all;
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string_view entry(*one);
        bool replaced = false;
        for (const auto& [name, value] : added)
            replaced = replaced || (entry.starts_with(name) && entry.substr(name.size()).starts_with('='));
        if (!replaced)
            all.emplace_back(entry);
    }
    for (const auto& [name, value] : added)
        all.push_back(name + "=" + value);
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts)
{
    std::vector<char*> out;
    for (std::string& text : texts)
        out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

// What posix_spawn is told; given back when it goes.
struct spawn_settings {
    spawn_settings()
    {
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawnattr_init(&attributes);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        ::posix_spawnattr_setpgroup(&attributes, 0);
        sigset_t signals;
        ::sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&attributes, &signals);
        ::sigaddset(&signals, SIGINT);
        ::sigaddset(&signals, SIGTERM);
        ::sigaddset(&signals, SIGPIPE);
        ::posix_spawnattr_setsigdefault(&attributes, &signals);
    }
    ~spawn_settings()
    {
        ::posix_spawn_file_actions_destroy(&files);
        ::posix_spawnattr_destroy(&attributes);
    }
    spawn_settings(const spawn_settings&) = delete;
    spawn_settings& operator=(const spawn_settings&) = delete;

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
};

// True once the process has ended, false when `limit` passed first.
bool wait_for_end(pid_t pid, std::chrono::milliseconds limit)
{
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (handle < 0)
        return errno == ESRCH;
    pollfd watched{handle, POLLIN, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(limit.count()));
    ::close(handle);
    return ready > 0;
}

}  // namespace

std::variant<child_process, std::string> child_process::start(
    const std::vector<std::string>& command, const environment& added, const std::string& log_file
)
{
    spawn_settings settings;
    ::posix_spawn_file_actions_addopen(&settings.files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (log_file.empty()) {
        ::posix_spawn_file_actions_adddup2(&settings.files, STDERR_FILENO, STDOUT_FILENO);
    } else {
        constexpr int mode = O_WRONLY | O_CREAT | O_APPEND;
        ::posix_spawn_file_actions_addopen(&settings.files, STDOUT_FILENO, log_file.c_str(), mode, 0600);
        ::posix_spawn_file_actions_adddup2(&settings.files, STDOUT_FILENO, STDERR_FILENO);
    }
    std::vector<std::string> arguments = command;
    std::vector<std::string> variables = make_environment(added);
    pid_t pid = -1;
    const int failed = ::posix_spawnp(
        &pid, command.front().c_str(), &settings.files, &settings.attributes, pointers(arguments).data(),
        pointers(variables).data()
    );
    if (failed != 0)
        return command.front() + ": cannot be started (" + std::strerror(failed) + ")" +
               (log_file.empty() ? "" : "; can " + log_file + " be written?");
    return child_process(pid);
}

child_process::child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), end_(std::move(other.end_))
{
}

child_process& child_process::operator=(child_process&& other) noexcept
{
    std::swap(pid_, other.pid_);
    std::swap(end_, other.end_);
    return *this;
}

child_process::~child_process()
{
    if (pid_ > 0 && !end_)
        stop(std::chrono::milliseconds(0));
}

std::optional<std::string> child_process::find_end()
{
    int status = 0;
    if (!end_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
        end_ = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                   : "exit " + std::to_string(WEXITSTATUS(status));
        ::kill(-pid_, SIGKILL);  // What it started.
    }
    return end_;
}

void child_process::stop(std::chrono::milliseconds limit)
{
    if (!end_) {
        ::kill(-pid_, SIGTERM);
        wait_for_end(pid_, limit);
    }
    // What it started may live on.
    ::kill(-pid_, SIGKILL);
    int status = 0;
    if (!end_ && ::waitpid(pid_, &status, 0) == pid_)
        end_ = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                   : "exit " + std::to_string(WEXITSTATUS(status));
}

}  // namespace reprise::app
