#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace reprise::store {

// What a commit means to those who work on runs.
struct run_notice {
    // The lease of a run ended by somebody else than its worker; leases of later epochs are not meant.
    struct ended_lease {
        std::string run_id;
        std::int64_t epoch = 0;
    };

    bool work_due = false;  // A run became one that may be claimed at once.
    std::vector<ended_lease> ended;

    bool empty() const noexcept { return !work_due && ended.empty(); }
    void add(run_notice more);
};

}  // namespace reprise::store
