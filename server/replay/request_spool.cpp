#include "request_spool.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reprise::replay {
namespace {

constexpr std::string_view seal_context = "reprise arrivals";
constexpr std::size_t spare_max = 8;

void put(std::string& out, std::string_view text)
{
    const auto size = static_cast<std::uint32_t>(text.size());
    out.append(reinterpret_cast<const char*>(&size), sizeof size);
    out += text;
}

// Our own bytes, written a moment ago and authenticated: no length is wrong.
std::string_view get(std::string_view& from)
{
    std::uint32_t size = 0;
    std::memcpy(&size, from.data(), sizeof size);
    const std::string_view text = from.substr(sizeof size, size);
    from.remove_prefix(sizeof size + size);
    return text;
}

template <class Number>
Number get_number(std::string_view& from)
{
    Number number{};
    std::memcpy(&number, from.data(), sizeof number);
    from.remove_prefix(sizeof number);
    return number;
}

// A file without a name: it is gone with the process.
int open_nameless(const std::filesystem::path& directory)
{
    int descriptor = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return descriptor;
    // File systems that cannot do it: the name goes at once.
    const std::string name = (directory / (".arrivals." + random_token(8) + ".tmp")).string();
    descriptor = ::open(name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor >= 0)
        ::unlink(name.c_str());
    return descriptor;
}

}  // namespace

request_spool::request_spool(const std::filesystem::path& directory, const arrival_limits& limits)
    : limits_(limits), descriptor_(open_nameless(directory)), sealer_(random_bytes(sealing_key_bytes))
{
    if (descriptor_ < 0)
        reason_ = directory.string() + ": " + std::strerror(errno);
    open_.bytes.reserve(limits_.batch_bytes + limits_.body_bytes_max);
    writer_ = std::thread([this] { run_writer(); });
}

request_spool::~request_spool()
{
    finish();
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

void request_spool::add(std::uint64_t number, const net::raw_request& request)
{
    std::string& out = open_.bytes;
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
    put(out, request.method);
    put(out, request.authority);
    put(out, request.target);
    const auto headers = static_cast<std::uint32_t>(request.headers.size());
    out.append(reinterpret_cast<const char*>(&headers), sizeof headers);
    for (const net::raw_header& header : request.headers) {
        put(out, header.name);
        put(out, header.value);
    }
    put(out, request.body.substr(0, limits_.body_bytes_max));
    ++open_.requests;
    if (out.size() >= limits_.batch_bytes)
        hand_over();
}

void request_spool::hand_over()
{
    batch next;
    bool wakes = false;
    {
        const std::lock_guard lock(mutex_);
        if (!spare_.empty()) {
            next.bytes = std::move(spare_.back());
            spare_.pop_back();
        }
        if (waiting_.size() >= limits_.batches_max) {
            lost_ += open_.requests;
            if (reason_.empty())
                reason_ = "the disk is too slow";
            std::swap(next.bytes, open_.bytes);
            next.bytes.clear();
        } else if (open_.requests > 0) {
            waiting_.push_back(std::move(open_));
            wakes = true;
        }
    }
    if (wakes)
        changed_.notify_one();
    open_ = std::move(next);
    if (open_.bytes.capacity() < limits_.batch_bytes)
        open_.bytes.reserve(limits_.batch_bytes + limits_.body_bytes_max);
}

void request_spool::finish()
{
    if (!writer_.joinable())
        return;
    hand_over();
    {
        const std::lock_guard lock(mutex_);
        finishing_ = true;
    }
    changed_.notify_one();
    writer_.join();
}

void request_spool::run_writer()
{
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return finishing_ || !waiting_.empty(); });
        if (waiting_.empty())
            return;
        batch full = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        write(full);
        full.bytes.clear();
        lock.lock();
        if (spare_.size() < spare_max)
            spare_.push_back(std::move(full.bytes));
    }
}

void request_spool::write(const batch& full)
{
    const std::size_t bytes = full.bytes.size() + seal_tag_bytes;
    const char* failure = nullptr;
    if (descriptor_ < 0) {
        failure = "it could not be opened";
    } else if (written_bytes_ + bytes > limits_.spool_bytes_max) {
        failure = "more than spool_bytes_max";
    } else {
        sealed_.resize(bytes);
        sealer_.seal(places_.size(), seal_context, full.bytes, sealed_.data());
        std::size_t done = 0;
        while (done < bytes && failure == nullptr) {
            const auto offset = static_cast<off_t>(written_bytes_ + done);
            const ssize_t size = ::pwrite(descriptor_, sealed_.data() + done, bytes - done, offset);
            if (size > 0)
                done += static_cast<std::size_t>(size);
            else if (size == 0 || errno != EINTR)
                failure = std::strerror(errno);
        }
    }
    if (failure == nullptr) {
        places_.push_back({written_bytes_, bytes});
        written_bytes_ += bytes;
        return;
    }
    const std::lock_guard lock(mutex_);
    lost_ += full.requests;
    if (reason_.empty())
        reason_ = failure;
}

result<void> request_spool::read(const std::function<void(const spooled_request&)>& take)
{
    std::string sealed;
    for (std::size_t number = 0; number < places_.size(); ++number) {
        sealed.resize(places_[number].bytes);
        std::size_t done = 0;
        while (done < sealed.size()) {
            const auto offset = static_cast<off_t>(places_[number].offset + done);
            const ssize_t size = ::pread(descriptor_, sealed.data() + done, sealed.size() - done, offset);
            if (size <= 0)
                return reprise::errc::io;
            done += static_cast<std::size_t>(size);
        }
        const auto plain = sealer_.open(number, seal_context, sealed);
        if (!plain)
            return plain.error();
        for (std::string_view rest = *plain; !rest.empty();) {
            spooled_request request;
            request.number = get_number<std::uint64_t>(rest);
            request.method = get(rest);
            request.authority = get(rest);
            request.target = get(rest);
            for (auto left = get_number<std::uint32_t>(rest); left > 0; --left) {
                const std::string_view name = get(rest);
                request.headers.emplace_back(name, get(rest));
            }
            request.body = get(rest);
            take(request);
        }
    }
    return {};
}

std::uint64_t request_spool::lost() const
{
    const std::lock_guard lock(mutex_);
    return lost_;
}

std::string request_spool::reason() const
{
    const std::lock_guard lock(mutex_);
    return reason_;
}

}  // namespace reprise::replay
