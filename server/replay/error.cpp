#include "reprise/replay/error.hpp"

#include <boost/throw_exception.hpp>

#include <stdexcept>

namespace reprise::replay {
namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "reprise.replay"; }
    std::string message(int code) const override
    {
        switch (static_cast<errc>(code)) {
        case errc::bad_target: return "the target's URL cannot be used";
        case errc::not_allowed: return "the target is not on the allow-list";
        case errc::nothing_to_replay: return "the evidence holds no request that can be sent again";
        case errc::bad_timing: return "the timing is not known";
        case errc::not_comparable: return "two measurements were not made alike";
        case errc::too_many: return "more requests than one replay sends";
        case errc::bad_record: return "a stored trial does not say what it should";
        case errc::bad_condition: return "the condition cannot be read";
        case errc::bad_state: return "the state of an earlier minimisation is not of these exchanges";
        case errc::not_exportable: return "the form cannot say what the reproducer needs";
        case errc::nothing_to_mock: return "the recordings hold no call that could be answered, or too many";
        case errc::bad_rule: return "a rule of the mock says nothing usable";
        }
        return "unknown";
    }
};

}  // namespace

const boost::system::error_category& replay_category() noexcept
{
    static const category instance;
    return instance;
}

error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), replay_category()};
}

void throw_exception_from_error(const refusal& what, const boost::source_location& where)
{
    boost::throw_exception(std::logic_error("a refused result was read: " + what.reason), where);
}

}  // namespace reprise::replay
