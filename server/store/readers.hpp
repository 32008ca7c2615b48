#pragma once

#include "unit_queue.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace reprise::store {

class connection;

// Threads that read, each with a read-only connection; a unit is one snapshot.
class readers {
public:
    readers(std::vector<std::unique_ptr<connection>> sessions, std::size_t queued_max);
    ~readers();  // Ends what is queued, then the threads.
    readers(const readers&) = delete;
    readers& operator=(const readers&) = delete;

    unit_queue& queue() noexcept { return queue_; }
    bool is_one_of_them() const noexcept;
    void add_stats(database_stats& stats) const;

private:
    void run(connection& session);
    void run_unit(connection& session, queued_unit& item);

    std::vector<std::unique_ptr<connection>> sessions_;
    unit_queue queue_;
    std::atomic<std::uint64_t> reads_{0};
    std::vector<std::thread> threads_;  // Last: they use the rest.
};

}  // namespace reprise::store
