#include "journal_replay.hpp"

#include "journal_writer.hpp"

#include "reprise/base/content_hash.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"

#include <algorithm>
#include <utility>

namespace reprise::pipeline {
namespace {

constexpr const char* where = "journal";

// Of damaged bytes: the segment, where in it, and its salt, because names of segments come again.
std::string aside_name(const std::string& segment, std::uint64_t offset, std::string_view salt)
{
    const sha256_digest digest = sha256(salt);
    return segment + "-" + std::to_string(offset) + "-" + to_hex(digest).substr(0, 8) + ".bytes";
}

bool is_unfinished(const std::string& bytes)
{
    const auto is_zero = [](char c) { return c == 0; };
    return bytes.size() < segment_header_bytes ||
           std::all_of(bytes.begin(), bytes.begin() + segment_header_bytes, is_zero);
}

}  // namespace

result<replay_report> journal_replay::run(
    const std::function<void(stored_entry)>& take, const std::function<void()>& pace
)
{
    const auto names = files_.list();
    if (!names)
        return names.error();
    for (const std::string& name : *names) {
        if (parse_segment_name(name) == 0) {
            log_warn(where, "a file that is no segment is left alone: " + name);
            continue;
        }
        if (const auto read = read_segment(name, take); !read)
            return read.error();
        pace();
    }
    return report_;
}

result<void> journal_replay::read_segment(const std::string& name, const std::function<void(stored_entry)>& take)
{
    const auto bytes = files_.read(name);
    if (!bytes)
        return bytes.error();
    const auto header = parse_header(*bytes);
    if (!header && header.error() == errc::conflict) {
        log_error(where, "segment " + name + " was written by a later version of the server");
        return errc::conflict;
    }
    if (!header)
        return refuse_segment(name, *bytes);
    if (header->key_id != keys_.id())
        return errc::denied;
    const auto parsed = parse_segment(*bytes, keys_.check_of(*header));
    if (!parsed)
        return parsed.error();
    ++report_.segments;
    if (const auto mended = mend(name, *bytes, *parsed); !mended)
        return mended;
    // Deleted once what is fed from it is committed; at once, when that is nothing.
    const shared_hold hold = segments_.add(parse_segment_name(name), bytes->size());
    return give(*parsed, hold, take);
}

// A file without a usable header: the process ended before it was written, or it is damaged.
result<void> journal_replay::refuse_segment(const std::string& name, const std::string& bytes)
{
    const shared_hold hold = segments_.add(parse_segment_name(name), bytes.size());
    const bool unfinished = is_unfinished(bytes);
    if (!bytes.empty())
        note(name, {unfinished ? damage_kind::torn : damage_kind::flipped, 0, bytes.size()});
    if (unfinished)
        return {};
    const auto kept = files_.set_aside(aside_name(name, 0, bytes), bytes);
    if (!kept)
        hold->keep();
    return kept;
}

result<void> journal_replay::mend(const std::string& name, const std::string& bytes, const parsed_segment& parsed)
{
    const std::string_view salt(parsed.header.salt.data(), parsed.header.salt.size());
    for (const damage& one : parsed.damages) {
        note(name, one);
        if (one.kind == damage_kind::torn)
            continue;
        const auto kept = files_.set_aside(
            aside_name(name, one.offset, salt), std::string_view(bytes).substr(one.offset, one.bytes)
        );
        if (!kept)
            return kept;
    }
    const bool bad_end =
        !parsed.damages.empty() && parsed.damages.back().offset + parsed.damages.back().bytes == bytes.size();
    return bad_end ? files_.truncate(name, parsed.good_bytes) : result<void>();
}

result<void> journal_replay::give(
    const parsed_segment& segment, const shared_hold& hold, const std::function<void(stored_entry)>& take
)
{
    sealer seal = keys_.sealer_of(segment.header);
    for (const frame_view& frame : segment.frames) {
        if (frame.head.number <= last_number_)
            continue;
        auto payload = seal.open(frame.head.number, frame.context, frame.sealed);
        if (!payload)
            return payload.error();
        last_number_ = frame.head.number;
        if (frame.head.kind != entry_kind::close) {
            const content_hash body = hash_content(*payload, keys_.body_seed());
            if (recent_.contains(body, frame.head.time_ns))
                continue;
            recent_.add(body, frame.head.time_ns);
        }
        ++report_.entries;
        numbers_.replayed.add();
        take({frame.head.kind, frame.head.number, frame.head.time_ns, std::move(*payload), hold});
    }
    return {};
}

void journal_replay::note(const std::string& name, const damage& found)
{
    const bool torn = found.kind == damage_kind::torn;
    (torn ? numbers_.torn_bytes : numbers_.damaged_bytes).add(found.bytes);
    const std::string place = "segment " + name + ", offset " + std::to_string(found.offset) + ", " +
                              std::to_string(found.bytes) + " bytes";
    if (torn)
        log_info(where, place + ": an unfinished write that nobody was told of; cut off");
    else
        log_error(where, place + ": damaged; copied to the directory `damaged`, everything else is used");
    if (report_.damages.size() < damages_listed_max)
        report_.damages.push_back({name, found.offset, found.bytes, torn});
}

}  // namespace reprise::pipeline
