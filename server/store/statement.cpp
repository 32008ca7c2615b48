#include "statement.hpp"

#include "connection.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

namespace reprise::store {
namespace {

// Debian's SOCI hides the type information of its backend, which UBSan's check of the cast needs.
__attribute__((no_sanitize("vptr"))) sqlite_api::sqlite3_stmt* handle_of(soci::statement& statement)
{
    return static_cast<soci::sqlite3_statement_backend*>(statement.get_backend())->stmt_;
}

}  // namespace

statement::statement(connection& owner, soci::session& session, std::string_view sql)
    : owner_(owner), session_(session), statement_(session)
{
    statement_.alloc();
    statement_.prepare(std::string(sql));
}

cell& statement::next_argument(cell_kind kind)
{
    if (next_ == arguments_.size()) {
        assert(!bound_);
        slot& added = arguments_.emplace_back();
        added.value.kind = kind;
        switch (kind) {
        case cell_kind::integer: statement_.exchange(soci::use(added.value.integer, added.indicator)); break;
        case cell_kind::real: statement_.exchange(soci::use(added.value.real, added.indicator)); break;
        case cell_kind::text: statement_.exchange(soci::use(added.value.text, added.indicator)); break;
        case cell_kind::bytes:
            added.bytes = std::make_unique<soci::blob>(session_);
            statement_.exchange(soci::use(*added.bytes, added.indicator));
            break;
        }
    }
    assert(arguments_[next_].value.kind == kind);
    return arguments_[next_++].value;
}

void statement::add_result(cell_kind kind)
{
    slot& added = results_.emplace_back();
    added.value.kind = kind;
    switch (kind) {
    case cell_kind::integer: statement_.exchange(soci::into(added.value.integer, added.indicator)); break;
    case cell_kind::real: statement_.exchange(soci::into(added.value.real, added.indicator)); break;
    case cell_kind::text: statement_.exchange(soci::into(added.value.text, added.indicator)); break;
    case cell_kind::bytes:
        added.bytes = std::make_unique<soci::blob>(session_);
        statement_.exchange(soci::into(*added.bytes, added.indicator));
        break;
    }
}

void statement::give_arguments()
{
    for (slot& one : arguments_) {
        one.indicator = one.value.null ? soci::i_null : soci::i_ok;
        if (!one.bytes || one.value.null)
            continue;
        // SOCI 4.0: a write never shortens a blob, and one that was never written is NULL.
        one.bytes->trim(0);
        one.bytes->write(0, one.value.text.data(), one.value.text.size());
    }
}

void statement::take_results()
{
    for (slot& one : results_) {
        one.value.null = one.indicator == soci::i_null;
        if (!one.bytes || one.value.null)
            continue;
        one.value.text.resize(one.bytes->get_len());
        if (!one.value.text.empty())
            one.bytes->read(0, one.value.text.data(), one.value.text.size());
    }
}

result<bool> statement::execute()
{
    try {
        give_arguments();
        if (!bound_) {
            statement_.define_and_bind();
            bound_ = true;
        }
        return statement_.execute(true);
    } catch (const soci::soci_error& error) {
        reset();
        return {boost::system::in_place_error, owner_.translate(error)};
    }
}

result<bool> statement::fetch()
{
    try {
        return statement_.fetch();
    } catch (const soci::soci_error& error) {
        reset();
        return {boost::system::in_place_error, owner_.translate(error)};
    }
}

result<std::uint64_t> statement::changed_rows()
{
    return static_cast<std::uint64_t>(statement_.get_affected_rows());
}

void statement::reset() noexcept
{
    sqlite_api::sqlite3_reset(handle_of(statement_));
}

}  // namespace reprise::store
