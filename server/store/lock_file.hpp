#pragma once

#include "reprise/base/error.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace reprise::store {

// Says that this process uses the database. The lock goes with the process, however it ends; the file
// stays and holds the number of the last process that had it.
class lock_file {
public:
    // errc::locked when another process (or another lock_file of this one) holds it. `problem` gets a
    // sentence for people.
    static result<lock_file> acquire(const std::filesystem::path& path, std::string& problem);

    lock_file(lock_file&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    lock_file& operator=(lock_file&&) = delete;
    ~lock_file();

private:
    explicit lock_file(int descriptor) noexcept : descriptor_(descriptor) {}

    int descriptor_;
};

}  // namespace reprise::store
