#include "journal_format.hpp"

#include "block_buffer.hpp"

#include "reprise/base/content_hash.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>

namespace reprise::pipeline {
namespace {

constexpr std::string_view segment_magic = "RPRJRNL";  // The version's digit follows.
constexpr std::string_view frame_magic = "RPJf";
constexpr std::size_t sector_bytes = 512;  // The least a disk writes or loses at once.

constexpr std::size_t context_bytes = 36;  // Of the head; its checksum follows.
constexpr std::size_t head_check_at = context_bytes;
static_assert(head_check_at + 4 == frame_head_bytes);

// Little endian, as every machine this runs on.
template <class T>
void append_number(T value, std::string& out)
{
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

template <class T>
T number_at(std::string_view bytes, std::size_t at)
{
    T value{};
    assert(at + sizeof value <= bytes.size());
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

// Frames of one segment are no frames in another.
std::uint64_t seed_of(const segment_header& header)
{
    return number_at<std::uint64_t>({header.salt.data(), header.salt.size()}, 0);
}

// From the beginning of a frame to its payload.
std::size_t head_bytes(const segment_header& of)
{
    constexpr std::size_t payload_check_bytes = 8;
    return frame_head_bytes + (of.version == segment_version::first ? payload_check_bytes : 0);
}

std::uint32_t head_check(const segment_header& of, std::string_view context)
{
    return static_cast<std::uint32_t>(checksum(context, seed_of(of)));
}

bool is_kind(std::uint8_t value)
{
    return value >= static_cast<std::uint8_t>(entry_kind::logs) &&
           value <= static_cast<std::uint8_t>(entry_kind::metrics);
}

// A head that says what it should, whatever becomes of its payload.
struct found_head {
    frame_head head;
    std::size_t sealed_bytes = 0;
};

std::optional<found_head> find_head(const segment_header& of, std::string_view bytes, std::size_t at)
{
    if (at + head_bytes(of) > bytes.size() || bytes.substr(at, frame_magic.size()) != frame_magic)
        return std::nullopt;
    if (number_at<std::uint32_t>(bytes, at + head_check_at) != head_check(of, bytes.substr(at, context_bytes)))
        return std::nullopt;
    const auto kind = number_at<std::uint8_t>(bytes, at + 32);
    const auto sealed_bytes = number_at<std::uint32_t>(bytes, at + 4);
    if (!is_kind(kind) || sealed_bytes > frame_bytes_max)
        return std::nullopt;
    found_head found;
    found.head.number = number_at<std::uint64_t>(bytes, at + 8);
    found.head.synced = number_at<std::uint64_t>(bytes, at + 16);
    found.head.time_ns = number_at<std::int64_t>(bytes, at + 24);
    found.head.kind = static_cast<entry_kind>(kind);
    found.sealed_bytes = sealed_bytes;
    return found;
}

// Finds what is whole in one segment.
class frame_finder {
public:
    frame_finder(const segment_header& of, std::string_view bytes, const seal_check& is_sealed)
        : of_(of), bytes_(bytes), is_sealed_(is_sealed)
    {
    }

    std::optional<frame_view> find(std::size_t at) const
    {
        const auto found = find_head(of_, bytes_, at);
        const std::size_t payload_at = at + head_bytes(of_);
        if (!found || found->sealed_bytes > bytes_.size() - payload_at)
            return std::nullopt;
        frame_view frame;
        frame.head = found->head;
        frame.context = bytes_.substr(at, context_bytes);
        frame.sealed = bytes_.substr(payload_at, found->sealed_bytes);
        frame.offset = at;
        frame.bytes = payload_at - at + found->sealed_bytes;
        if (is_sealed_ && !is_sealed_(frame))
            return std::nullopt;
        return frame;
    }

    std::optional<frame_view> find_next(std::size_t from) const
    {
        for (std::size_t at = bytes_.find(frame_magic, from); at != std::string_view::npos;
             at = bytes_.find(frame_magic, at + 1)) {
            if (auto frame = find(at))
                return frame;
        }
        return std::nullopt;
    }

private:
    const segment_header& of_;
    std::string_view bytes_;
    const seal_check& is_sealed_;
};

bool is_zero(std::string_view bytes)
{
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

// What the writer fills its last block with.
bool is_padding(std::string_view rest)
{
    return rest.size() < block_buffer::block_bytes && is_zero(rest);
}

// Sealed bytes are as good as random, so that a sector of zeros was never written.
bool lacks_a_sector(std::string_view bytes, std::size_t from, std::size_t to)
{
    for (std::size_t sector = from / sector_bytes * sector_bytes; sector < to; sector += sector_bytes) {
        const std::size_t begin = std::max(sector, from);
        const std::size_t end = std::min(sector + sector_bytes, to);
        if (is_zero(bytes.substr(begin, end - begin)))
            return true;
    }
    return false;
}

// What lies between the good frame before `from` and the end of the file.
damage_kind kind_of_tail(const segment_header& of, std::string_view bytes, std::size_t from)
{
    const std::size_t left = bytes.size() - from;
    const auto head = find_head(of, bytes, from);
    const bool is_short = left < head_bytes(of) || (head && head->sealed_bytes > left - head_bytes(of));
    return is_short || lacks_a_sector(bytes, from, bytes.size()) ? damage_kind::torn : damage_kind::flipped;
}

std::uint64_t last_number(const parsed_segment& of)
{
    return of.frames.empty() ? of.header.first_number - 1 : of.frames.back().head.number;
}

}  // namespace

std::string encode_header(const segment_header& header)
{
    std::string out(segment_magic);
    out += static_cast<char>('0' + static_cast<int>(header.version));
    append_number(header.first_number, out);
    out.append(header.key_id.data(), header.key_id.size());
    out.append(header.salt.data(), header.salt.size());
    append_number(checksum(out), out);
    assert(out.size() == segment_header_bytes);
    return out;
}

std::string frame_context(const frame_head& head, std::size_t sealed_bytes)
{
    assert(sealed_bytes <= frame_bytes_max);
    std::string made(frame_magic);
    append_number(static_cast<std::uint32_t>(sealed_bytes), made);
    append_number(head.number, made);
    append_number(head.synced, made);
    append_number(head.time_ns, made);
    append_number(static_cast<std::uint8_t>(head.kind), made);
    made.append(3, '\0');
    return made;
}

void write_head(const segment_header& of, std::string_view context, char* out)
{
    assert(context.size() == context_bytes);
    const std::uint32_t check = head_check(of, context);
    std::memcpy(out, context.data(), context_bytes);
    std::memcpy(out + head_check_at, &check, sizeof check);
}

result<segment_header> parse_header(std::string_view bytes)
{
    if (bytes.size() < segment_header_bytes || !bytes.starts_with(segment_magic))
        return errc::corrupt;
    constexpr std::size_t check_at = segment_header_bytes - 8;
    if (number_at<std::uint64_t>(bytes, check_at) != checksum(bytes.substr(0, check_at)))
        return errc::corrupt;
    const int version = bytes[segment_magic.size()] - '0';
    if (version > static_cast<int>(segment_version::third))
        return errc::conflict;
    if (version < static_cast<int>(segment_version::first))
        return errc::corrupt;
    segment_header header;
    header.version = static_cast<segment_version>(version);
    header.first_number = number_at<std::uint64_t>(bytes, 8);
    std::copy_n(bytes.begin() + 16, header.key_id.size(), header.key_id.begin());
    std::copy_n(bytes.begin() + 32, header.salt.size(), header.salt.begin());
    return header;
}

result<parsed_segment> parse_segment(std::string_view bytes, const seal_check& is_sealed)
{
    const auto header = parse_header(bytes);
    if (!header)
        return header.error();
    parsed_segment parsed;
    parsed.header = *header;
    parsed.good_bytes = segment_header_bytes;
    const frame_finder finder(*header, bytes, is_sealed);
    // The number before each damage, to be judged once it is known what was synced later.
    std::vector<std::uint64_t> before;
    while (parsed.good_bytes < bytes.size() && !is_padding(bytes.substr(parsed.good_bytes))) {
        const std::size_t at = parsed.good_bytes;
        auto frame = finder.find(at);
        if (!frame) {
            frame = finder.find_next(at + 1);
            const std::size_t end = frame ? frame->offset : bytes.size();
            parsed.damages.push_back({damage_kind::torn, at, end - at});
            before.push_back(last_number(parsed));
            if (!frame)
                break;
        }
        parsed.good_bytes = frame->offset + frame->bytes;
        parsed.frames.push_back(*frame);
    }
    const std::uint64_t synced = parsed.frames.empty() ? 0 : parsed.frames.back().head.synced;
    for (std::size_t i = 0; i < parsed.damages.size(); ++i) {
        damage& one = parsed.damages[i];
        const bool is_tail = one.offset + one.bytes == bytes.size();
        if (is_tail)
            one.kind = kind_of_tail(*header, bytes, one.offset);
        else
            one.kind = synced > before[i] ? damage_kind::flipped : damage_kind::torn;
    }
    return parsed;
}

}  // namespace reprise::pipeline
