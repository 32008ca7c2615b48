#include "migrate.hpp"

#include "connection.hpp"
#include "query.hpp"

#include "reprise/base/log.hpp"
#include "reprise/store/error.hpp"

#include <charconv>

namespace reprise::store {
namespace {

constexpr std::string_view user_version_sql = "SELECT user_version FROM pragma_user_version";
constexpr std::string_view application_id_sql = "SELECT application_id FROM pragma_application_id";
constexpr std::string_view table_count_sql = "SELECT COUNT(*) FROM sqlite_master";

std::int64_t number_of(std::string_view path)
{
    std::int64_t number = 0;
    std::from_chars(path.data(), path.data() + path.size(), number);
    return number;
}

result<void> check_owner(const reader& look, std::string& problem)
{
    const auto id = find_value<std::int64_t>(look, application_id_sql);
    if (!id)
        return id.error();
    const auto tables = find_value<std::int64_t>(look, table_count_sql);
    if (!tables)
        return tables.error();
    if (*id == application_id || (*id == 0 && *tables == 0))
        return {};
    problem = "it holds another program's tables";
    return errc::foreign_file;
}

result<void> apply(connection& session, const embedded_file& file, std::int64_t number, std::string& problem)
{
    std::string script = "BEGIN IMMEDIATE; PRAGMA application_id = " + std::to_string(application_id) + ";\n";
    script += file.bytes;
    script += "\n; PRAGMA user_version = " + std::to_string(number) + "; COMMIT;";
    const auto done = session.run_script(script);
    if (done) {
        log_info("store", "applied migration " + std::string(file.path));
        return {};
    }
    problem = "migration " + std::string(file.path) + " failed: " + session.last_problem();
    if (session.in_transaction()) {
        const auto undone = session.run_script("ROLLBACK");
        if (!undone)
            return undone.error();
    }
    return errc::migration_failed;
}

}  // namespace

result<void> migrate(connection& session, std::span<const embedded_file> files, std::string& problem)
{
    const reader look(session);
    const auto ours = check_owner(look, problem);
    if (!ours)
        return ours.error();
    const auto version = find_value<std::int64_t>(look, user_version_sql);
    if (!version)
        return version.error();
    const std::int64_t latest = files.empty() ? 0 : number_of(files.back().path);
    if (*version > latest) {
        problem = "its schema has version " + std::to_string(*version) + ", this program knows " +
                  std::to_string(latest);
        return errc::newer_schema;
    }
    for (const embedded_file& file : files) {
        const std::int64_t number = number_of(file.path);
        if (number <= *version)
            continue;
        const auto done = apply(session, file, number, problem);
        if (!done)
            return done.error();
    }
    return {};
}

}  // namespace reprise::store
