#include "reprise/rpc/grpc_server.hpp"

#include <string>

namespace reprise::rpc {
namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "reprise.rpc"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::address_malformed: return "the address is not host:port, like 127.0.0.1:4317 or [::1]:4317";
        case errc::address_in_use: return "the port is taken by another program; stop it or choose another port";
        case errc::address_refused: return "this machine does not let us listen there";
        }
        return "unknown error";
    }
};

}  // namespace

const boost::system::error_category& rpc_category() noexcept
{
    static const category instance;
    return instance;
}

error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), rpc_category()};
}

}  // namespace reprise::rpc
