#include "connection.hpp"

#include "reprise/base/log.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

namespace reprise::store {
namespace {

// A large window should not spill half-written pages into the log.
constexpr int writer_cache_kib = 16 * 1024;

std::string connect_text(const connection_options& options)
{
    // SOCI cuts the text at spaces unless the value is quoted.
    std::string text = "db=\"" + options.path.string() + "\"";
    if (options.read_only)
        text += " readonly=true";
    return text;
}

// Debian's SOCI hides the type information of its backend, which UBSan's check of the cast needs.
__attribute__((no_sanitize("vptr"))) sqlite_api::sqlite3* handle_of(soci::session& session)
{
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

// Replaces SQLite's own checkpoint inside COMMIT: the writer makes it after the answers.
int keep_log_pages(void* pages, sqlite_api::sqlite3*, const char*, int count)
{
    *static_cast<int*>(pages) = count;
    return SQLITE_OK;
}

error_code constraint_error(int extended) noexcept
{
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return reprise::errc::conflict;
    default: return reprise::errc::invalid_argument;
    }
}

}  // namespace

connection::connection(connection_options options)
    : options_(std::move(options)), session_(soci::sqlite3, connect_text(options_))
{
}

result<std::unique_ptr<connection>> connection::open(connection_options options, std::string& problem)
{
    // A quote would end the value in SOCI's connect string.
    if (options.path.string().find('"') != std::string::npos) {
        problem = "the path holds a double quote";
        return reprise::errc::invalid_argument;
    }
    try {
        std::unique_ptr<connection> opened(new connection(std::move(options)));
        const auto ready = opened->set_up();
        if (!ready) {
            problem = opened->last_problem();
            return ready.error();
        }
        return opened;
    } catch (const soci::soci_error& error) {
        problem = error.get_error_message();
        return reprise::errc::io;
    }
}

result<void> connection::set_up()
{
    std::string script = "PRAGMA busy_timeout = " + std::to_string(options_.busy_limit.count()) + ";";
    script += "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;";
    if (options_.read_only) {
        script += "PRAGMA query_only = ON;";
    } else {
        script += "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
        script += "PRAGMA cache_size = -" + std::to_string(writer_cache_kib) + ";";
        script += "PRAGMA journal_size_limit = " + std::to_string(options_.wal_bytes_max) + ";";
    }
    const auto done = run_script(script);
    if (done && !options_.read_only)
        sqlite_api::sqlite3_wal_hook(handle_of(session_), keep_log_pages, &log_pages_);
    return done;
}

result<statement*> connection::prepare(std::string_view sql)
{
    const auto known = statements_.find(sql);
    if (known != statements_.end())
        return known->second.get();
    assert(statements_.size() < statements_max);
    try {
        auto made = std::make_unique<statement>(*this, session_, sql);
        return statements_.emplace(std::string(sql), std::move(made)).first->second.get();
    } catch (const soci::soci_error& error) {
        return translate(error);
    }
}

result<void> connection::run_script(const std::string& script)
{
    char* text = nullptr;
    const int code = sqlite_api::sqlite3_exec(handle_of(session_), script.c_str(), nullptr, nullptr, &text);
    if (code == SQLITE_OK)
        return {};
    const std::string problem = text != nullptr ? text : sqlite_api::sqlite3_errstr(code);
    sqlite_api::sqlite3_free(text);
    return translate(code, problem);
}

bool connection::in_transaction() const noexcept
{
    auto& session = const_cast<soci::session&>(session_);
    return sqlite_api::sqlite3_get_autocommit(handle_of(session)) == 0;
}

error_code connection::translate(const soci::soci_error& error) noexcept
{
    // Not what(): that one holds the statement's values.
    const auto* known = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    return translate(known != nullptr ? known->result() : SQLITE_ERROR, error.get_error_message());
}

error_code connection::translate(int code, std::string_view text) noexcept
{
    problem_.assign(text);
    const int extended = sqlite_api::sqlite3_extended_errcode(handle_of(session_));
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT: return constraint_error(extended);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: log_warn("store", "the database is busy: " + problem_); return reprise::errc::unavailable;
    case SQLITE_FULL: log_error("store", "the disk is full: " + problem_); return reprise::errc::unavailable;
    case SQLITE_TOOBIG: return reprise::errc::too_large;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: log_error("store", "damaged database: " + problem_); return reprise::errc::corrupt;
    default: log_error("store", "SQLite error " + std::to_string(extended) + ": " + problem_);
    }
    return reprise::errc::io;
}

}  // namespace reprise::store
