#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/lifecycle/run_machine.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

// The tables are checked as graphs, and against a second copy of the design written by hand.
namespace reprise::lifecycle {
namespace {

using model::incident_status;

template <class State>
using graph = std::map<State, std::set<State>>;

template <class Edges>
auto graph_of(const Edges& edges)
{
    graph<std::remove_const_t<decltype(edges.front().from)>> found;
    for (const auto& edge : edges)
        found[edge.from].insert(edge.to);
    return found;
}

template <class State>
std::set<State> reachable(const graph<State>& edges, State start)
{
    std::set<State> seen = {start};
    std::vector<State> open = {start};
    while (!open.empty()) {
        const State state = open.back();
        open.pop_back();
        const auto next = edges.find(state);
        if (next == edges.end())
            continue;
        for (const State one : next->second) {
            if (seen.insert(one).second)
                open.push_back(one);
        }
    }
    return seen;
}

template <class State>
std::vector<State> all(State last)
{
    std::vector<State> states;
    for (int value = 0; value <= static_cast<int>(last); ++value)
        states.push_back(static_cast<State>(value));
    return states;
}

const auto statuses = all(incident_status::rejected);
constexpr std::array causes = {change_cause::work, change_cause::person, change_cause::gate,
                               change_cause::policy, change_cause::seen_again, change_cause::replay};

// The design's table of statuses, word by word.
const std::map<std::string, std::string> designed = {
    {"detected", "reproducing diagnosing noise duplicate needs_human wontfix resolved"},
    {"reproducing", "reproduced needs_human wontfix resolved"},
    {"reproduced", "diagnosing submitted rejected needs_human wontfix resolved"},
    {"diagnosing", "diagnosed needs_human wontfix resolved"},
    {"diagnosed", "fixing submitted needs_human wontfix resolved"},
    {"fixing", "submitted rejected needs_human wontfix resolved"},
    {"submitted", "resolved fixing rejected needs_human wontfix"},
    {"resolved", "detected"},
    // The last three only as the way back of a replayed dead letter.
    {"needs_human", "detected submitted diagnosed fixing resolved wontfix rejected reproducing reproduced diagnosing"},
    {"wontfix", "detected"},
    {"noise", "detected"},
    {"duplicate", "detected"},
    {"rejected", "detected"},
};

bool is_designed(incident_status from, incident_status to)
{
    const std::string row = " " + designed.at(std::string(model::to_text(from))) + " ";
    return row.find(" " + std::string(model::to_text(to)) + " ") != std::string::npos;
}

model::incident incident_in(incident_status status, std::string_view phase)
{
    model::incident incident;
    incident.id = "01INCIDENT";
    incident.status = status;
    incident.phase = phase;
    // The reason that closes no edge.
    if (status == incident_status::needs_human)
        incident.reason = "dead_letter";
    return incident;
}

incident_change change_to(incident_status to, change_cause cause)
{
    incident_change change;
    change.to = to;
    change.cause = cause;
    change.reason = "flaky";
    change.now_ns = 42;
    return change;
}

TEST(model_check, the_incident_table_is_the_designed_one_for_every_pair)
{
    for (const auto from : statuses) {
        for (const auto to : statuses) {
            if (from == to)
                continue;
            bool open = false;
            for (const auto cause : causes)
                open = open || apply(incident_in(from, ""), change_to(to, cause)).has_value();
            EXPECT_EQ(open, is_designed(from, to)) << model::to_text(from) << " -> " << model::to_text(to);
        }
    }
}

TEST(model_check, an_illegal_change_is_refused_for_every_pair_cause_and_phase)
{
    std::size_t refused = 0;
    for (const incident_phase& phase : incident_phases()) {
        for (const auto to : statuses) {
            for (const auto cause : causes) {
                bool listed = false;
                for (const incident_edge& edge : incident_edges())
                    listed = listed || (edge.from == phase.status && edge.to == to && edge.open_for(cause));
                if (listed || to == phase.status)
                    continue;
                const auto changed = apply(incident_in(phase.status, phase.name), change_to(to, cause));
                ASSERT_FALSE(changed) << model::to_text(phase.status) << " -> " << model::to_text(to);
                EXPECT_EQ(changed.error(), errc::illegal_transition);
                ++refused;
            }
        }
    }
    EXPECT_GT(refused, 1'000U);
}

TEST(model_check, every_status_is_reached_from_detected)
{
    EXPECT_EQ(reachable(graph_of(incident_edges()), incident_status::detected).size(), statuses.size());
}

// Without the replay of dead letters, which needs one first.
graph<incident_status> edges_without_replay()
{
    graph<incident_status> edges;
    for (const incident_edge& edge : incident_edges()) {
        for (const auto cause : causes) {
            if (cause != change_cause::replay && edge.open_for(cause))
                edges[edge.from].insert(edge.to);
        }
    }
    return edges;
}

TEST(model_check, no_status_is_dead_and_from_each_one_a_person_or_an_end_is_reached)
{
    const auto edges = edges_without_replay();
    for (const auto status : statuses) {
        EXPECT_TRUE(edges.contains(status)) << model::to_text(status);
        const auto ahead = reachable(edges, status);
        bool owned = false;
        for (const auto one : ahead)
            owned = owned || is_terminal(one) || one == incident_status::needs_human;
        EXPECT_TRUE(owned) << model::to_text(status);
    }
}

TEST(model_check, from_every_status_that_is_not_terminal_people_skip_and_work_gives_up)
{
    for (const auto status : statuses) {
        if (is_terminal(status))
            continue;
        const auto incident = incident_in(status, "");
        EXPECT_TRUE(apply(incident, change_to(incident_status::wontfix, change_cause::person)));
        EXPECT_TRUE(apply(incident, change_to(incident_status::resolved, change_cause::person)));
        EXPECT_TRUE(apply(incident, change_to(incident_status::needs_human, change_cause::work)));
    }
}

TEST(model_check, no_phase_is_without_an_owner_unless_it_is_the_end)
{
    std::set<incident_status> with_phases;
    for (const incident_phase& phase : incident_phases()) {
        with_phases.insert(phase.status);
        EXPECT_EQ(phase.owner == phase_owner::nobody, is_terminal(phase.status)) << phase.name;
    }
    EXPECT_EQ(with_phases.size(), statuses.size());
}

TEST(model_check, leaving_an_end_takes_a_person_or_a_new_occurrence)
{
    for (const incident_edge& edge : incident_edges()) {
        if (!is_terminal(edge.from))
            continue;
        EXPECT_EQ(edge.to, incident_status::detected);
        EXPECT_FALSE(edge.open_for(change_cause::work));
        EXPECT_FALSE(edge.open_for(change_cause::gate));
    }
}

TEST(model_check, nothing_reaches_submitted_without_the_gate)
{
    for (const incident_edge& edge : incident_edges()) {
        if (edge.to != incident_status::submitted)
            continue;
        EXPECT_TRUE(edge.open_for(change_cause::gate));
        EXPECT_FALSE(edge.open_for(change_cause::work));
        EXPECT_FALSE(edge.open_for(change_cause::person));
    }
}

void check_invariants(const model::incident& before, const changed_incident& changed, change_cause cause)
{
    const model::incident& after = changed.incident;
    ASSERT_EQ(after.version, before.version + 1);
    ASSERT_EQ(after.reason.empty(), after.status != incident_status::needs_human);
    ASSERT_EQ(after.resolved_ns.has_value(), after.status == incident_status::resolved);
    const bool restarted = after.status == incident_status::detected && before.status != incident_status::detected;
    ASSERT_EQ(after.generation, before.generation + (restarted && cause != change_cause::replay ? 1 : 0));
    ASSERT_EQ(changed.event.from, place_text(before.status, before.phase, before.reason));
    ASSERT_EQ(changed.event.to, place_text(after.status, after.phase, after.reason));
    ASSERT_NE(changed.event.from, changed.event.to);
}

TEST(model_check, random_walks_keep_the_invariants)
{
    std::mt19937 random(20261121);
    const auto pick = [&](std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
    };
    std::set<incident_status> visited;
    std::size_t moves = 0;
    for (int walk = 0; walk < 200; ++walk) {
        model::incident incident = incident_in(incident_status::detected, "queued");
        for (int step = 0; step < 600; ++step) {
            incident_change change = change_to(statuses[pick(statuses.size())], causes[pick(causes.size())]);
            const auto& phase = incident_phases()[pick(incident_phases().size())];
            change.phase = phase.status == change.to ? phase.name : "";
            change.reason = human_reasons()[pick(human_reasons().size())].code;
            const auto before = incident;
            const auto changed = apply(before, change);
            if (!changed)
                continue;
            check_invariants(before, *changed, change.cause);
            incident = changed->incident;
            visited.insert(incident.status);
            ++moves;
        }
    }
    EXPECT_EQ(visited.size(), statuses.size());
    EXPECT_GT(moves, 3'000U);
}

TEST(model_check, every_run_state_is_reached_and_only_final_ones_end)
{
    auto edges = graph_of(run_edges());
    const auto states = all(model::run_state::discarded);

    EXPECT_EQ(reachable(edges, model::run_state::queued).size(), states.size());
    for (const auto state : states) {
        EXPECT_EQ(edges[state].empty(), is_final(state)) << model::to_text(state);
        bool ends = false;
        for (const auto one : reachable(edges, state))
            ends = ends || is_final(one);
        EXPECT_TRUE(ends) << model::to_text(state);
    }
}

TEST(model_check, the_run_table_is_the_designed_one_for_every_pair)
{
    const std::map<std::string, std::string> rows = {
        {"queued", " leased paused cancelled "},
        {"leased", " queued succeeded failed waiting_approval paused paused_budget cancelled timed_out "},
        {"failed", " queued dead_letter "},
        {"waiting_approval", " queued succeeded cancelled "},
        {"paused", " queued cancelled "},
        {"paused_budget", " queued cancelled "},
        {"dead_letter", " queued discarded "},
    };
    for (const auto from : all(model::run_state::discarded)) {
        for (const auto to : all(model::run_state::discarded)) {
            const auto row = rows.find(std::string(model::to_text(from)));
            const std::string word = " " + std::string(model::to_text(to)) + " ";
            const bool expected = row != rows.end() && row->second.find(word) != std::string::npos;
            EXPECT_EQ(is_edge(from, to), expected) << model::to_text(from) << " -> " << model::to_text(to);
        }
    }
}

TEST(model_check, the_approval_table_is_the_designed_one_for_every_pair)
{
    const std::map<std::string, std::string> rows = {
        {"pending", " approved rejected changes_requested stopped expired voided "},
        {"approved", " executed lapsed voided "},
    };
    for (const auto from : all(model::approval_state::lapsed)) {
        for (const auto to : all(model::approval_state::lapsed)) {
            const auto row = rows.find(std::string(model::to_text(from)));
            const std::string word = " " + std::string(model::to_text(to)) + " ";
            const bool expected = row != rows.end() && row->second.find(word) != std::string::npos;
            EXPECT_EQ(is_edge(from, to), expected) << model::to_text(from) << " -> " << model::to_text(to);
        }
    }
    const auto edges = graph_of(approval_edges());
    EXPECT_EQ(reachable(edges, model::approval_state::pending).size(), all(model::approval_state::lapsed).size());
}

// The moves a worker, a queue and people make, at random: whatever happens, the fencing token never
// falls, no attempt is taken beyond the limit, and only a leased run has an owner.
TEST(model_check, random_run_lives_keep_the_invariants)
{
    std::mt19937 random(7);
    const auto pick = [&](int count) { return std::uniform_int_distribution<int>(0, count - 1)(random); };
    const run_timing timing;
    std::set<model::run_state> visited;
    for (int life = 0; life < 300; ++life) {
        model::run run;
        run.id = "01RUN";
        std::int64_t now_ns = 1'000'000;
        for (int step = 0; step < 60; ++step) {
            now_ns += pick(3) * 20'000'000'000LL;
            const std::int64_t epoch = run.lease_epoch - pick(2);
            const auto kind = pick(4) == 0 ? failure_kind::permanent : failure_kind::transient;
            const std::array answers = {
                lease(run, "w", now_ns, timing),
                heartbeat(run, epoch, now_ns, timing),
                release(run, epoch, now_ns),
                lose_lease(run, now_ns),
                fail(run, epoch, kind, "x", now_ns, timing),
                wait_for_approval(run, epoch, now_ns),
                resume_approved(run, now_ns),
                replay_dead_letter(run, now_ns),
                pick(8) == 0 ? succeed(run, epoch, now_ns) : result<model::run>(run),
                pick(8) == 0 ? time_out(run, epoch, now_ns) : result<model::run>(run),
                pick(8) == 0 ? cancel(run, now_ns) : result<model::run>(run),
                pick(8) == 0 ? discard_dead_letter(run, now_ns) : result<model::run>(run),
                pick(8) == 0 ? end_unapproved(run, now_ns) : result<model::run>(run),
                pick(8) == 0 ? pause(run, "lunch", now_ns) : result<model::run>(run),
                resume(run, now_ns),
            };
            const auto& answer = answers[static_cast<std::size_t>(pick(static_cast<int>(answers.size())))];
            if (!answer)
                continue;
            ASSERT_GE(answer->lease_epoch, run.lease_epoch);
            ASSERT_LE(answer->attempt, answer->attempts_max);
            ASSERT_EQ(answer->lease_owner.empty(), answer->state != model::run_state::leased);
            ASSERT_FALSE(is_final(run.state) && answer->state != run.state);
            ASSERT_EQ(answer->hold.empty(), answer->state != model::run_state::paused);
            run = *answer;
            visited.insert(run.state);
        }
    }
    EXPECT_TRUE(visited.contains(model::run_state::dead_letter));
    EXPECT_TRUE(visited.contains(model::run_state::discarded));
    EXPECT_TRUE(visited.contains(model::run_state::timed_out));
    EXPECT_TRUE(visited.contains(model::run_state::paused));
}

}  // namespace
}  // namespace reprise::lifecycle
