#pragma once

#include "reprise/base/error.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/pipeline/intake.hpp"
#include "reprise/pipeline/journal.hpp"

#include <functional>
#include <string>

namespace reprise::pipeline {

class stream;

// The intake of a server that forgets nothing: a batch gets its room in the stream, then its place in
// the journal, then enters the windows and is acknowledged. Decisions of the stream's window clock go
// the same way. Journal, stream and metrics must outlive it; the journal must be stopped before it ends.
class kept_intake final : public intake {
public:
    kept_intake(journal& log, stream& windows, metrics& numbers);

    // What the last process kept, into the windows. Before journal::start(), on the caller's thread;
    // `pace` as for journal::replay().
    result<replay_report> replay(const std::function<void()>& pace);

    bool has_room(std::size_t bytes) override;
    void offer(arrival what, taken_handler done) override;

private:
    void take_stored(stored_entry entry);
    void keep_unreadable(const stored_entry& entry, const std::string& why);

    journal& log_;
    stream& windows_;
    counter& full_;
    counter& unreadable_;
};

}  // namespace reprise::pipeline
