#include "reprise/store/error.hpp"

#include <string>

namespace reprise::store {
namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "reprise.store"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::locked: return "another process has the database open";
        case errc::newer_schema: return "the database was written by a newer version";
        case errc::foreign_file: return "the file is not a Reprise database";
        case errc::migration_failed: return "a migration of the database failed";
        }
        return "unknown error";
    }
};

}  // namespace

const boost::system::error_category& store_category() noexcept
{
    static const category instance;
    return instance;
}

error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), store_category()};
}

}  // namespace reprise::store
