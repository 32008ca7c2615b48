#include "minimise_search.hpp"

#include <set>
#include <utility>

// The stages of a search: which questions are asked, in which order.
namespace reprise::replay {
namespace {

std::string count_of(std::size_t part, std::size_t whole, std::string_view what)
{
    return std::to_string(part) + " of " + std::to_string(whole) + " " + std::string(what);
}

std::string_view units_text(minimise_stage stage)
{
    switch (stage) {
    case minimise_stage::requests: return "requests";
    case minimise_stage::headers: return "headers";
    case minimise_stage::query: return "query fields";
    default: return "parts of bodies";
    }
}

std::vector<bool> flags_of(const std::vector<std::size_t>& units, std::size_t count)
{
    std::vector<bool> flags(count);
    for (const std::size_t unit : units)
        flags[unit] = true;
    return flags;
}

}  // namespace

void minimiser::search::set_question(question_kind kind, scenario what, std::string doing)
{
    question asked;
    asked.kind = kind;
    asked.key = content_key(what);
    asked.what = std::move(what);
    asked.doing = std::move(doing);
    question_ = std::move(asked);
}

void minimiser::search::ask()
{
    switch (stage_) {
    case minimise_stage::start: return ask_ladder();
    case minimise_stage::pace: return ask_pace();
    case minimise_stage::requests:
    case minimise_stage::headers:
    case minimise_stage::query:
    case minimise_stage::body: return ask_units();
    case minimise_stage::confirm:
        return set_question(question_kind::confirm, *best_, "whether the smallest fails again");
    case minimise_stage::finished: break;
    }
}

void minimiser::search::ask_ladder()
{
    if (best_)
        return set_question(question_kind::sureness, *best_, "whether it always fails");
    const alternative& step = ladder_[ladder_at_];
    set_question(question_kind::ladder, step.what, step.name);
}

void minimiser::search::ask_units()
{
    const auto kept = reduction_->next();
    if (!kept) {
        end_units();
        return enter_next();
    }
    const std::size_t count = units_.names.size();
    set_question(
        question_kind::units, units_.apply(flags_of(*kept, count)), count_of(kept->size(), count, units_text(stage_))
    );
}

void minimiser::search::ask_pace()
{
    if (!std::exchange(paces_listed_, true)) {
        const auto list = simpler_paces(*best_, needs_within(*best_, source_.all, source_.needs));
        paces_.assign(list.begin(), list.end());
    }
    if (!paces_.empty())
        return set_question(question_kind::pace, paces_.front().what, paces_.front().name);
    if (!std::exchange(groups_listed_, true)) {
        const auto list = copied_groups(*best_);
        groups_.assign(list.begin(), list.end());
        copied_ = copied_requests(*best_);
    }
    ask_copies();
}

// First whether copies of one request do for a group of several, then how few copies do.
void minimiser::search::ask_copies()
{
    if (!groups_.empty())
        return set_question(question_kind::copies, groups_.front().what, groups_.front().name);
    if (copied_.empty())
        return enter_next();
    const scenario_request& one = best_->requests[copied_.back()];
    if (enough_ == 0) {
        too_few_ = 0;
        enough_ = one.copies;
        seen_with_too_few_.clear();
    }
    if (enough_ - too_few_ <= 1) {
        if (enough_ > 1) {
            const std::string fewer = "with " + std::to_string(too_few_) + " of them " + seen_with_too_few_;
            notes_.kept.push_back(
                {minimise_stage::pace, std::to_string(enough_) + " copies at once of " + request_name(one),
                 seen_with_too_few_.empty() ? "" : fewer}
            );
        }
        enough_ = 0;
        copied_.pop_back();
        return;
    }
    scenario fewer = *best_;
    fewer.requests[copied_.back()].copies = (too_few_ + enough_) / 2;
    const std::string doing = std::to_string((too_few_ + enough_) / 2) + " copies at once";
    set_question(question_kind::copies, std::move(fewer), doing);
}

void minimiser::search::settle_copies(bool fails)
{
    if (!groups_.empty()) {
        groups_.pop_front();
        if (fails) {
            note_copied();
            groups_listed_ = false;  // The other groups are to be made from what is left now.
        }
        return;
    }
    const std::uint32_t tried = (too_few_ + enough_) / 2;
    if (fails) {
        enough_ = tried;
        return;
    }
    too_few_ = tried;
    scenario fewer = *best_;
    fewer.requests[copied_.back()].copies = tried;
    seen_with_too_few_ = tally(content_key(fewer)).seen;
}

void minimiser::search::note_pace(std::string what, bool fails)
{
    if (fails)
        note_removed(minimise_stage::pace, "the recorded times: it fails " + std::move(what));
}

// Copies of one request took the place of others.
void minimiser::search::note_copied()
{
    std::set<std::string> left;
    for (const scenario_request& one : best_->requests)
        left.insert(request_name(one));
    const auto is_gone = [&](const part_note& note) {
        return note.stage == minimise_stage::requests && !left.contains(note.what);
    };
    for (const part_note& note : notes_.kept) {
        if (is_gone(note))
            note_removed(note.stage, note.what);
    }
    std::erase_if(notes_.kept, is_gone);
}

void minimiser::search::note_removed(minimise_stage stage, std::string what)
{
    ++notes_.removed_count;
    if (notes_.removed.size() < removed_notes_max)
        notes_.removed.push_back({stage, std::move(what), ""});
}

void minimiser::search::begin_units(minimise_stage stage, unit_list units)
{
    stage_ = stage;
    units_ = std::move(units);
    reduction_.emplace(units_.names.size());
}

void minimiser::search::end_units()
{
    const auto kept = flags_of(reduction_->kept(), units_.names.size());
    // What stays only because something else needs it is looked at once more by itself, unless the budget is spent.
    const bool again = stage_ == minimise_stage::requests && !closed_requests_ && out_of_ == minimise_end::minimal;
    std::set<std::string> left;
    if (stage_ == minimise_stage::requests) {
        for (const scenario_request& one : best_->requests)
            left.insert(request_name(one));
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const bool stays = kept[i] || left.contains(units_.names[i]);
        if (!stays)
            note_removed(stage_, units_.names[i]);
        else if (!again)
            notes_.kept.push_back({stage_, units_.names[i], why_kept(i)});
    }
    reduction_.reset();
}

// What came of the smallest without this one.
std::string minimiser::search::why_kept(std::size_t unit) const
{
    auto flags = flags_of(reduction_->kept(), units_.names.size());
    flags[unit] = false;
    const scenario without = units_.apply(flags);
    if (!is_watching(without))
        return "its answer is what is judged";
    const tally_of_trials& sum = tally(content_key(without));
    return sum.seen.empty() ? "not tried without it" : "without it " + sum.seen;
}

void minimiser::search::enter(minimise_stage stage)
{
    const auto forget_notes = [this](minimise_stage of) {
        std::erase_if(notes_.kept, [of](const part_note& note) { return note.stage == of; });
    };
    stage_ = stage;
    switch (stage) {
    case minimise_stage::requests:
        forget_notes(stage);
        closed_requests_ = false;
        return begin_units(stage, request_units(*best_, needs_within(*best_, source_.all, source_.needs)));
    case minimise_stage::pace:
        forget_notes(stage);
        paces_listed_ = groups_listed_ = false;
        enough_ = 0;
        return;
    case minimise_stage::headers: forget_notes(stage); return begin_units(stage, header_units(*best_));
    case minimise_stage::query: forget_notes(stage); return begin_units(stage, query_units(*best_));
    case minimise_stage::body:
        forget_notes(stage);
        body_level_ = 0;
        return begin_units(stage, body_units(*best_, 0));
    case minimise_stage::confirm: {
        const tally_of_trials& sum = tally(content_key(*best_));
        confirm_fails_before_ = sum.fails;
        confirm_decided_before_ = sum.decided();
        return;
    }
    case minimise_stage::start:
    case minimise_stage::finished: return;
    }
}

void minimiser::search::enter_next()
{
    switch (stage_) {
    case minimise_stage::requests:
        if (std::exchange(closed_requests_, true))
            return enter(minimise_stage::pace);
        // Once more without regard to what needs what: a login that makes no difference can go.
        return begin_units(stage_, request_units(*best_, {}));
    case minimise_stage::pace: return enter(minimise_stage::headers);
    case minimise_stage::headers: return enter(minimise_stage::query);
    case minimise_stage::query: return enter(minimise_stage::body);
    case minimise_stage::body:
        if (++body_level_ < count_body_levels(*best_))
            return begin_units(stage_, body_units(*best_, body_level_));
        return enter(minimise_stage::confirm);
    default: return;
    }
}

void minimiser::search::start_over()
{
    best_.reset();
    notes_.kept.clear();
    notes_.removed.clear();
    notes_.removed_count = 0;
    ladder_at_ = 0;
    ladder_round_ = 1;
    stage_ = minimise_stage::start;
}

}  // namespace reprise::replay
