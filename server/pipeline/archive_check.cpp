#include "reprise/pipeline/archive_check.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/store/archive_objects.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/evidence.hpp"

#include <boost/json/parse.hpp>

#include <array>
#include <optional>
#include <utility>

namespace reprise::pipeline {

namespace asio = boost::asio;
using archive::object_info;
using archive::object_store;
using archive::store_failure;
using archive::store_result;
using store::archive_object;
using store::archive_place;

namespace {

constexpr std::size_t rows_per_page = 200;
constexpr std::size_t bare_rows_max = 500;
constexpr std::array<std::string_view, 4> fault_texts = {"missing", "mismatch", "unreadable", "orphan"};
constexpr std::array<const char*, 2> prefixes = {"evidence/", "findings/"};

store_failure of_database(const error_code& error)
{
    return {errc::io, "the database cannot be read: " + error.message()};
}

class check {
public:
    check(store::database& database, object_store& local, object_store* remote, check_progress progress)
        : database_(database), local_(local), remote_(remote), progress_(std::move(progress))
    {
    }

    asio::awaitable<store_result<archive_check_report>> run();

private:
    void add(archive_finding finding);
    asio::awaitable<store_result<void>> check_rows();
    asio::awaitable<store_result<void>> check_row(const archive_object& object);
    asio::awaitable<store_result<void>> check_copy(object_store& at, const archive_object& object);
    asio::awaitable<store_result<void>> check_bare_evidence();
    asio::awaitable<store_result<void>> find_orphans(object_store& at, const char* prefix);
    asio::awaitable<store_result<void>> check_named(object_store& at, const object_info& found);

    store::database& database_;
    object_store& local_;
    object_store* remote_;
    check_progress progress_;
    archive_check_report report_;
};

void check::add(archive_finding finding)
{
    report_.wrong += 1;
    if (report_.findings.size() < archive_findings_max)
        report_.findings.push_back(std::move(finding));
}

// What is wrong with bytes whose hash is right; empty: nothing.
std::string find_unreadable(const archive_object& object, const std::string& bytes)
{
    if (object.kind == store::archive_kind::evidence) {
        const auto opened = archive::read_packed_bundle(bytes, object.path);
        return opened ? std::string() : opened.error().message();
    }
    error_code ec;
    boost::json::parse(bytes, ec);
    return ec ? "no JSON: " + ec.message() : std::string();
}

asio::awaitable<store_result<void>> check::check_copy(object_store& at, const archive_object& object)
{
    archive_finding finding;
    finding.path = object.path;
    finding.place = at.place();
    finding.evidence_id = object.owner_id;
    const auto bytes = co_await at.get(object.path);
    if (!bytes && bytes.error().code != errc::not_found)
        co_return bytes.error();
    if (!bytes) {
        finding.detail = "it is not there";
        add(std::move(finding));
        co_return store_result<void>();
    }
    report_.objects += 1;
    report_.bytes += bytes->size();
    if (const std::string found = sha256_hex(*bytes); found != object.sha256) {
        finding.fault = archive_fault::mismatch;
        finding.detail = "SHA-256 " + found.substr(0, 16) + "... of " + std::to_string(bytes->size()) +
                         " bytes, not " + object.sha256.substr(0, 16) + "... of " + std::to_string(object.bytes);
        add(std::move(finding));
        co_return store_result<void>();
    }
    finding.detail = find_unreadable(object, *bytes);
    if (!finding.detail.empty()) {
        finding.fault = archive_fault::unreadable;
        add(std::move(finding));
    }
    co_return store_result<void>();
}

asio::awaitable<store_result<void>> check::check_row(const archive_object& object)
{
    const bool is_local = object.place == archive_place::local || object.place == archive_place::both;
    const bool is_remote = object.place == archive_place::remote || object.place == archive_place::both;
    if (is_local) {
        const auto checked = co_await check_copy(local_, object);
        if (!checked)
            co_return checked;
    }
    if (!is_remote)
        co_return store_result<void>();
    if (remote_ != nullptr)
        co_return co_await check_copy(*remote_, object);
    archive_finding finding;
    finding.path = object.path;
    finding.place = "an object store";
    finding.evidence_id = object.owner_id;
    finding.detail = "it was uploaded, and archive.store names no object store";
    add(std::move(finding));
    co_return store_result<void>();
}

asio::awaitable<store_result<void>> check::check_rows()
{
    auto count = [](const store::reader& from) { return store::sum_archive(from); };
    const auto totals = co_await database_.read(std::move(count));
    if (!totals)
        co_return of_database(totals.error());
    std::uint64_t done = 0;
    std::string after;
    for (;;) {
        auto look = [&after](const store::reader& from) {
            return store::list_archive_objects(from, after, rows_per_page);
        };
        const auto page = co_await database_.read(std::move(look));
        if (!page)
            co_return of_database(page.error());
        if (page->empty())
            co_return store_result<void>();
        for (const archive_object& object : *page) {
            const auto checked = co_await check_row(object);
            if (!checked)
                co_return checked;
            if (progress_)
                progress_(++done, totals->objects);
        }
        after = page->back().path;
    }
}

asio::awaitable<store_result<void>> check::check_bare_evidence()
{
    auto look = [](const store::reader& from) { return store::list_evidence_without_object(from, bare_rows_max); };
    const auto bare = co_await database_.read(std::move(look));
    if (!bare)
        co_return of_database(bare.error());
    for (const model::evidence& one : *bare) {
        archive_finding finding;
        finding.path = one.path;
        finding.place = "nowhere";
        finding.evidence_id = one.id;
        finding.detail = "its evidence is not marked as deleted, and the database does not say where it is";
        add(std::move(finding));
    }
    co_return store_result<void>();
}

asio::awaitable<store_result<void>> check::check_named(object_store& at, const object_info& found)
{
    auto look = [&found](const store::reader& from) { return store::find_archive_object(from, found.key); };
    const auto row = co_await database_.read(std::move(look));
    if (!row)
        co_return of_database(row.error());
    const bool is_left_over = *row && &at == &local_ && (*row)->place == archive_place::remote;
    if (*row && !is_left_over)
        co_return store_result<void>();
    archive_finding finding;
    finding.fault = archive_fault::orphan;
    finding.path = found.key;
    finding.place = at.place();
    finding.detail = is_left_over ? "a copy that was to go after its upload" : "nothing in the database names it";
    add(std::move(finding));
    co_return store_result<void>();
}

asio::awaitable<store_result<void>> check::find_orphans(object_store& at, const char* prefix)
{
    std::string next;
    do {
        const auto page = co_await at.list(prefix, next);
        if (!page)
            co_return page.error();
        for (const object_info& found : page->objects) {
            const auto checked = co_await check_named(at, found);
            if (!checked)
                co_return checked;
        }
        next = page->next;
    } while (!next.empty());
    co_return store_result<void>();
}

asio::awaitable<store_result<archive_check_report>> check::run()
{
    const auto rows = co_await check_rows();
    if (!rows)
        co_return rows.error();
    const auto bare = co_await check_bare_evidence();
    if (!bare)
        co_return bare.error();
    for (object_store* at : {&local_, remote_}) {
        if (at == nullptr)
            continue;
        for (const char* prefix : prefixes) {
            const auto found = co_await find_orphans(*at, prefix);
            if (!found)
                co_return found.error();
        }
    }
    co_return std::move(report_);
}

}  // namespace

std::string_view to_text(archive_fault value) noexcept
{
    return fault_texts[static_cast<std::size_t>(value)];
}

asio::awaitable<store_result<archive_check_report>> check_archive(
    store::database& database, object_store& local, object_store* remote, check_progress progress
)
{
    check one(database, local, remote, std::move(progress));
    co_return co_await one.run();
}

}  // namespace reprise::pipeline
