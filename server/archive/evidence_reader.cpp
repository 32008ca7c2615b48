#include "reprise/archive/evidence_reader.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"
#include "reprise/base/offload.hpp"
#include "reprise/base/within.hpp"

#include <utility>

namespace asio = boost::asio;

namespace reprise::archive {

evidence_reader::evidence_reader(
    object_store& local, object_store* remote, asio::any_io_executor blocking_pool, metrics& numbers
)
    : local_(local), remote_(remote), blocking_pool_(std::move(blocking_pool)),
      fetched_(numbers.add_counter("reprise_archive_fetches_total", "Bundles read back from the object store."))
{
}

asio::awaitable<store_result<std::string>> evidence_reader::read_from(
    object_store& store, const model::evidence& evidence
)
{
    auto bytes = co_await store.get(evidence.path);
    if (!bytes)
        co_return bytes;
    if (bytes->size() != evidence.bytes || sha256_hex(*bytes) != evidence.sha256)
        co_return store_failure(
            errc::bundle_changed,
            evidence.path + " in " + store.place() + " is not the bundle of evidence " + evidence.id
        );
    co_return bytes;
}

asio::awaitable<result<std::string>> evidence_reader::fetch(const model::evidence& evidence)
{
    auto bytes = co_await read_from(*remote_, evidence);
    if (!bytes) {
        log_error("archive", bytes.error().text);
        co_return bytes.error().code;
    }
    fetched_.add();
    co_return std::move(*bytes);
}

asio::awaitable<result<std::string>> evidence_reader::read_packed(model::evidence evidence)
{
    auto here = co_await read_from(local_, evidence);
    if (here)
        co_return std::move(*here);
    if (here.error().code != reprise::errc::not_found)
        log_error("archive", here.error().text);
    if (remote_ == nullptr)
        co_return here.error().code;
    co_return co_await within(fetch_limit, fetch(evidence));
}

asio::awaitable<result<bundle>> evidence_reader::read(model::evidence evidence)
{
    const std::string name = evidence.path;
    auto packed = co_await read_packed(std::move(evidence));
    if (!packed)
        co_return packed.error();
    auto unpack = [&packed, &name] { return read_packed_bundle(*packed, name); };
    co_return co_await offload(blocking_pool_, std::move(unpack));
}

}  // namespace reprise::archive
