#pragma once

#include <cstddef>
#include <fstream>
#include <string>

namespace reprise::test {

// Bytes from a line of /proc/self/status, like "VmHWM:  1234 kB".
inline std::size_t status_bytes(const std::string& name)
{
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word) {
        std::size_t kib = 0;
        if (word == name + ":" && status >> kib)
            return kib * 1024;
    }
    return 0;
}

// How much more memory than at its birth this process held at once.
class peak_memory {
public:
    peak_memory()
    {
        std::ofstream("/proc/self/clear_refs") << "5";  // The peak is what it is now.
        before_bytes_ = status_bytes("VmHWM");
    }

    // The kernel counts pages per thread and adds up now and then: a peak can read a little below its beginning.
    std::size_t grown_bytes() const
    {
        const std::size_t peak_bytes = status_bytes("VmHWM");
        return peak_bytes > before_bytes_ ? peak_bytes - before_bytes_ : 0;
    }

private:
    std::size_t before_bytes_ = 0;
};

// AddressSanitizer keeps freed memory for a while; ThreadSanitizer has several bytes of its own for each.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t keeps_freed_factor = 3;
#elif defined(__SANITIZE_THREAD__)
constexpr std::size_t keeps_freed_factor = 64;
#else
constexpr std::size_t keeps_freed_factor = 1;
#endif

}  // namespace reprise::test
