#pragma once

#include "minimise_pace.hpp"
#include "minimise_units.hpp"
#include "reduction.hpp"

#include "reprise/replay/minimise.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace reprise::replay {

// What all trials of one candidate said.
struct tally_of_trials {
    std::uint32_t fails = 0;
    std::uint32_t passes = 0;
    std::uint32_t unresolved = 0;
    std::string seen;  // By the last.

    std::uint32_t decided() const noexcept { return fails + passes; }
};

struct logged_trial {
    std::string key;
    trial_outcome outcome;
};

// The decisions of a minimisation. Everything follows from the source, the limits and what the trials of each
// candidate said, in order: so a state is a list of trials, and going on is asking the same questions again.
class minimiser::search {
public:
    search(minimise_source source, const minimise_limits& limits);

    // Trials of an earlier run, to be used before new ones are asked for.
    void add_earlier(std::vector<logged_trial> trials);

    std::optional<candidate> next();
    void take(trial_outcome outcome);
    void interrupt();

    const minimise_source& source() const noexcept { return source_; }
    minimise_end end() const noexcept { return end_; }
    std::uint32_t trials() const noexcept;
    minimise_result result() const;
    std::vector<logged_trial> log() const;

private:
    enum class question_kind : std::uint8_t { ladder, sureness, units, pace, copies, confirm };
    enum class answer : std::uint8_t { open, fails, passes, unresolved };

    struct question {
        question_kind kind = question_kind::ladder;
        scenario what;
        std::string key;
        std::string doing;
        bool asked = false;  // A trial was spent on it.
    };

    // Makes the next question, or moves to another stage and makes none.
    void ask();
    void ask_ladder();
    void ask_units();
    void ask_pace();
    void ask_copies();
    void set_question(question_kind kind, scenario what, std::string doing);

    answer decide(const question& asked) const;
    answer decide_by(const question& asked, std::uint32_t fails_needed, std::uint32_t passes_needed) const;
    void settle(answer given);
    void settle_ladder(answer given);
    void settle_sureness();
    void settle_copies(bool fails);
    void settle_confirm();

    void begin_units(minimise_stage stage, unit_list units);
    void end_units();
    void enter(minimise_stage stage);
    void enter_next();
    void start_over();
    void finish_search();
    void finish(minimise_end how);

    bool is_out_of_budget() const;
    void leave_for_lack_of_budget();
    void record(const std::string& key, trial_outcome outcome);
    bool use_earlier(const std::string& key);
    std::string why_kept(std::size_t unit) const;
    void note_removed(minimise_stage stage, std::string what);
    void note_copied();
    void note_pace(std::string what, bool fails);
    const tally_of_trials& tally(const std::string& key) const;
    std::uint32_t passes_for(double failing_share) const;

    minimise_source source_;
    minimise_limits limits_;
    minimise_end end_ = minimise_end::running;
    minimise_stage stage_ = minimise_stage::start;

    std::unordered_map<std::string, tally_of_trials> known_;
    std::unordered_map<std::string, std::deque<trial_outcome>> earlier_;
    std::size_t earlier_left_ = 0;
    std::vector<logged_trial> log_;
    std::int64_t time_ns_ = 0;

    std::optional<question> question_;
    std::optional<scenario> best_;
    std::uint32_t fails_needed_ = 1;
    std::uint32_t passes_needed_ = 1;
    std::uint32_t unresolved_in_row_ = 0;
    bool ask_best_again_ = false;      // Whether the target is still there.

    std::vector<alternative> ladder_;
    std::size_t ladder_at_ = 0;
    std::uint32_t ladder_round_ = 1;
    bool any_passed_ = false;

    std::optional<reduction> reduction_;
    unit_list units_;
    bool closed_requests_ = false;     // The requests were reduced together with what they need already.
    std::uint32_t body_level_ = 0;

    bool paces_listed_ = false;
    std::deque<alternative> paces_;
    bool groups_listed_ = false;
    std::deque<alternative> groups_;
    std::vector<std::size_t> copied_;  // Places whose number of copies is to be found.
    std::uint32_t too_few_ = 0;        // So many copies are too few ...
    std::string seen_with_too_few_;
    std::uint32_t enough_ = 0;         // ... so many are enough; 0: not begun.

    minimise_end out_of_ = minimise_end::minimal;
    std::uint32_t confirm_fails_before_ = 0;
    std::uint32_t confirm_decided_before_ = 0;
    minimise_result notes_;            // kept, removed, counts.
};

}  // namespace reprise::replay
