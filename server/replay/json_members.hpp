#pragma once

#include <boost/json/object.hpp>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::replay {

// Reads members one by one and remembers the first that is not as it should be.
class member_reader {
public:
    explicit member_reader(const boost::json::object& from) : from_(from) {}

    bool flag(std::string_view name)
    {
        const boost::json::value* const found = from_.if_contains(name);
        if (found == nullptr || !found->is_bool())
            return fail(name), false;
        return found->get_bool();
    }
    double number(std::string_view name)
    {
        const boost::json::value* const found = from_.if_contains(name);
        boost::json::error_code ec;
        const double value = found != nullptr ? found->to_number<double>(ec) : 0;
        if (found == nullptr || ec || !std::isfinite(value))
            return fail(name), 0;
        return value;
    }
    template <class Count>
    Count count(std::string_view name)
    {
        const boost::json::value* const found = from_.if_contains(name);
        boost::json::error_code ec;
        const Count value = found != nullptr ? found->to_number<Count>(ec) : Count{0};
        if (found == nullptr || ec)
            return fail(name), Count{0};
        return value;
    }
    std::optional<std::uint64_t> optional_count(std::string_view name)
    {
        if (!from_.contains(name))
            return std::nullopt;
        return count<std::uint64_t>(name);
    }
    std::string text(std::string_view name)
    {
        const boost::json::value* const found = from_.if_contains(name);
        if (found == nullptr || !found->is_string())
            return fail(name), std::string();
        return std::string(found->get_string());
    }
    bool has(std::string_view name) const { return from_.contains(name); }
    std::string optional_text(std::string_view name) { return has(name) ? text(name) : std::string(); }
    const std::string& failed() const noexcept { return failed_; }

private:
    void fail(std::string_view name)
    {
        if (failed_.empty())
            failed_ = name;
    }

    const boost::json::object& from_;
    std::string failed_;
};

}  // namespace reprise::replay
