#include "reprise/replay/mock.hpp"

#include "mock_index.hpp"
#include "mock_nearest.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/content_hash.hpp"
#include "reprise/base/hash.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

namespace reprise::replay {
namespace {

constexpr std::int64_t delay_max_ns = 600 * ns_per_s;
constexpr std::size_t known_requests = 4096;  // Whose keys are remembered; a power of two.
constexpr std::size_t known_body_bytes_max = 64 * 1024;

// Everything of a request that is looked at, as it came.
content_hash hash_request(const net::raw_request& request, const std::vector<std::string>& match_headers)
{
    content_hash hash = hash_content(request.target, request.proxied ? 1 : 2);
    const auto add = [&hash](std::string_view text) {
        const content_hash next = hash_content(text, hash.low);
        hash = {mix64(hash.high) + next.high, next.low};
    };
    add(request.method);
    add(request.authority);
    add(request.header("content-type"));
    for (const std::string& name : match_headers)
        add(request.header(name));
    add(request.body);
    return hash;
}

request_parts parts_of_raw(const net::raw_request& request)
{
    return {request.method, request.authority, request.target, request.body, request.headers};
}

model::exchange exchange_of(const net::raw_request& request)
{
    model::exchange made;
    made.operation.protocol = "http";
    made.method = request.method;
    made.host = request.authority;
    made.path = request.target;
    for (const net::raw_header& header : request.headers)
        made.request_headers.emplace_back(header.name, header.value);
    made.request_body = request.body;
    return made;
}

// Uniform in [0, 1), the same for the same seed, rule and number.
double chance(std::uint64_t seed, std::size_t rule, std::uint64_t number)
{
    return static_cast<double>(mix64(mix64(seed ^ mix64(rule + 1)) + number) >> 11) * 0x1.0p-53;
}

bool is_http_call(const model::exchange& one)
{
    return one.operation.protocol == "http" && !one.method.empty() && one.path.starts_with('/');
}

// Replaces the answer altogether, so that no recording is used up.
bool replaces_answer(mock_effect effect)
{
    return effect == mock_effect::status || effect == mock_effect::reset || effect == mock_effect::silence;
}

// The recorded answer goes out damaged; it is not used up either: the caller may ask again.
bool damages_answer(mock_effect effect)
{
    return effect == mock_effect::truncate || effect == mock_effect::corrupt;
}

}  // namespace

struct mock::state {
    state(std::vector<model::exchange> recorded, mock_options options_, std::uint64_t left_out_)
        : options(std::move(options_)), index(std::move(recorded), options), left_out(left_out_),
          served(index.recordings().size()), hits_of(index.endpoints().size()), cursors(index.group_count()),
          repeats(index.group_count()), fault_seen(options.faults.size()), fault_counts(options.faults.size()),
          rules(index.rules()), known(known_requests)
    {
    }

    struct known_request {
        content_hash hash;
        match_keys keys;
        bool bare = false;
        bool filled = false;
    };
    struct taken {
        std::uint32_t recording = no_recording;
        bool relaxed = false;
        bool repeated = false;
        bool exhausted = false;
    };

    std::int32_t find_fault(const net::raw_request& request);
    known_request keys_of(const net::raw_request& request, std::optional<described_request>& described);
    taken take(const known_request& keys, bool uses_up);
    std::uint32_t take_of_group(std::uint32_t group, bool uses_up);
    std::uint32_t repeat_of_group(std::uint32_t group);
    void count_rules(const described_request& asked, const recording& given);
    void answer_recorded(const mock_decision& decided, std::uint64_t number, net::raw_answer& into) const;
    void answer_miss(
        const net::raw_request& request, mock_label label, const known_request& keys, net::raw_answer& into
    );
    miss_report explain_miss(const net::raw_request& request, mock_label label);

    const mock_options options;
    const mock_index index;
    const std::uint64_t left_out;

    // All below under the mutex.
    std::mutex mutex;
    std::vector<std::uint8_t> served;
    std::vector<std::uint64_t> hits_of;     // By endpoint.
    std::vector<std::size_t> cursors;       // Of each group: those before were served.
    std::vector<std::uint64_t> repeats;
    std::vector<std::uint64_t> fault_seen;  // Requests each rule looked at.
    std::vector<std::uint64_t> fault_counts;
    std::vector<ignore_rule> rules;
    std::vector<known_request> known;
    std::unordered_map<match_key, std::size_t, key_hash> miss_of_key;
    std::vector<miss_report> misses;
    std::vector<std::string> miss_answers;
    mock_report counts;
};

// The rule that strikes this request, -1 for none.
std::int32_t mock::state::find_fault(const net::raw_request& request)
{
    if (options.faults.empty())
        return -1;
    const std::string_view path = request.target.substr(0, request.target.find('?'));
    const std::string host = plain_host(request.authority);
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < options.faults.size(); ++i) {
        const fault_rule& rule = options.faults[i];
        if (!matches(rule, request.method, host, path))
            continue;
        const std::uint64_t number = fault_seen[i]++;
        if (chance(options.seed, i, number) >= rule.share)
            continue;
        ++fault_counts[i];
        return static_cast<std::int32_t>(i);
    }
    return -1;
}

mock::state::known_request mock::state::keys_of(
    const net::raw_request& request, std::optional<described_request>& described
)
{
    const bool may_be_known = request.body.size() <= known_body_bytes_max;
    const content_hash hash = may_be_known ? hash_request(request, options.match_headers) : content_hash();
    known_request& place = known[hash.low % known_requests];
    if (may_be_known) {
        const std::lock_guard lock(mutex);
        if (place.filled && place.hash == hash)
            return place;
    }
    described = index.describe(parts_of_raw(request), request.proxied);
    const known_request made{hash, described->keys, described->bare, true};
    if (may_be_known) {
        const std::lock_guard lock(mutex);
        place = made;
    }
    return made;
}

std::uint32_t mock::state::take_of_group(std::uint32_t group, bool uses_up)
{
    if (group == mock_index::npos)
        return no_recording;
    const auto& members = index.group(group);
    std::size_t& at = cursors[group];
    while (at < members.size() && served[members[at]] != 0)
        ++at;
    if (at == members.size())
        return no_recording;
    if (uses_up)
        served[members[at]] = 1;
    return members[at];
}

std::uint32_t mock::state::repeat_of_group(std::uint32_t group)
{
    if (group == mock_index::npos)
        return no_recording;
    const auto& members = index.group(group);
    return options.repeat == mock_repeat::last ? members.back() : members[repeats[group]++ % members.size()];
}

// Under the mutex.
mock::state::taken mock::state::take(const known_request& keys, bool uses_up)
{
    taken made;
    const std::uint32_t exact = index.find_group(keys.keys.exact);
    made.recording = take_of_group(exact, uses_up);
    if (made.recording != no_recording)
        return made;
    const std::uint32_t relaxed = index.find_group(keys.keys.relaxed);
    made.recording = take_of_group(relaxed, uses_up);
    made.relaxed = made.recording != no_recording;
    if (made.relaxed)
        return made;
    made.exhausted = exact != mock_index::npos || relaxed != mock_index::npos;
    if (options.repeat == mock_repeat::none || !made.exhausted)
        return made;
    made.repeated = true;
    made.relaxed = exact == mock_index::npos;
    made.recording = repeat_of_group(made.relaxed ? relaxed : exact);
    return made;
}

// Which learned rules made this a hit. Under the mutex.
void mock::state::count_rules(const described_request& asked, const recording& given)
{
    const std::string& place = index.endpoints()[given.endpoint].name;
    for (ignore_rule& rule : rules) {
        if (rule.endpoint != place)
            continue;
        std::uint64_t asked_hash = 0;
        std::uint64_t given_hash = 0;
        for (const match_field& field : asked.request.fields)
            asked_hash += field_pattern(field.name) == rule.field ? hash64(field.value, hash64(field.name)) : 0;
        for (const match_field& field : given.request.fields)
            given_hash += field_pattern(field.name) == rule.field ? hash64(field.value, hash64(field.name)) : 0;
        rule.used += asked_hash != given_hash ? 1U : 0U;
    }
}

void mock::state::answer_recorded(const mock_decision& decided, std::uint64_t number, net::raw_answer& into) const
{
    const recording& given = index.recordings()[decided.recording];
    into.status = given.answer.status;
    into.wire = given.answer.bytes;
    into.head_bytes = given.answer.head_bytes;
    const double scaled_ns = static_cast<double>(std::max<std::int64_t>(given.duration_ns, 0)) * options.latency;
    std::int64_t delay_ns = static_cast<std::int64_t>(std::min(scaled_ns, static_cast<double>(delay_max_ns)));
    if (given.answer.status == 0)
        into.fault = net::raw_fault::reset;
    if (decided.fault >= 0) {
        const fault_rule& rule = options.faults[static_cast<std::size_t>(decided.fault)];
        delay_ns += rule.delay_ns;
        const std::size_t body_bytes = into.wire.size() - into.head_bytes;
        if (rule.effect == mock_effect::truncate) {
            into.fault = net::raw_fault::truncate;
            into.body_bytes_max = static_cast<std::size_t>(static_cast<double>(body_bytes) * rule.kept_share);
        } else if (rule.effect == mock_effect::corrupt) {
            corrupt(given.answer.bytes, given.answer.head_bytes, mix64(options.seed) + number, into.own);
            into.wire = into.own;
        }
    }
    into.delay = std::chrono::nanoseconds(delay_ns);
}

miss_report mock::state::explain_miss(const net::raw_request& request, mock_label label)
{
    const described_request asked = index.describe(parts_of_raw(request), request.proxied);
    const request_secrets secrets = find_secrets(exchange_of(request), asked.request, options);
    std::vector<near_candidate> candidates;
    {
        const std::lock_guard lock(mutex);
        const auto add = [&](std::uint32_t number) {
            const recording& one = index.recordings()[number];
            const endpoint_rules& own = index.endpoints()[one.endpoint].rules;
            candidates.push_back({number, &one.request, &own, served[number] != 0});
        };
        // Those of its own endpoint first: only so many are looked at.
        if (asked.place != nullptr)
            std::for_each(asked.place->recordings.begin(), asked.place->recordings.end(), add);
        for (std::uint32_t i = 0; i < index.recordings().size() && candidates.size() < nearest_candidates_max; ++i) {
            if (asked.place == nullptr || &index.endpoints()[index.recordings()[i].endpoint] != asked.place)
                add(i);
        }
    }
    miss_report miss;
    miss.label = label;
    miss.request = shown(secrets.name);
    miss.nearest = find_nearest(asked.request, candidates, !asked.bare);
    for (near_recording& near : miss.nearest) {
        const recording& one = index.recordings()[near.recording];
        near.name = shown(one.name);
        explain(near, {one.request, one.shown, asked.request, secrets.shown, one.start_ns});
    }
    miss.ignorable = !miss.nearest.empty() && is_ignorable(miss.nearest.front());
    return miss;
}

void mock::state::answer_miss(
    const net::raw_request& request, mock_label label, const known_request& keys, net::raw_answer& into
)
{
    constexpr std::string_view unexplained = R"({"type":"about:blank","title":"No recording answers this request",)"
                                             R"("status":404,"code":"mock_miss"})";
    bool is_known = false;
    bool is_full = false;
    std::string json;
    {
        const std::lock_guard lock(mutex);
        const auto found = miss_of_key.find(keys.keys.exact);
        is_known = found != miss_of_key.end();
        is_full = misses.size() >= distinct_misses_max;
        if (is_known) {
            miss_report& miss = misses[found->second];
            ++miss.count;
            counts.ignorable += miss.ignorable ? 1U : 0U;
            json = miss_answers[found->second];
        } else if (is_full) {
            ++counts.unexplained_misses;
        }
    }
    if (!is_known && !is_full) {
        miss_report miss = explain_miss(request, label);
        json = miss_problem(miss);
        const std::lock_guard lock(mutex);
        const auto [place, is_new] = miss_of_key.try_emplace(keys.keys.exact, misses.size());
        counts.ignorable += miss.ignorable ? 1U : 0U;
        if (is_new) {
            misses.push_back(std::move(miss));
            miss_answers.push_back(json);
        }
        ++misses[place->second].count;
    }
    render_problem(404, to_text(label), json.empty() ? unexplained : std::string_view(json), into);
}

mock::mock(std::unique_ptr<state> made) : state_(std::move(made)) {}

mock::~mock() = default;

checked<std::shared_ptr<mock>> mock::make(std::vector<model::exchange> recorded, mock_options options)
{
    const std::size_t all = recorded.size();
    std::erase_if(recorded, [](const model::exchange& one) { return !is_http_call(one); });
    // What spans say of a call is less than its RRPair, and often the same call once more.
    if (std::any_of(recorded.begin(), recorded.end(), [](const model::exchange& one) { return one.complete; }))
        std::erase_if(recorded, [](const model::exchange& one) { return !one.complete; });
    if (recorded.empty())
        return refusal{errc::nothing_to_mock, "none of " + std::to_string(all) + " recordings is an HTTP call"};
    if (recorded.size() > recordings_max)
        return refusal{errc::nothing_to_mock, "more than 200000 recordings; give a part of them"};
    std::size_t bytes = 0;
    for (const model::exchange& one : recorded)
        bytes += one.request_body.size() + one.response_body.size();
    if (bytes > recorded_bytes_max)
        return refusal{errc::nothing_to_mock, "more than 1 GiB of recorded bodies; give a part of them"};
    std::stable_sort(recorded.begin(), recorded.end(), [](const model::exchange& a, const model::exchange& b) {
        return a.start_ns < b.start_ns;
    });
    const std::uint64_t left_out = all - recorded.size();
    auto made = std::make_unique<state>(std::move(recorded), std::move(options), left_out);
    return std::shared_ptr<mock>(new mock(std::move(made)));
}

mock_decision mock::answer(const net::raw_request& request, net::raw_answer& into)
{
    state& own = *state_;
    mock_decision decided;
    decided.fault = own.find_fault(request);
    const fault_rule* rule =
        decided.fault < 0 ? nullptr : &own.options.faults[static_cast<std::size_t>(decided.fault)];
    if (rule != nullptr && replaces_answer(rule->effect)) {
        decided.label = mock_label::fault;
        into.status = 0;
        if (rule->effect == mock_effect::status)
            render_problem(rule->status, "fault", fault_problem(*rule), into);
        else
            into.fault = rule->effect == mock_effect::reset ? net::raw_fault::reset : net::raw_fault::silence;
        const std::lock_guard lock(own.mutex);
        ++own.counts.faults;
        return decided;
    }
    const bool damaged = rule != nullptr && damages_answer(rule->effect);
    std::optional<described_request> described;
    const state::known_request keys = own.keys_of(request, described);
    state::taken taken;
    std::uint64_t number = 0;
    {
        const std::lock_guard lock(own.mutex);
        taken = own.take(keys, !damaged);
        mock_report& counts = own.counts;
        counts.without_host += keys.bare ? 1U : 0U;
        const bool found = taken.recording != no_recording;
        (damaged && found ? counts.faults : found ? counts.hits : counts.misses) += 1;
        if (found && !damaged) {
            counts.relaxed_hits += taken.relaxed ? 1U : 0U;
            counts.repeated_hits += taken.repeated ? 1U : 0U;
            ++own.hits_of[own.index.recordings()[taken.recording].endpoint];
        }
        if (!found && taken.exhausted)
            ++counts.exhausted;
        number = counts.faults;
    }
    if (taken.recording == no_recording) {
        decided.label = taken.exhausted ? mock_label::exhausted : mock_label::miss;
        own.answer_miss(request, decided.label, keys, into);
        return decided;
    }
    decided.label = damaged ? mock_label::fault : mock_label::hit;
    decided.recording = taken.recording;
    decided.relaxed = taken.relaxed;
    if (taken.relaxed) {
        if (!described)
            described = own.index.describe(parts_of_raw(request), request.proxied);
        const std::lock_guard lock(own.mutex);
        own.count_rules(*described, own.index.recordings()[taken.recording]);
    }
    own.answer_recorded(decided, number, into);
    return decided;
}

std::size_t mock::size() const noexcept
{
    return state_->index.recordings().size();
}

std::uint64_t mock::left_out() const noexcept
{
    return state_->left_out;
}

std::string_view mock::name_of(std::uint32_t recording) const noexcept
{
    return state_->index.recordings()[recording].name;
}

std::int64_t mock::recorded_at_ns(std::uint32_t recording) const noexcept
{
    return state_->index.recordings()[recording].start_ns;
}

std::string_view mock::endpoint_of(std::uint32_t recording) const noexcept
{
    return state_->index.endpoints()[state_->index.recordings()[recording].endpoint].name;
}

std::string_view mock::answer_of(std::uint32_t recording) const noexcept
{
    return state_->index.recordings()[recording].answer.bytes;
}

mock_report mock::counts() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->counts;
}

mock_report mock::report() const
{
    const state& own = *state_;
    const std::lock_guard lock(state_->mutex);
    mock_report made = own.counts;
    made.recordings = own.served.size();
    made.rules = own.rules;
    made.fault_counts = own.fault_counts;
    made.miss_list = own.misses;
    std::stable_sort(made.miss_list.begin(), made.miss_list.end(), [](const miss_report& a, const miss_report& b) {
        return a.count > b.count;
    });
    for (std::size_t i = 0; i < own.index.endpoints().size(); ++i) {
        const endpoint& place = own.index.endpoints()[i];
        endpoint_report row{place.name, place.recordings.size(), 0, own.hits_of[i]};
        for (const std::uint32_t number : place.recordings)
            row.served += own.served[number];
        made.served += row.served;
        made.endpoints.push_back(std::move(row));
    }
    return made;
}

}  // namespace reprise::replay
