#pragma once

#include "reprise/net/message.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reprise::synth {

// Reads a request's parameters one by one and remembers what is wrong with each, so that one answer names all of it.
// Of a name that stands twice the last counts; names that nobody asks for are ignored. The request must outlive it.
class query_reader {
public:
    explicit query_reader(const net::request& req) : req_(req) {}

    int integer(std::string_view name, int fallback, int low, int high);
    double real(std::string_view name, double fallback, double low, double high);
    std::optional<std::uint64_t> seed(std::string_view name);
    bool flag(std::string_view name);
    // The place of the value among `words`.
    std::size_t word(std::string_view name, std::span<const std::string_view> words);

    // A rule that needs more than one parameter.
    void refuse(std::string_view name, std::string_view message);

    bool sound() const noexcept { return faults_.empty(); }
    // 422 with {"detail": [{type, loc, msg, input, ctx}]}.
    net::response refusal() const;

private:
    std::optional<std::string_view> find(std::string_view name) const noexcept;
    void add(std::string_view type, std::string_view name, std::string message, boost::json::object context = {});
    void check_range(std::string_view name, double value, double low, double high);

    const net::request& req_;
    boost::json::array faults_;
};

}  // namespace reprise::synth
