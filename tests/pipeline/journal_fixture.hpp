#pragma once

#include "../../server/pipeline/journal_replay.hpp"
#include "../../server/pipeline/journal_writer.hpp"

#include "pipeline/memory_files.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise::test {

inline const std::string master_key(32, 'm');

// The parts of a journal on a disk in memory, stepped by hand: one life from open() to the end of the
// process, which is not asked whether it wants to end.
class journal_life {
public:
    journal_life(memory_disk& disk, pipeline::journal_config config) : config_(config), files_(disk) {}

    // What was there.
    std::vector<pipeline::stored_entry> open()
    {
        std::vector<pipeline::stored_entry> stored;
        pipeline::journal_replay replay(keys_, files_, segments_, recent_, numbers_);
        report = replay.run([&stored](pipeline::stored_entry entry) { stored.push_back(std::move(entry)); }, [] {});
        writer_ = std::make_unique<pipeline::journal_writer>(
            config_, keys_, files_, segments_, recent_, numbers_, replay.last_number() + 1
        );
        return stored;
    }

    std::vector<pipeline::placed_entry> write(const std::vector<std::string>& payloads)
    {
        std::vector<pipeline::journal_entry> group;
        for (const std::string& text : payloads) {
            pipeline::journal_entry entry;
            entry.payload = std::make_shared<const std::string>(text);
            entry.body = hash_content(text, keys_.body_seed());
            group.push_back(std::move(entry));
        }
        return writer_->write(group, time_ns, now);
    }

    pipeline::placed_entry write_one(const std::string& payload) { return write({payload}).at(0); }

    std::uint64_t bytes() const { return segments_.bytes(); }
    pipeline::journal_writer& writer() { return *writer_; }
    pipeline::journal_numbers& numbers() { return numbers_; }

    result<pipeline::replay_report> report;
    std::int64_t time_ns = 1'790'000'000'000'000'000;
    pipeline::journal_writer::time_point now{std::chrono::hours(1)};

private:
    pipeline::journal_config config_;
    metrics counts_;
    memory_files files_;
    pipeline::journal_keys keys_{master_key};
    pipeline::segment_book segments_;
    pipeline::recent_bodies recent_{config_.repeats_max, config_.repeats_horizon_ns};
    pipeline::journal_numbers numbers_{counts_};
    std::unique_ptr<pipeline::journal_writer> writer_;
};

inline std::vector<std::string> payloads_of(const std::vector<pipeline::stored_entry>& entries)
{
    std::vector<std::string> payloads;
    for (const pipeline::stored_entry& entry : entries)
        payloads.push_back(entry.payload);
    return payloads;
}

}  // namespace reprise::test
