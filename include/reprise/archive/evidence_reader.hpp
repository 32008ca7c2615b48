#pragma once

#include "reprise/archive/bundle.hpp"
#include "reprise/archive/object_store.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/model/evidence.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>

namespace reprise::archive {

constexpr std::chrono::milliseconds fetch_limit{60'000};  // From the object store, all attempts together.

// Bundles wherever they are: on the local disk, else in the object store. What is read is what the evidence
// row says, by its SHA-256, or an error. Safe from any strand; the stores must outlive it.
class evidence_reader {
public:
    // Without `remote` there is only the local disk.
    evidence_reader(
        object_store& local, object_store* remote, boost::asio::any_io_executor blocking_pool, metrics& numbers
    );

    // The packed bundle. Errors, which are logged: errc::bundle_changed and those of store_failure.
    boost::asio::awaitable<result<std::string>> read_packed(model::evidence evidence);
    // The same, opened and checked; errors of read_bundle, too.
    boost::asio::awaitable<result<bundle>> read(model::evidence evidence);

private:
    boost::asio::awaitable<store_result<std::string>> read_from(object_store& store, const model::evidence& evidence);
    boost::asio::awaitable<result<std::string>> fetch(const model::evidence& evidence);

    object_store& local_;
    object_store* remote_;
    boost::asio::any_io_executor blocking_pool_;
    counter& fetched_;
};

}  // namespace reprise::archive
