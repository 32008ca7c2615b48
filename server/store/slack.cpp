#include "reprise/store/slack.hpp"

#include "person_row.hpp"
#include "query.hpp"

#include "reprise/store/people.hpp"

namespace reprise::store {
namespace {

constexpr auto message_names = sql_text("subject, channel, ts, created_ns");
constexpr auto insert_message_sql = "INSERT INTO slack_messages (" + message_names + ") VALUES (" +
                                    placeholders<count_columns(message_names)>() +
                                    ") ON CONFLICT (subject) DO NOTHING";
constexpr auto find_message_sql = "SELECT " + message_names + " FROM slack_messages WHERE subject = :subject";

constexpr std::string_view link_sql =
    "INSERT INTO slack_people (person_id, slack_user_id, linked_by, linked_ns) VALUES (:person_id, :slack_user_id,"
    " :linked_by, :linked_ns) ON CONFLICT (person_id) DO UPDATE SET slack_user_id = excluded.slack_user_id,"
    " linked_by = excluded.linked_by, linked_ns = excluded.linked_ns";
constexpr std::string_view unlink_sql = "DELETE FROM slack_people WHERE person_id = :person_id";
constexpr std::string_view find_user_sql = "SELECT slack_user_id FROM slack_people WHERE person_id = :person_id";
constexpr std::string_view find_person_sql =
    "SELECT person_id FROM slack_people WHERE slack_user_id = :slack_user_id";
constexpr std::string_view list_sql =
    "SELECT s.person_id, p.name, s.slack_user_id, s.linked_by, s.linked_ns FROM slack_people s"
    " JOIN people p ON p.id = s.person_id ORDER BY p.name LIMIT :limit";

struct slack_person_row {
    using value_type = slack_person;
    static auto columns(auto& row)
    {
        return std::tie(row.person_id, row.name, row.slack_user_id, row.linked_by, row.linked_ns);
    }
};

struct message_row {
    using value_type = slack_message;
    static auto columns(auto& row) { return std::tie(row.subject, row.channel, row.ts, row.created_ns); }
};

}  // namespace

result<void> insert_slack_message(transaction& tx, const slack_message& value)
{
    return without_count(execute(tx, insert_message_sql, message_row::columns(value)));
}

result<std::optional<slack_message>> find_slack_message(const reader& from, std::string_view subject)
{
    return find_one<message_row>(from, find_message_sql, subject);
}

result<void> link_slack_user(
    transaction& tx, std::string_view person_id, std::string_view slack_user_id, std::string_view linked_by,
    std::int64_t now_ns
)
{
    if (slack_user_id.empty())
        return without_count(execute(tx, unlink_sql, person_id));
    return without_count(execute(tx, link_sql, person_id, slack_user_id, linked_by, now_ns));
}

result<std::vector<slack_person>> list_slack_people(const reader& from, std::size_t limit)
{
    return list_all<slack_person_row>(from, list_sql, capped(limit, people_listed_max));
}

result<std::string> find_slack_user(const reader& from, std::string_view person_id)
{
    std::string user;
    const auto found = find_into(from, find_user_sql, std::tie(user), person_id);
    if (!found)
        return found.error();
    return user;
}

result<std::optional<model::person>> find_person_by_slack_user(const reader& from, std::string_view slack_user_id)
{
    std::string person_id;
    const auto found = find_into(from, find_person_sql, std::tie(person_id), slack_user_id);
    if (!found)
        return found.error();
    if (!*found)
        return std::optional<model::person>();
    return find_person(from, person_id);
}

}  // namespace reprise::store
