#include "minimise_search.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace reprise::replay {
namespace {

constexpr std::int64_t long_recording_ns = 2 * ns_per_s;
constexpr std::uint32_t ladder_rounds = 3;         // All that failed in none of them does not fail.
constexpr std::uint32_t sure_trials = 3;           // All failing: taken as certain.
constexpr std::uint32_t share_trials = 10;         // To learn the share when it is not certain.
constexpr double overlooked_max = 0.01;            // Chance to take what fails for what passes.
constexpr std::uint32_t passes_needed_max = 10;
constexpr std::uint32_t fails_needed_max = 3;
constexpr std::uint32_t unresolved_trials = 2;     // Of one candidate.
constexpr std::uint32_t unresolved_in_row_max = 3; // Then the target may be gone.

std::vector<alternative> make_ladder(const minimise_source& source)
{
    std::vector<alternative> ladder;
    if (source.named) {
        std::vector<bool> kept(source.all.requests.size());
        kept[*source.named] = true;
        scenario alone = keep_requests(source.all, closed(std::move(kept), source.needs));
        ladder.push_back({"the failing request with what it needs", one_after_the_other(std::move(alone))});
    }
    ladder.push_back({"all requests, one after the other", one_after_the_other(source.all)});
    if (source.all.pacing != pacing::recorded)
        return ladder;
    // Trials at recorded times last as long as the capture did.
    auto shorter = with_short_gaps(source.all);
    if (shorter && source.all.requests.back().at_ns > long_recording_ns)
        ladder.push_back({"all requests with short gaps", std::move(*shorter)});
    ladder.push_back({"all requests at their recorded times", source.all});
    return ladder;
}

}  // namespace

minimiser::search::search(minimise_source source, const minimise_limits& limits)
    : source_(std::move(source)), limits_(limits), ladder_(make_ladder(source_))
{
    assert(is_watching(source_.all));
}

void minimiser::search::add_earlier(std::vector<logged_trial> trials)
{
    earlier_left_ += trials.size();
    for (logged_trial& one : trials) {
        time_ns_ += one.outcome.took_ns;
        earlier_[one.key].push_back(std::move(one.outcome));
    }
}

std::optional<candidate> minimiser::search::next()
{
    while (end_ == minimise_end::running) {
        if (ask_best_again_) {
            const std::string key = content_key(*best_);
            if (use_earlier(key))
                continue;
            return candidate{*best_, key, stage_, "whether the target is still there"};
        }
        if (!question_) {
            ask();
            continue;
        }
        const answer given = decide(*question_);
        if (given != answer::open) {
            notes_.known_again += question_->asked ? 0U : 1U;
            settle(given);
            continue;
        }
        if (use_earlier(question_->key)) {
            if (question_)
                question_->asked = true;
            continue;
        }
        if (is_out_of_budget()) {
            leave_for_lack_of_budget();
            continue;
        }
        return candidate{question_->what, question_->key, stage_, question_->doing};
    }
    return std::nullopt;
}

void minimiser::search::take(trial_outcome outcome)
{
    assert(ask_best_again_ || question_);
    time_ns_ += outcome.took_ns;
    if (question_ && !ask_best_again_)
        question_->asked = true;
    record(ask_best_again_ ? content_key(*best_) : question_->key, std::move(outcome));
}

void minimiser::search::interrupt()
{
    if (end_ == minimise_end::running)
        end_ = minimise_end::interrupted;
}

void minimiser::search::record(const std::string& key, trial_outcome outcome)
{
    tally_of_trials& sum = known_[key];
    sum.seen = outcome.seen;
    sum.fails += outcome.verdict == trial_verdict::fails ? 1U : 0U;
    sum.passes += outcome.verdict == trial_verdict::passes ? 1U : 0U;
    const bool resolved = outcome.verdict != trial_verdict::unresolved;
    sum.unresolved += resolved ? 0U : 1U;
    unresolved_in_row_ = resolved ? 0 : unresolved_in_row_ + 1;
    any_passed_ = any_passed_ || outcome.verdict == trial_verdict::passes;
    notes_.last_seen = outcome.seen;
    log_.push_back({key, std::move(outcome)});
    if (ask_best_again_) {
        ask_best_again_ = false;
        if (!resolved)
            finish(minimise_end::unavailable);
        unresolved_in_row_ = 0;  // The target is there: what was asked before cannot be answered by it.
    } else if (unresolved_in_row_ >= unresolved_in_row_max) {
        ask_best_again_ = best_.has_value();
        if (!best_)
            finish(minimise_end::unavailable);
    }
}

bool minimiser::search::use_earlier(const std::string& key)
{
    const auto found = earlier_.find(key);
    if (found == earlier_.end())
        return false;
    trial_outcome outcome = std::move(found->second.front());
    found->second.pop_front();
    --earlier_left_;
    if (found->second.empty())
        earlier_.erase(found);
    record(key, std::move(outcome));
    return true;
}

const tally_of_trials& minimiser::search::tally(const std::string& key) const
{
    static const tally_of_trials none;
    const auto found = known_.find(key);
    return found == known_.end() ? none : found->second;
}

std::uint32_t minimiser::search::trials() const noexcept
{
    return static_cast<std::uint32_t>(log_.size() + earlier_left_);
}

bool minimiser::search::is_out_of_budget() const
{
    const bool is_last = question_->kind == question_kind::confirm;
    const std::uint32_t reserve = is_last ? 0 : std::min(limits_.confirmations, limits_.trials_max / 4);
    const std::int64_t time_reserve = is_last ? 0 : limits_.time_max_ns / 10;
    return trials() >= limits_.trials_max - reserve || time_ns_ >= limits_.time_max_ns - time_reserve;
}

void minimiser::search::leave_for_lack_of_budget()
{
    const bool no_time = time_ns_ >= limits_.time_max_ns - limits_.time_max_ns / 10;
    const auto how = no_time ? minimise_end::out_of_time : minimise_end::out_of_trials;
    if (!best_)
        return finish(how);
    if (question_->kind == question_kind::confirm) {
        if (out_of_ == minimise_end::minimal)
            out_of_ = how;
        return settle_confirm();
    }
    out_of_ = how;
    if (reduction_)
        end_units();
    question_.reset();
    enter(minimise_stage::confirm);
}

minimiser::search::answer minimiser::search::decide(const question& asked) const
{
    const tally_of_trials& sum = tally(asked.key);
    switch (asked.kind) {
    case question_kind::ladder: return decide_by(asked, fails_needed_, std::max(ladder_round_, passes_needed_));
    case question_kind::sureness: {
        const std::uint32_t wanted = sum.passes > 0 ? share_trials : sure_trials;
        return sum.decided() >= wanted || sum.unresolved >= unresolved_trials ? answer::fails : answer::open;
    }
    case question_kind::confirm: {
        const std::uint32_t fresh = sum.decided() - confirm_decided_before_;
        return fresh >= limits_.confirmations ? answer::fails : answer::open;
    }
    case question_kind::units:
    case question_kind::pace:
    case question_kind::copies: break;
    }
    return decide_by(asked, fails_needed_, passes_needed_);
}

minimiser::search::answer minimiser::search::decide_by(
    const question& asked, std::uint32_t fails_needed, std::uint32_t passes_needed
) const
{
    if (!is_watching(asked.what))
        return answer::passes;  // Nothing is judged, so nothing can show.
    const tally_of_trials& sum = tally(asked.key);
    if (sum.fails >= fails_needed)
        return answer::fails;
    if (sum.passes >= passes_needed)
        return answer::passes;
    return sum.unresolved >= unresolved_trials ? answer::unresolved : answer::open;
}

void minimiser::search::settle(answer given)
{
    const question settled = std::move(*question_);
    question_.reset();
    const bool fails = given == answer::fails;
    switch (settled.kind) {
    case question_kind::ladder:
        if (fails)
            best_ = settled.what;
        return settle_ladder(given);
    case question_kind::sureness: return settle_sureness();
    case question_kind::confirm: return settle_confirm();
    case question_kind::units:
        if (fails)
            best_ = settled.what;
        return reduction_->take(fails);
    case question_kind::pace: {
        const std::string name = paces_.front().name;
        paces_.pop_front();
        note_pace(name, fails);
        if (!fails)
            return;
        best_ = settled.what;
        return paces_.clear();
    }
    case question_kind::copies:
        if (fails)
            best_ = settled.what;
        return settle_copies(fails);
    }
}

void minimiser::search::settle_ladder(answer given)
{
    if (given == answer::fails)
        return;
    if (++ladder_at_ < ladder_.size())
        return;
    ladder_at_ = 0;
    if (++ladder_round_ > ladder_rounds)
        finish(any_passed_ ? minimise_end::does_not_fail : minimise_end::unavailable);
}

std::uint32_t minimiser::search::passes_for(double failing_share) const
{
    if (failing_share >= 1)
        return 1;
    const double needed = std::ceil(std::log(overlooked_max) / std::log(1 - std::max(failing_share, 0.05)));
    return static_cast<std::uint32_t>(std::clamp(needed, 2.0, static_cast<double>(passes_needed_max)));
}

void minimiser::search::settle_sureness()
{
    const tally_of_trials& sum = tally(content_key(*best_));
    if (sum.passes > 0)
        passes_needed_ = std::max(passes_needed_, passes_for(static_cast<double>(sum.fails) / sum.decided()));
    enter(minimise_stage::requests);
}

void minimiser::search::settle_confirm()
{
    question_.reset();
    const tally_of_trials& sum = tally(content_key(*best_));
    notes_.confirm_trials = sum.decided() - confirm_decided_before_;
    notes_.confirmed = sum.fails - confirm_fails_before_;
    const bool all = notes_.confirmed == notes_.confirm_trials;
    if (all || out_of_ != minimise_end::minimal)
        return finish(notes_.confirmed > 0 || notes_.confirm_trials == 0 ? out_of_ : minimise_end::unconfirmed);
    if (notes_.confirmed == 0) {
        // What was taken for the failure was something else: believe less and begin again.
        if (fails_needed_ >= fails_needed_max)
            return finish(minimise_end::unconfirmed);
        ++fails_needed_;
        return start_over();
    }
    const std::uint32_t needed = passes_for(static_cast<double>(notes_.confirmed) / notes_.confirm_trials);
    if (needed <= passes_needed_)
        return finish(minimise_end::minimal);
    // It does not always fail: what passed once may fail, too.
    passes_needed_ = needed;
    enter(minimise_stage::requests);
}

void minimiser::search::finish(minimise_end how)
{
    end_ = how;
    stage_ = minimise_stage::finished;
    question_.reset();
}

std::vector<logged_trial> minimiser::search::log() const
{
    std::vector<logged_trial> all = log_;
    // The target was gone: asked again after a resumption.
    if (end_ == minimise_end::unavailable) {
        while (!all.empty() && all.back().outcome.verdict == trial_verdict::unresolved)
            all.pop_back();
    }
    for (const auto& [key, outcomes] : std::map(earlier_.begin(), earlier_.end())) {
        for (const trial_outcome& outcome : outcomes)
            all.push_back({key, outcome});
    }
    return all;
}

minimise_result minimiser::search::result() const
{
    minimise_result made = notes_;
    made.end = end_;
    made.smallest = best_;
    made.trials = trials();
    made.time_ns = time_ns_;
    return made;
}

}  // namespace reprise::replay
