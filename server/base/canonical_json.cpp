#include "reprise/base/canonical_json.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <vector>

namespace reprise {
namespace {

void append(std::string& out, const boost::json::value& value);

void append_object(std::string& out, const boost::json::object& object)
{
    std::vector<const boost::json::key_value_pair*> members;
    members.reserve(object.size());
    for (const auto& member : object)
        members.push_back(&member);
    std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) {
        return std::string_view(a->key()) < std::string_view(b->key());
    });

    out += '{';
    bool first = true;
    for (const auto* member : members) {
        if (!first)
            out += ',';
        first = false;
        out += boost::json::serialize(boost::json::string_view(member->key()));
        out += ':';
        append(out, member->value());
    }
    out += '}';
}

void append(std::string& out, const boost::json::value& value)
{
    if (value.is_object()) {
        append_object(out, value.get_object());
        return;
    }
    if (!value.is_array()) {
        out += boost::json::serialize(value);
        return;
    }
    out += '[';
    bool first = true;
    for (const auto& item : value.get_array()) {
        if (!first)
            out += ',';
        first = false;
        append(out, item);
    }
    out += ']';
}

}  // namespace

std::string canonical_json(const boost::json::value& value)
{
    std::string out;
    append(out, value);
    return out;
}

}  // namespace reprise
