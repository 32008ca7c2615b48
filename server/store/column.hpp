#pragma once

#include "reprise/model/deployment.hpp"
#include "reprise/model/approval.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/operation.hpp"
#include "reprise/model/person.hpp"
#include "reprise/model/run.hpp"
#include "reprise/model/signal.hpp"
#include "reprise/store/publications.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// How a value is kept in one column: integers, reals, text and bytes; enums as their text, small lists
// as JSON, optionals as NULL.
namespace reprise::store {

enum class cell_kind : std::uint8_t { integer, real, text, bytes };

// One value on its way into or out of a statement. Kept between executions, so that text reuses its
// memory.
struct cell {
    cell_kind kind = cell_kind::integer;
    bool null = false;
    long long integer = 0;
    double real = 0;
    std::string text;  // Bytes, too.
};

// A string column that holds bytes, not text.
template <class Text>
struct blob {
    Text& bytes;
};
template <class Text>
blob(Text&) -> blob<Text>;

// A value whose type is only known at run time: filters.
using sql_value = std::variant<std::int64_t, std::string>;

template <class T>
struct enum_names;
template <> struct enum_names<model::source> { static constexpr auto find = model::find_source; };
template <> struct enum_names<model::operation_kind> { static constexpr auto find = model::find_operation_kind; };
template <> struct enum_names<model::deployment_origin> { static constexpr auto find = model::find_deployment_origin; };
template <> struct enum_names<model::severity> { static constexpr auto find = model::find_severity; };
template <> struct enum_names<model::risk> { static constexpr auto find = model::find_risk; };
template <> struct enum_names<model::signal_kind> { static constexpr auto find = model::find_signal_kind; };
template <> struct enum_names<model::confirm_metric> { static constexpr auto find = model::find_confirm_metric; };
template <> struct enum_names<model::incident_status> { static constexpr auto find = model::find_incident_status; };
template <> struct enum_names<model::run_kind> { static constexpr auto find = model::find_run_kind; };
template <> struct enum_names<model::run_state> { static constexpr auto find = model::find_run_state; };
template <> struct enum_names<model::verdict> { static constexpr auto find = model::find_verdict; };
template <> struct enum_names<model::approval_state> { static constexpr auto find = model::find_approval_state; };
template <> struct enum_names<model::person_kind> { static constexpr auto find = model::find_person_kind; };
template <> struct enum_names<model::decision_kind> { static constexpr auto find = model::find_decision_kind; };
template <> struct enum_names<publication_state> { static constexpr auto find = find_publication_state; };

std::string list_to_json(const std::vector<std::string>& list);
std::string list_to_json(const std::vector<std::pair<std::string, double>>& list);
bool list_from_json(std::string_view text, std::vector<std::string>& list);
bool list_from_json(std::string_view text, std::vector<std::pair<std::string, double>>& list);

// kind; put: value into cell; get: false when the stored value is none of T.
template <class T>
struct column;

template <std::integral T>
struct column<T> {
    static constexpr cell_kind kind = cell_kind::integer;
    static void put(cell& to, T value) { to.integer = static_cast<long long>(value); }
    static bool get(const cell& from, T& value)
    {
        value = static_cast<T>(from.integer);
        return static_cast<long long>(value) == from.integer;
    }
};

template <>
struct column<double> {
    static constexpr cell_kind kind = cell_kind::real;
    static void put(cell& to, double value) { to.real = value; }
    static bool get(const cell& from, double& value)
    {
        value = from.real;
        return true;
    }
};

template <>
struct column<std::string_view> {
    static constexpr cell_kind kind = cell_kind::text;
    static void put(cell& to, std::string_view value) { to.text.assign(value); }
};

template <>
struct column<std::string> {
    static constexpr cell_kind kind = cell_kind::text;
    static void put(cell& to, const std::string& value) { to.text.assign(value); }
    static bool get(const cell& from, std::string& value)
    {
        value.assign(from.text);
        return true;
    }
};

template <class Text>
struct column<blob<Text>> {
    static constexpr cell_kind kind = cell_kind::bytes;
    static void put(cell& to, const blob<Text>& value) { to.text.assign(value.bytes); }
    static bool get(const cell& from, const blob<Text>& value)
    {
        value.bytes.assign(from.text);
        return true;
    }
};

template <class Enum>
    requires std::is_enum_v<Enum>
struct column<Enum> {
    static constexpr cell_kind kind = cell_kind::text;
    static void put(cell& to, Enum value) { to.text.assign(to_text(value)); }
    static bool get(const cell& from, Enum& value)
    {
        const auto found = enum_names<Enum>::find(from.text);
        if (found)
            value = *found;
        return found.has_value();
    }
};

template <>
struct column<model::roles> {
    static constexpr cell_kind kind = cell_kind::text;
    static void put(cell& to, const model::roles& value) { to.text = to_text(value); }
    static bool get(const cell& from, model::roles& value) { return parse_roles(from.text, value); }
};

template <class T>
    requires requires(const T& list, std::string_view text, T& into) {
        list_to_json(list);
        list_from_json(text, into);
    }
struct column<T> {
    static constexpr cell_kind kind = cell_kind::text;
    static void put(cell& to, const T& value) { to.text = list_to_json(value); }
    static bool get(const cell& from, T& value) { return list_from_json(from.text, value); }
};

template <class T>
struct column<std::optional<T>> {
    static constexpr cell_kind kind = column<T>::kind;
    static void put(cell& to, const std::optional<T>& value)
    {
        to.null = !value.has_value();
        if (value)
            column<T>::put(to, *value);
    }
    static bool get(const cell& from, std::optional<T>& value)
    {
        if (from.null) {
            value.reset();
            return true;
        }
        return column<T>::get(from, value.emplace());
    }
};

template <class T>
constexpr bool is_optional_column = false;
template <class T>
constexpr bool is_optional_column<std::optional<T>> = true;

}  // namespace reprise::store
