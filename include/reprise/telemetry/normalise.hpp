#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Templates of what varies: the same call or error with other ids gets the same text. Stateless: the
// answer depends on the argument alone, so fingerprints are stable. Idempotent (statements: if they are
// SQL). Pure, any thread.
namespace reprise::telemetry {

constexpr std::size_t route_bytes_max = 512;
constexpr std::size_t sql_bytes_max = 1024;
constexpr std::size_t message_bytes_max = 1024;

// "/orders/17?x=1" -> "/orders/{id}". Takes a path, a path with query, a whole URL or a route template
// ("/orders/:id", "/orders/{order}"). A segment becomes {id} when it is a number, a UUID, 10 or more
// hex digits with a decimal one, 16 or more letters and digits mixed, a token or an e-mail address.
// Query and fragment are dropped. Longer than route_bytes_max: cut at a segment, "/..." appended.
std::string normalise_route(std::string_view target);

// "select a from t where id in (1, 2)" -> "SELECT a FROM t WHERE id IN (?)". Literals, $n, :name, @name
// and %s become ?, lists of them collapse, comments go, keywords are upper case, white space is one
// blank. Longer than sql_bytes_max: cut at a token, " ..." appended.
std::string normalise_sql(std::string_view statement);

// "SELECT", "INSERT", ... in upper case; for WITH the verb of the main statement. "OTHER" when the
// statement begins with no word.
std::string sql_verb(std::string_view statement);

// Typed masking of an error text, in this order: JWT {token}, RFC 3339 time {timestamp}, UUID {uuid},
// e-mail {email}, IPv4 and IPv6 {ip}, hex of 8 digits and more {hex}, number of 4 digits and more {id}.
// Three digits and fewer stay (status codes). White space is one blank, ends trimmed. Cut at
// message_bytes_max.
std::string normalise_message(std::string_view message);

}  // namespace reprise::telemetry
