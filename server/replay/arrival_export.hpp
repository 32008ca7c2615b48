#pragma once

#include "request_spool.hpp"

#include "reprise/base/error.hpp"
#include "reprise/model/exchange.hpp"
#include "reprise/replay/arrival_log.hpp"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

namespace reprise::replay {

// The directory an arrival_log becomes, made beside its name and renamed when it is whole. What was not committed is
// removed. Blocks on disk; one thread.
class arrival_export {
public:
    arrival_export(
        std::filesystem::path directory, const mock& answers, const std::string& redaction_key, std::size_t files_max
    );
    ~arrival_export();
    arrival_export(const arrival_export&) = delete;
    arrival_export& operator=(const arrival_export&) = delete;

    // conflict when the directory is there, denied, io.
    result<void> begin();
    // Null where the text was not kept.
    result<void> add(const arrival& what, const spooled_request* request);
    result<void> commit();

    std::uint64_t lines() const noexcept { return lines_; }
    std::uint64_t files() const noexcept { return files_; }

private:
    result<void> fail(const std::filesystem::path& path, int error);
    model::exchange exchange_of(const arrival& what, const spooled_request& request) const;
    result<std::string> write_file(const arrival& what, const model::exchange& pair);

    std::filesystem::path directory_;
    std::filesystem::path stage_;  // Empty when there is nothing to remove.
    const mock& answers_;
    const std::string& redaction_key_;
    std::size_t files_max_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> list_{nullptr, std::fclose};
    std::set<std::string> hosts_;  // Whose directories were made.
    std::uint64_t lines_ = 0;
    std::uint64_t files_ = 0;
};

}  // namespace reprise::replay
