#pragma once

#include "journal_files.hpp"
#include "journal_keys.hpp"
#include "recent_bodies.hpp"
#include "segment_book.hpp"

#include "reprise/pipeline/journal.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace reprise::pipeline {

struct journal_numbers;

// Reads what is on disk, oldest segment first, and hands its entries over in their order, each once
// (an entry may have been written twice after a failed sync). Leaves the files so that the next replay
// finds the same entries. Blocks on the files. Lives for one run.
class journal_replay {
public:
    journal_replay(
        const journal_keys& keys, journal_files& files, segment_book& segments, recent_bodies& recent,
        journal_numbers& numbers
    )
        : keys_(keys), files_(files), segments_(segments), recent_(recent), numbers_(numbers)
    {
    }

    // As journal::replay().
    result<replay_report> run(
        const std::function<void(stored_entry)>& take, const std::function<void()>& pace
    );

    // Of the newest entry found, or 0.
    std::uint64_t last_number() const noexcept { return last_number_; }

private:
    result<void> read_segment(const std::string& name, const std::function<void(stored_entry)>& take);
    result<void> refuse_segment(const std::string& name, const std::string& bytes);
    result<void> mend(const std::string& name, const std::string& bytes, const parsed_segment& parsed);
    result<void> give(
        const parsed_segment& segment, const shared_hold& hold, const std::function<void(stored_entry)>& take
    );
    void note(const std::string& name, const damage& found);

    const journal_keys& keys_;
    journal_files& files_;
    segment_book& segments_;
    recent_bodies& recent_;
    journal_numbers& numbers_;
    replay_report report_;
    std::uint64_t last_number_ = 0;
};

}  // namespace reprise::pipeline
