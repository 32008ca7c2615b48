#include "fuzz_target.hpp"
#include "require.hpp"

#include "reprise/telemetry/inflate.hpp"

#include <zlib.h>

#include <algorithm>

// Never more than the limit; what was packed comes out again, at the limit and not below it.
namespace reprise::fuzz {
namespace {

std::string pack(std::string_view text)
{
    constexpr int gzip_window = 15 + 16;
    z_stream stream{};
    require(deflateInit2(&stream, 1, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflateInit2");
    std::string out(deflateBound(&stream, text.size()), '\0');
    std::string in(text);
    stream.next_in = reinterpret_cast<unsigned char*>(in.data());
    stream.avail_in = static_cast<unsigned>(in.size());
    stream.next_out = reinterpret_cast<unsigned char*>(out.data());
    stream.avail_out = static_cast<unsigned>(out.size());
    require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflate");
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

}  // namespace

void inflate(std::string_view input)
{
    constexpr std::size_t limit = 1024 * 1024;
    const auto out = telemetry::gunzip(input, limit);
    require(!out || (telemetry::is_gzip(input) && out->size() <= limit), "inflated what is none, or too much");
    if (telemetry::is_gzip(input))
        return;

    const std::string packed = pack(input);
    const auto back = telemetry::gunzip(packed, input.size());
    require(back && *back == input, "packed and inflated is not the same");
    require(!telemetry::gunzip(packed.substr(0, packed.size() - 1), limit), "a stream that was cut off is taken");
    if (!input.empty()) {
        const auto small = telemetry::gunzip(packed, input.size() - 1);
        require(!small && small.error() == errc::too_large, "the limit does not hold");
    }
    const auto twice = telemetry::gunzip(packed + packed, input.size() * 2);
    require(twice && twice->size() == input.size() * 2, "two members are not one text");
}

}  // namespace reprise::fuzz
