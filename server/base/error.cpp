#include "reprise/base/error.hpp"

#include <string>

namespace reprise {
namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "reprise"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::invalid_argument: return "invalid argument";
        case errc::not_found: return "not found";
        case errc::conflict: return "conflicts with the current state";
        case errc::stale: return "the version is not the current one";
        case errc::too_large: return "over the limit";
        case errc::unavailable: return "unavailable, try again later";
        case errc::timed_out: return "timed out";
        case errc::denied: return "not allowed";
        case errc::corrupt: return "stored bytes are corrupt";
        case errc::io: return "the operating system refused";
        }
        return "unknown error";
    }
};

}  // namespace

const boost::system::error_category& base_category() noexcept
{
    static const category instance;
    return instance;
}

error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), base_category()};
}

}  // namespace reprise
