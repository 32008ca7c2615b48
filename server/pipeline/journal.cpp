#include "reprise/pipeline/journal.hpp"

#include "journal_replay.hpp"
#include "journal_writer.hpp"

#include "reprise/base/log.hpp"
#include "reprise/pipeline/moment.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace reprise::pipeline {
namespace {

// How late a segment that has served may be deleted, and a failed disk be tried again.
constexpr std::chrono::milliseconds rest{200};

}  // namespace

struct journal::parts {
    parts(
        std::unique_ptr<journal_files> files_in, const journal_config& config_in, std::string_view master_key,
        const clock& time_in, metrics& numbers_in
    )
        : config(config_in), keys(master_key), files(std::move(files_in)), time(time_in), numbers(numbers_in),
          recent(config.repeats_max, config.repeats_horizon_ns)
    {
    }

    using steady = journal_writer::time_point;
    using done_handler = std::function<void(placed_entry)>;

    struct waiting_entry {
        journal_entry entry;
        done_handler done;
    };

    void run();
    void write(std::vector<waiting_entry> waiting);
    steady next_wake(steady now) const;

    const journal_config config;
    const journal_keys keys;
    const std::unique_ptr<journal_files> files;
    const clock& time;
    journal_numbers numbers;
    segment_book segments;
    recent_bodies recent;
    std::uint64_t next_number = 1;
    wall_guard wall;
    std::unique_ptr<journal_writer> writer;  // Used by the thread alone, once it runs.
    std::atomic<bool> healthy{true};

    std::mutex mutex;
    std::condition_variable changed;
    std::condition_variable settled;
    std::vector<waiting_entry> queue;
    bool writing = false;
    bool stopping = false;
    std::thread thread;
};

void journal::parts::run()
{
    std::unique_lock lock(mutex);
    for (;;) {
        changed.wait_until(lock, next_wake(std::chrono::steady_clock::now()), [this] {
            return stopping || !queue.empty();
        });
        const bool last_round = stopping && queue.empty();
        auto waiting = std::exchange(queue, {});
        writing = !waiting.empty();
        lock.unlock();
        if (!waiting.empty())
            write(std::move(waiting));
        const auto now = std::chrono::steady_clock::now();
        if (last_round)
            writer->close(now);
        else
            writer->tend(now);
        writer->sweep();
        healthy.store(writer->healthy());
        lock.lock();
        writing = false;
        settled.notify_all();
        if (last_round)
            return;
    }
}

journal::parts::steady journal::parts::next_wake(steady now) const
{
    const auto sync = writer->next_sync();
    return std::min(now + rest, sync.value_or(now + rest));
}

void journal::parts::write(std::vector<waiting_entry> waiting)
{
    std::vector<journal_entry> group;
    group.reserve(waiting.size());
    for (const waiting_entry& one : waiting)
        group.push_back(one.entry);
    const moment now = wall.observe(time.now_ns(), time.steady_ns());
    std::vector<placed_entry> placed = writer->write(group, now.wall_ns, std::chrono::steady_clock::now());
    healthy.store(writer->healthy());
    for (std::size_t i = 0; i < waiting.size(); ++i)
        waiting[i].done(std::move(placed[i]));
}

journal::journal(
    std::unique_ptr<journal_files> files, journal_config config, std::string_view master_key, const clock& time,
    metrics& numbers
)
    : parts_(std::make_unique<parts>(std::move(files), config, master_key, time, numbers))
{
}

journal::~journal()
{
    stop();
}

result<std::unique_ptr<journal>> journal::open(
    const std::filesystem::path& directory, journal_config config, std::string_view master_key, const clock& time,
    metrics& numbers, std::string& problem
)
{
    auto files = open_journal_files(directory);
    if (!files) {
        problem = directory.string() + ": cannot be used; give the directory to the user of the server";
        return files.error();
    }
    return std::make_unique<journal>(std::move(*files), config, master_key, time, numbers);
}

result<replay_report> journal::replay(
    const std::function<void(stored_entry)>& take, const std::function<void()>& pace
)
{
    parts& all = *parts_;
    journal_replay replay(all.keys, *all.files, all.segments, all.recent, all.numbers);
    auto report = replay.run(take, pace);
    all.next_number = replay.last_number() + 1;
    return report;
}

void journal::start()
{
    parts& all = *parts_;
    all.writer = std::make_unique<journal_writer>(
        all.config, all.keys, *all.files, all.segments, all.recent, all.numbers, all.next_number
    );
    all.thread = std::thread([&all] { all.run(); });
}

bool journal::has_room(std::size_t bytes) const noexcept
{
    return parts_->segments.bytes() + bytes <= parts_->config.bytes_max;
}

bool journal::healthy() const noexcept
{
    return parts_->healthy.load();
}

content_hash journal::hash_of(std::string_view payload) const noexcept
{
    return hash_content(payload, parts_->keys.body_seed());
}

void journal::append(journal_entry entry, std::function<void(placed_entry)> done)
{
    parts& all = *parts_;
    bool refused = false;
    {
        const std::lock_guard lock(all.mutex);
        refused = all.stopping;
        if (!refused)
            all.queue.push_back({std::move(entry), std::move(done)});
    }
    // Whoever wakes up needs the mutex.
    if (refused)
        done({});
    else
        all.changed.notify_one();
}

void journal::settle()
{
    parts& all = *parts_;
    std::unique_lock lock(all.mutex);
    all.settled.wait(lock, [&all] { return all.queue.empty() && !all.writing; });
}

void journal::stop()
{
    parts& all = *parts_;
    {
        const std::lock_guard lock(all.mutex);
        all.stopping = true;
    }
    all.changed.notify_one();
    if (all.thread.joinable())
        all.thread.join();
    all.segments.close();
}

bool has_segments(const std::filesystem::path& directory)
{
    std::error_code ec;
    if (!std::filesystem::is_directory(directory, ec))
        return false;
    auto files = open_journal_files(directory);
    const auto names = files ? (*files)->list() : result<std::vector<std::string>>(files.error());
    return names && !names->empty();
}

result<journal_summary> inspect_journal(const std::filesystem::path& directory, std::string_view master_key)
{
    journal_summary summary;
    std::error_code ec;
    if (!std::filesystem::exists(directory, ec))
        return summary;
    auto files = open_journal_files(directory);
    if (!files)
        return files.error();
    const auto names = (*files)->list();
    if (!names)
        return names.error();
    const journal_keys keys(master_key);
    for (const std::string& name : *names) {
        const auto bytes = (*files)->read(name);
        if (!bytes)
            return bytes.error();
        ++summary.segments;
        summary.bytes += bytes->size();
        const auto header = parse_header(*bytes);
        if (!header && header.error() == errc::conflict) {
            ++summary.later_version;
            continue;
        }
        if (!header) {
            summary.damages.push_back({name, 0, bytes->size(), bytes->size() < segment_header_bytes});
            continue;
        }
        const bool is_ours = header->key_id == keys.id();
        summary.other_key += is_ours ? 0U : 1U;
        const auto parsed = parse_segment(*bytes, is_ours ? keys.check_of(*header) : seal_check());
        if (!parsed)
            return parsed.error();
        summary.entries += parsed->frames.size();
        for (const damage& one : parsed->damages)
            summary.damages.push_back({name, one.offset, one.bytes, one.kind == damage_kind::torn});
    }
    const std::filesystem::path damaged = directory / damaged_directory;
    for (std::filesystem::directory_iterator at(damaged, ec), end; !ec && at != end; at.increment(ec))
        ++summary.set_aside;
    return summary;
}

}  // namespace reprise::pipeline
