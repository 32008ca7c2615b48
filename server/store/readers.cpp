#include "readers.hpp"

#include "connection.hpp"
#include "query.hpp"

#include "reprise/base/log.hpp"

#include <algorithm>
#include <string_view>

namespace reprise::store {
namespace {

constexpr std::string_view begin_sql = "BEGIN";
constexpr std::string_view end_sql = "ROLLBACK";

}  // namespace

readers::readers(std::vector<std::unique_ptr<connection>> sessions, std::size_t queued_max)
    : sessions_(std::move(sessions)), queue_(queued_max)
{
    for (const auto& session : sessions_)
        threads_.emplace_back([this, &one = *session] { run(one); });
}

readers::~readers()
{
    queue_.close();
    for (std::thread& thread : threads_)
        thread.join();
}

bool readers::is_one_of_them() const noexcept
{
    const auto me = std::this_thread::get_id();
    return std::any_of(threads_.begin(), threads_.end(), [me](const std::thread& one) { return one.get_id() == me; });
}

void readers::add_stats(database_stats& stats) const
{
    stats.reads = reads_.load();
    stats.reads_refused = queue_.refused();
    stats.reads_queued = queue_.size();
}

void readers::run(connection& session)
{
    while (!queue_.finished()) {
        std::vector<queued_unit> taken = queue_.take(1);
        for (queued_unit& item : taken) {
            run_unit(session, item);
            ++reads_;
            item.answer();
        }
    }
}

void readers::run_unit(connection& session, queued_unit& item)
{
    transaction look(session);  // The connection is read-only, whatever the type allows.
    const auto begun = execute(look, begin_sql);
    if (!begun) {
        item.unit->fail(begun.error());
        return;
    }
    item.unit->run(look);
    if (session.in_transaction() && !execute(look, end_sql))
        log_error("store", "cannot end a reading transaction");
}

}  // namespace reprise::store
