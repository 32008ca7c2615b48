#include "journal_writer.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace reprise::pipeline {
namespace {

constexpr const char* where = "journal";
constexpr std::size_t write_bytes_max = 1024 * 1024;  // What is gathered before it goes to the file.

}  // namespace

journal_numbers::journal_numbers(metrics& numbers)
    : entries(numbers.add_counter("reprise_journal_entries_total", "Entries kept.")),
      bytes_written(numbers.add_counter("reprise_journal_written_bytes_total", "Bytes written to segments.")),
      groups(numbers.add_counter("reprise_journal_groups_total", "Groups of entries written together.")),
      syncs(numbers.add_counter("reprise_journal_syncs_total", "Syncs to disk.")),
      failures(numbers.add_counter("reprise_journal_failures_total", "Writes and syncs that failed.")),
      refused(numbers.add_counter("reprise_journal_refused_total", "Entries refused because a write failed.")),
      repeated(numbers.add_counter(
          "reprise_journal_repeated_total", "Requests that were sent again and counted once."
      )),
      replayed(numbers.add_counter("reprise_journal_replayed_total", "Entries of the last process, replayed.")),
      torn_bytes(numbers.add_counter(
          "reprise_journal_bad_bytes_total", "Bytes found unreadable at the start.", "kind=\"torn\""
      )),
      damaged_bytes(numbers.add_counter(
          "reprise_journal_bad_bytes_total", "Bytes found unreadable at the start.", "kind=\"damaged\""
      )),
      bytes(numbers.add_gauge("reprise_journal_bytes", "Size of all segments.")),
      segments(numbers.add_gauge("reprise_journal_segments", "Segments that wait for commits.")),
      healthy(numbers.add_gauge("reprise_journal_healthy", "1 unless the last write failed."))
{
    healthy.set(1);
}

struct journal_writer::open_segment {
    open_segment(std::uint64_t ordinal_in, std::unique_ptr<segment_file> file_in, const segment_header& header_in,
                 sealer seal_in, shared_hold hold_in)
        : ordinal(ordinal_in), file(std::move(file_in)), header(header_in), seal(std::move(seal_in)),
          hold(std::move(hold_in))
    {
    }

    std::uint64_t ordinal;
    std::unique_ptr<segment_file> file;
    segment_header header;
    sealer seal;
    shared_hold hold;
    std::uint64_t bytes = 0;       // Written, without what fills the last block.
    std::uint64_t whole_bytes = 0; // Of these, in blocks that are full.
    std::uint64_t kept_bytes = 0;  // Of groups that were acknowledged.
};

journal_writer::journal_writer(
    const journal_config& config, const journal_keys& keys, journal_files& files, segment_book& segments,
    recent_bodies& recent, journal_numbers& numbers, std::uint64_t next_number
)
    : config_(config), keys_(keys), files_(files), segments_(segments), recent_(recent), numbers_(numbers),
      next_number_(next_number), synced_number_(next_number - 1)
{
}

journal_writer::~journal_writer() = default;

std::vector<placed_entry> journal_writer::write(
    std::span<const journal_entry> group, std::int64_t time_ns, time_point now
)
{
    std::vector<placed_entry> placed(group.size());
    if (!try_write(group, placed, time_ns, now)) {
        placed.assign(group.size(), {});
        numbers_.refused.add(group.size());
        return placed;
    }
    current_->kept_bytes = current_->bytes;
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (placed[i].fate == entry_fate::repeated) {
            numbers_.repeated.add();
            continue;
        }
        numbers_.entries.add();
        if (group[i].kind != entry_kind::close)
            recent_.add(group[i].body, time_ns);
    }
    numbers_.groups.add();
    show();
    return placed;
}

bool journal_writer::try_write(
    std::span<const journal_entry> group, std::vector<placed_entry>& placed, std::int64_t time_ns, time_point now
)
{
    try {
        return make_ready(now) && write_all(group, placed, time_ns, now);
    } catch (...) {
        // Out of memory, most likely. What was gathered so far is as doubtful as after a failed write.
        log_exception(where, std::current_exception());
        abandon(now);
        return false;
    }
}

bool journal_writer::is_repeated(
    const journal_entry& entry, std::int64_t time_ns, const std::unordered_set<content_hash>& group
)
{
    if (entry.kind == entry_kind::close || config_.repeats_horizon_ns <= 0)
        return false;
    return group.contains(entry.body) || recent_.contains(entry.body, time_ns);
}

bool journal_writer::write_all(
    std::span<const journal_entry> group, std::vector<placed_entry>& placed, std::int64_t time_ns, time_point now
)
{
    std::unordered_set<content_hash> bodies;
    for (std::size_t i = 0; i < group.size(); ++i) {
        placed_entry& to = placed[i];
        to.time_ns = time_ns;
        if (is_repeated(group[i], time_ns, bodies)) {
            to.fate = entry_fate::repeated;
            continue;
        }
        bodies.insert(group[i].body);
        to.fate = entry_fate::kept;
        to.number = next_number_++;
        to.hold = current_->hold;
        buffer(group[i], to.number, time_ns);
        if (!flush_if_large()) {
            abandon(now);
            return false;
        }
    }
    bool safe = flush();
    if (safe && config_.sync == sync_policy::always)
        safe = sync(now);
    else if (safe && config_.sync == sync_policy::interval)
        keep_unsynced(group, placed);
    if (!safe)
        abandon(now);
    return safe;
}

void journal_writer::buffer(const journal_entry& entry, std::uint64_t number, std::int64_t time_ns)
{
    frame_head head;
    head.number = number;
    head.synced = synced_number_;
    head.time_ns = time_ns;
    head.kind = entry.kind;
    const std::size_t sealed_bytes = entry.payload->size() + seal_tag_bytes;
    const std::string context = frame_context(head, sealed_bytes);
    char* const at = buffer_.extend(frame_head_bytes + sealed_bytes);
    write_head(current_->header, context, at);
    current_->seal.seal(number, context, *entry.payload, at + frame_head_bytes);
}

bool journal_writer::flush_if_large()
{
    return buffer_.fresh_bytes() < write_bytes_max || flush();
}

bool journal_writer::flush()
{
    if (buffer_.fresh_bytes() == 0)
        return true;
    const std::string_view blocks = buffer_.blocks();
    if (!current_->file->write(current_->whole_bytes, blocks)) {
        buffer_.clear();
        return false;
    }
    numbers_.bytes_written.add(blocks.size());
    segments_.resize(current_->ordinal, current_->whole_bytes + blocks.size());
    current_->bytes += buffer_.fresh_bytes();
    current_->whole_bytes += buffer_.keep_tail();
    return true;
}

bool journal_writer::sync(time_point now)
{
    if (!current_->file->sync())
        return false;
    numbers_.syncs.add();
    synced_number_ = next_number_ - 1;
    last_sync_ = now;
    unsynced_.clear();
    unsynced_bytes_ = 0;
    return true;
}

void journal_writer::keep_unsynced(std::span<const journal_entry> group, const std::vector<placed_entry>& placed)
{
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (placed[i].fate != entry_fate::kept)
            continue;
        unsynced_bytes_ += group[i].payload->size();
        unsynced_.push_back({group[i], placed[i]});
    }
}

std::optional<journal_writer::time_point> journal_writer::next_sync() const noexcept
{
    if (unsynced_.empty() || !healthy_)
        return std::nullopt;
    return last_sync_ + config_.sync_interval;
}

void journal_writer::tend(time_point now)
{
    const bool due = !unsynced_.empty() &&
                     (now >= last_sync_ + config_.sync_interval || unsynced_bytes_ >= config_.unsynced_bytes_max);
    if (healthy_ && due && !sync(now))
        abandon(now);
    // Neither what is only in the page cache nor whoever asks whether we are ready shall wait for the
    // next sender.
    if (!healthy_)
        make_ready(now);
}

bool journal_writer::make_ready(time_point now)
{
    if (!healthy_ && now < retry_at_)
        return false;
    if (current_ && current_->bytes >= config_.segment_bytes_max) {
        if (config_.sync != sync_policy::never && !unsynced_.empty() && !sync(now)) {
            abandon(now);
            return false;
        }
        current_.reset();
    }
    if (current_)
        return true;
    if (open_next(now))
        return true;
    abandon(now);
    return false;
}

bool journal_writer::open_next(time_point now)
{
    segment_header header;
    header.first_number = unsynced_.empty() ? next_number_ : unsynced_.front().placed.number;
    header.key_id = keys_.id();
    const std::string salt = random_bytes(salt_bytes);
    std::copy(salt.begin(), salt.end(), header.salt.begin());
    const std::uint64_t ordinal = segments_.next_ordinal();
    // Counted before it is there: a name that may have been used is not used again.
    shared_hold hold = segments_.add(ordinal, 0);
    auto file = files_.create(segment_name(ordinal));
    if (!file) {
        hold->keep();
        segments_.erase(ordinal);
        return false;
    }
    current_ = std::make_unique<open_segment>(
        ordinal, std::move(*file), header, keys_.sealer_of(header), std::move(hold)
    );
    buffer_.clear();
    const std::string encoded = encode_header(header);
    std::copy(encoded.begin(), encoded.end(), buffer_.extend(encoded.size()));
    if (!flush() || !rewrite_unsynced())
        return false;
    if (config_.sync != sync_policy::never && !sync(now))
        return false;
    current_->kept_bytes = current_->bytes;
    if (!healthy_)
        log_info(where, "writes succeed again, from segment " + segment_name(ordinal) + " on");
    healthy_ = true;
    show();
    return true;
}

bool journal_writer::rewrite_unsynced()
{
    for (unsynced_entry& one : unsynced_) {
        one.placed.hold->carry(current_->hold);
        buffer(one.entry, one.placed.number, one.placed.time_ns);
        if (!flush_if_large())
            return false;
    }
    return flush();
}

void journal_writer::abandon(time_point now)
{
    numbers_.failures.add();
    if (healthy_)
        log_error(where, "a write failed; requests are refused until one succeeds");
    healthy_ = false;
    retry_at_ = now + retry_delay;
    buffer_.clear();
    if (current_) {
        // Nobody was told that the rest is kept. If it stays nevertheless, a replay takes it, and a
        // sender that repeats it is recognised.
        const auto cut = files_.truncate(segment_name(current_->ordinal), current_->kept_bytes);
        if (cut)
            segments_.resize(current_->ordinal, current_->kept_bytes);
        current_.reset();
    }
    show();
}

void journal_writer::sweep()
{
    // Only this thread gives holds away, so that nobody can come in between.
    const bool idle = current_ && current_->hold.use_count() == 1 && current_->kept_bytes > segment_header_bytes;
    if (idle && unsynced_.empty())
        current_.reset();
    for (const std::uint64_t ordinal : segments_.take_served()) {
        if (files_.remove(segment_name(ordinal)))
            segments_.erase(ordinal);
        else
            segments_.serve_again(ordinal);
    }
    show();
}

void journal_writer::close(time_point now)
{
    if (!current_)
        return;
    if (config_.sync != sync_policy::never && !sync(now))
        abandon(now);
    current_.reset();
}

void journal_writer::show()
{
    numbers_.bytes.set(static_cast<std::int64_t>(segments_.bytes()));
    numbers_.segments.set(static_cast<std::int64_t>(segments_.size()));
    numbers_.healthy.set(healthy_ ? 1 : 0);
}

}  // namespace reprise::pipeline
