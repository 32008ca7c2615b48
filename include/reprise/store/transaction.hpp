#pragma once

#include "reprise/base/error.hpp"
#include "reprise/store/run_notice.hpp"

#include <cstdint>

namespace reprise::store {

class connection;

// A consistent view of the database, handed to the work of database::read. Every repository function
// that only looks takes a `const reader&`. Lives as long as that call, on its thread; never keep one.
class reader {
public:
    explicit reader(connection& session) noexcept : session_(&session) {}
    reader(const reader&) = delete;
    reader& operator=(const reader&) = delete;

    // For the repositories of this room; its type is private to it.
    connection& session() const noexcept { return *session_; }

private:
    connection* session_;
};

// One unit of writing, handed to the work of database::write. Sees what it wrote. When the work
// returns an error, nothing of this unit stays.
class transaction : public reader {
public:
    explicit transaction(connection& session) noexcept : reader(session) {}

    // The last live event this unit appended, 0 when none.
    std::int64_t appended_seq() const noexcept { return appended_seq_; }
    void note_appended(std::int64_t seq) noexcept { appended_seq_ = seq; }

    // What this unit means to workers, once it is committed.
    run_notice& notice() noexcept { return notice_; }

private:
    std::int64_t appended_seq_ = 0;
    run_notice notice_;
};

}  // namespace reprise::store
