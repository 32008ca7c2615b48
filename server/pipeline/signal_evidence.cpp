#include "signal_evidence.hpp"

#include "reprise/base/id.hpp"
#include "reprise/base/log.hpp"
#include "reprise/base/offload.hpp"
#include "reprise/store/database.hpp"

namespace reprise::pipeline {

boost::asio::awaitable<std::vector<std::optional<model::evidence>>> archive_signals(
    evidence_writing with, std::vector<found_signal>& found, std::span<const raw_record> session
)
{
    std::vector<std::optional<model::evidence>> bundles(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        found_signal& one = found[i];
        const std::int64_t now_ns = with.time.now_ns();
        one.signal.id = make_ulid(now_ns);  // The bundle names its signal.
        auto look = [&one, now_ns](const store::reader& from) {
            return find_evidence_need(from, one.signal, now_ns);
        };
        const auto need = co_await with.database.read(std::move(look));
        if (one.records.empty() || !need || *need == evidence_need::none)
            continue;
        auto write = [&with, &one, session, now_ns] { return archive_evidence(one, session, with.config, now_ns); };
        auto written = co_await offload(with.blocking_pool, std::move(write));
        if (!written) {
            with.failures.add();
            log_error("evidence", "bundle not written: " + written.error().message());
            continue;
        }
        if (*written)
            with.bundles.add();
        bundles[i] = std::move(*written);
    }
    co_return bundles;
}

}  // namespace reprise::pipeline
