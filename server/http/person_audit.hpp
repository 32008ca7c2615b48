#pragma once

#include "reprise/http/sign_in.hpp"
#include "reprise/model/person.hpp"
#include "reprise/net/message.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::http {

// What a person did by a request, as the audit keeps it.
struct person_deed {
    std::string_view action;  // "service.change"
    std::string object;       // "service/<name>"
    boost::json::object detail;
    std::string_view auth = "session";  // A request with an API token says so itself.
};

// "token:<id>" for a request with an API token, which serve() has checked by then; else `otherwise`.
std::string auth_of(const net::request& req, std::string_view otherwise);

// A row of the transaction that does it.
result<void> audit_person(
    store::transaction& tx, const model::person& person, const net::request& req, std::int64_t now_ns,
    const person_deed& done
);

// The same for what somebody does about people and tokens, at the command line too.
result<void> audit_link_request(
    store::transaction& tx, const link_request& by, std::string_view action, std::string object,
    const boost::json::object& detail
);

}  // namespace reprise::http
