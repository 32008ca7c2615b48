#include "read_body.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

#include <algorithm>
#include <string_view>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace reprise::net {
namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t body_step_bytes_min = 16 * 1024;
constexpr std::size_t body_step_bytes_max = 1024 * 1024;

}  // namespace

asio::awaitable<body_end> read_body(body_connection& from, request& req, std::size_t limit, body_claim& claim)
{
    parser_type& parser = from.parser;
    if (parser.is_done())
        co_return body_end::complete;
    const auto announced = parser.content_length();
    if (announced && *announced > limit)
        co_return body_end::too_large;
    if (beast::iequals(req.header("expect"), "100-continue") && from.buffer.size() == 0) {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto bytes = asio::buffer(go_on);
        const auto [ec, size] = co_await asio::async_write(from.stream, bytes, as_result);
        if (ec)
            co_return body_end::lost;
    }
    while (!parser.is_done()) {
        // One byte more than allowed, so that too much shows.
        const std::size_t had = req.body.size();
        const std::size_t step =
            std::min(std::clamp(had, body_step_bytes_min, body_step_bytes_max), limit + 1 - had);
        if (!claim.grow(step))
            co_return body_end::overloaded;
        req.body.resize(had + step);
        auto& target = parser.get().body();
        target.data = req.body.data() + had;
        target.size = step;
        target.more = true;
        const auto [ec, size] = co_await http::async_read(from.stream, from.buffer, parser, as_result);
        req.body.resize(had + step - parser.get().body().size);
        if (req.body.size() > limit)
            co_return body_end::too_large;
        if (ec && ec != http::error::need_buffer) {
            const bool is_http = ec.category() == make_error_code(http::error::bad_version).category();
            co_return is_http && ec != http::error::partial_message ? body_end::malformed : body_end::lost;
        }
    }
    co_return body_end::complete;
}

}  // namespace reprise::net
