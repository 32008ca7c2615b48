#include "reprise/telemetry/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

namespace reprise::telemetry {
namespace {

constexpr std::size_t first_chunk_bytes = 64 * 1024;
constexpr std::size_t chunk_bytes_max = 1024 * 1024;
constexpr int gzip_only = 15 + 16;  // Largest window; gzip header and trailer required.

struct end_inflate {
    void operator()(z_stream* stream) const noexcept { inflateEnd(stream); }
};

struct chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
    std::size_t used = 0;
};

// Text that grows without moving: nothing is held twice until it is complete.
class chunk_list {
public:
    explicit chunk_list(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    std::size_t size() const noexcept { return total_; }

    // Where the next bytes go. At most one more than the limit fits in all.
    chunk& room()
    {
        if (chunks_.empty() || chunks_.back().used == chunks_.back().size) {
            const std::size_t wanted = chunks_.empty() ? first_chunk_bytes : chunks_.back().size * 2;
            const std::size_t size = std::min({wanted, chunk_bytes_max, bytes_max_ - total_ + 1});
            chunks_.push_back({std::make_unique_for_overwrite<char[]>(size), size, 0});
        }
        return chunks_.back();
    }

    void add(std::size_t bytes) noexcept
    {
        chunks_.back().used += bytes;
        total_ += bytes;
    }

    std::string join()
    {
        std::string text;
        text.reserve(total_);
        for (chunk& one : chunks_) {
            text.append(one.bytes.get(), one.used);
            one.bytes.reset();
        }
        return text;
    }

private:
    const std::size_t bytes_max_;
    std::size_t total_ = 0;
    std::vector<chunk> chunks_;
};

uInt piece(std::size_t bytes) noexcept
{
    return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
}

// Inflates one step from the front of `in`, which moves on by what was read.
int inflate_step(z_stream& stream, std::string_view& in, chunk_list& out)
{
    chunk& room = out.room();
    const uInt in_bytes = piece(in.size());
    const uInt out_bytes = piece(room.size - room.used);
    stream.next_in = reinterpret_cast<const Bytef*>(in.data());
    stream.avail_in = in_bytes;
    stream.next_out = reinterpret_cast<Bytef*>(room.bytes.get() + room.used);
    stream.avail_out = out_bytes;
    const int code = inflate(&stream, Z_NO_FLUSH);
    in.remove_prefix(in_bytes - stream.avail_in);
    out.add(out_bytes - stream.avail_out);
    return code;
}

}  // namespace

bool is_gzip(std::string_view bytes) noexcept
{
    return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

result<std::string> gunzip(std::string_view bytes, std::size_t inflated_bytes_max)
{
    z_stream stream{};
    if (inflateInit2(&stream, gzip_only) != Z_OK)
        return reprise::errc::unavailable;
    const std::unique_ptr<z_stream, end_inflate> ending(&stream);

    chunk_list out(inflated_bytes_max);
    for (;;) {
        const int code = inflate_step(stream, bytes, out);
        if (out.size() > inflated_bytes_max)
            return reprise::errc::too_large;
        if (code == Z_STREAM_END && bytes.empty())
            return out.join();
        if (code == Z_STREAM_END)
            inflateReset(&stream);  // Another member must follow.
        else if (code != Z_OK || (bytes.empty() && stream.avail_out > 0))
            return reprise::errc::invalid_argument;
    }
}

}  // namespace reprise::telemetry
