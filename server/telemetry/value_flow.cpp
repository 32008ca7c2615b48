#include "reprise/telemetry/value_flow.hpp"

#include "flow_rules.hpp"
#include "utf8.hpp"
#include "value_places.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace reprise::telemetry {
namespace {

// Clocks of a server note the end of an answer a little after the client has it.
constexpr std::int64_t answered_slack_ns = 20'000'000;
constexpr std::size_t candidates_max = 8;  // Answers with the same value; the latest are kept.

// One value in one answer.
struct candidate {
    std::uint32_t exchange = 0;
    std::size_t turn = 0;  // Which answer it was, in time.
    value_place place;
    flow_strength strength = flow_strength::none;
    bool decodes = false;
};

class flow_search {
public:
    explicit flow_search(std::span<const model::exchange> exchanges) : exchanges_(exchanges) {}

    value_flows run()
    {
        const std::size_t count = std::min(exchanges_.size(), flow_exchanges_max);
        found_.left_out = exchanges_.size() - count;
        for (const std::uint32_t exchange : list_in_time(count)) {
            take_request(exchange);
            take_answer(exchange);
        }
        sort_by_exchange();
        return std::move(found_);
    }

private:
    using candidate_list = std::vector<candidate>;

    void take_request(std::uint32_t index)
    {
        const std::size_t begin = found_.flows.size();
        for (placed_value& sent : list_sent_values(exchanges_[index])) {
            const flow_strength strength = find_strength(sent.value);
            if (strength == flow_strength::none)
                continue;
            const std::string key = flow_key(sent.value);
            if (found_.flows.size() - begin < flows_per_request_max && !is_placed(begin, sent.place))
                follow(index, sent, key);
            if (sent_.size() < flow_values_max)
                sent_.insert(key);
            else
                ++found_.left_out;
        }
    }

    // A place has one value on its way: a cookie is tried as it is written, then decoded.
    bool is_placed(std::size_t begin, const value_place& place) const
    {
        return std::any_of(
            found_.flows.begin() + static_cast<std::ptrdiff_t>(begin), found_.flows.end(),
            [&place](const value_flow& flow) { return flow.place.part == place.part && flow.place.name == place.name; }
        );
    }

    void follow(std::uint32_t index, placed_value& sent, const std::string& key)
    {
        const auto known = answered_.find(key);
        if (known == answered_.end())
            return;
        const candidate* best = nullptr;
        for (const candidate& one : known->second) {
            if (was_answered_before(one.exchange, index) && fits(one, index, sent) &&
                (best == nullptr || is_better(one, *best, sent.place)))
                best = &one;
        }
        if (best == nullptr)
            return;
        const auto source = source_of(*best, key);
        if (!source)
            return;
        found_.flows.push_back({*source, index, std::move(sent.place), std::move(sent.before), std::move(sent.after),
                                std::move(sent.value), sent.encoded});
    }

    bool was_answered_before(std::uint32_t from, std::uint32_t to) const
    {
        const model::exchange& earlier = exchanges_[from];
        const bool has_times = earlier.start_ns > 0 && earlier.duration_ns > 0 && exchanges_[to].start_ns > 0;
        return !has_times || exchanges_[to].start_ns - earlier.start_ns >= earlier.duration_ns - answered_slack_ns;
    }

    bool fits(const candidate& one, std::uint32_t to, const placed_value& sent) const
    {
        return one.strength == flow_strength::strong ||
               are_same_ids(one.place, exchanges_[one.exchange], sent.place, exchanges_[to].path);
    }

    // The later answer; in one answer the place that is like the target, then the one that comes first.
    bool is_better(const candidate& one, const candidate& than, const value_place& target) const
    {
        if (one.turn != than.turn)
            return one.turn > than.turn;
        const auto is_alike = [&target](const candidate& of) {
            return of.place.part == target.part && of.place.name == target.name;
        };
        return is_alike(one) && !is_alike(than);
    }

    // Only what can be read back at its place is a source: a text before it may stand there twice.
    std::optional<std::uint32_t> source_of(const candidate& from, const std::string& key)
    {
        std::vector<std::uint32_t>& of_exchange = sources_of_[from.exchange];
        for (const std::uint32_t known : of_exchange) {
            const value_source& source = found_.sources[known];
            if (source.place == from.place && source.decodes == from.decodes)
                return known;
        }
        const model::exchange& exchange = exchanges_[from.exchange];
        const answer_parts answer{exchange.status, exchange.response_headers, exchange.response_body};
        const auto said = answer_reader(answer).find(from.place, from.decodes);
        if (!said || flow_key(*said) != key)
            return std::nullopt;
        of_exchange.push_back(static_cast<std::uint32_t>(found_.sources.size()));
        found_.sources.push_back({from.exchange, from.place, from.decodes});
        return of_exchange.back();
    }

    // As they began; those without a time stay where they are given, and so do all others then.
    std::vector<std::uint32_t> list_in_time(std::size_t count) const
    {
        std::vector<std::uint32_t> order(count);
        std::iota(order.begin(), order.end(), 0U);
        const auto has_time = [this](std::uint32_t at) { return exchanges_[at].start_ns > 0; };
        if (std::all_of(order.begin(), order.end(), has_time))
            std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
                return exchanges_[a].start_ns < exchanges_[b].start_ns;
            });
        return order;
    }

    // So that a replay finds those of one answer and of one request.
    void sort_by_exchange()
    {
        std::stable_sort(found_.flows.begin(), found_.flows.end(), [](const value_flow& a, const value_flow& b) {
            return a.exchange < b.exchange;
        });
        std::vector<std::uint32_t> order(found_.sources.size());
        std::iota(order.begin(), order.end(), 0U);
        std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
            return found_.sources[a].exchange < found_.sources[b].exchange;
        });
        std::vector<value_source> sorted;
        std::vector<std::uint32_t> place_of(order.size());
        for (const std::uint32_t from : order) {
            place_of[from] = static_cast<std::uint32_t>(sorted.size());
            sorted.push_back(std::move(found_.sources[from]));
        }
        found_.sources = std::move(sorted);
        for (value_flow& flow : found_.flows)
            flow.source = place_of[flow.source];
    }

    void take_answer(std::uint32_t index)
    {
        for (placed_value& given : list_answered_values(exchanges_[index])) {
            const flow_strength strength = find_strength(given.value);
            if (strength == flow_strength::none)
                continue;
            std::string key = flow_key(given.value);
            if (sent_.contains(key))
                continue;
            if (values_ == flow_values_max) {
                ++found_.left_out;
                continue;
            }
            candidate_list& list = answered_[std::move(key)];
            if (list.size() == candidates_max)
                list.erase(list.begin());
            else
                ++values_;
            list.push_back({index, turn_, std::move(given.place), strength, given.encoded});
        }
        ++turn_;
    }

    std::span<const model::exchange> exchanges_;
    std::unordered_map<std::string, candidate_list> answered_;
    std::unordered_set<std::string> sent_;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> sources_of_;  // Of an exchange.
    std::size_t values_ = 0;
    std::size_t turn_ = 0;
    value_flows found_;
};

std::string request_number(std::uint32_t exchange)
{
    return "request " + std::to_string(exchange + 1);
}

// Of those an exchange sends.
auto first_flow(const value_flows& flows, std::uint32_t exchange)
{
    return std::lower_bound(
        flows.flows.begin(), flows.flows.end(), exchange,
        [](const value_flow& flow, std::uint32_t at) { return flow.exchange < at; }
    );
}

// Index of the first source in the answer of an exchange.
std::size_t first_source(const value_flows& flows, std::uint32_t exchange)
{
    const auto found = std::lower_bound(
        flows.sources.begin(), flows.sources.end(), exchange,
        [](const value_source& source, std::uint32_t at) { return source.exchange < at; }
    );
    return static_cast<std::size_t>(found - flows.sources.begin());
}

std::string_view part_text(value_part part)
{
    switch (part) {
    case value_part::path: return "path segment";
    case value_part::query: return "query";
    case value_part::header: return "header";
    case value_part::cookie: return "cookie";
    case value_part::body: return "body";
    case value_part::text: return "text";
    }
    return "";
}

}  // namespace

std::string to_text(const value_place& place)
{
    std::string out(part_text(place.part));
    if (!place.name.empty() && place.part != value_part::text)
        out += " " + repair_utf8(place.name);
    return place.piece ? "part " + std::to_string(*place.piece) + " of " + out : out;
}

value_flows find_value_flows(std::span<const model::exchange> exchanges)
{
    return flow_search(exchanges).run();
}

bool are_same_value(std::string_view a, std::string_view b)
{
    return flow_key(a) == flow_key(b);
}

std::vector<needed_request> close_session(
    const value_flows& flows, std::span<const std::uint32_t> wanted, std::size_t* cut
)
{
    std::set<std::uint32_t> done(wanted.begin(), wanted.end());
    std::vector<std::uint32_t> open(wanted.begin(), wanted.end());
    std::vector<needed_request> needed;
    while (!open.empty()) {
        const std::uint32_t exchange = open.back();
        open.pop_back();
        const auto first = first_flow(flows, exchange);
        for (auto flow = first; flow != flows.flows.end() && flow->exchange == exchange; ++flow) {
            const value_source& source = flows.sources[flow->source];
            if (!done.insert(source.exchange).second)
                continue;
            open.push_back(source.exchange);
            const auto index = static_cast<std::uint32_t>(flow - flows.flows.begin());
            needed.push_back({source.exchange, index, "its answer gives " + to_text(source.place) + ", which " +
                                                   request_number(exchange) + " sends as " + to_text(flow->place)});
        }
    }
    std::sort(needed.begin(), needed.end(), [](const needed_request& a, const needed_request& b) {
        return a.exchange < b.exchange;
    });
    const std::size_t over = needed.size() - std::min(needed.size(), session_requests_max);
    if (cut != nullptr)
        *cut = over;
    // The earliest are logins, which all others need.
    needed.resize(needed.size() - over);
    return needed;
}

flow_values::flow_values(const value_flows& plan) : plan_(plan), learned_(plan.sources.size())
{
    for (std::size_t i = 0; i < learned_.size(); ++i)
        learned_[i].reason = request_number(plan.sources[i].exchange) + " has not been answered";
}

bool flow_values::gives(std::uint32_t exchange) const noexcept
{
    const std::size_t first = first_source(plan_, exchange);
    return first < plan_.sources.size() && plan_.sources[first].exchange == exchange;
}

bool flow_values::takes(std::uint32_t exchange) const noexcept
{
    const auto flow = first_flow(plan_, exchange);
    return flow != plan_.flows.end() && flow->exchange == exchange;
}

void flow_values::learn(std::uint32_t exchange, const answer_parts& answer)
{
    const answer_reader reader(answer);
    for (std::size_t i = first_source(plan_, exchange); i < learned_.size(); ++i) {
        const value_source& source = plan_.sources[i];
        if (source.exchange != exchange)
            break;
        auto said = reader.find(source.place, source.decodes);
        learned_value& learned = learned_[i];
        learned.known = said.has_value();
        learned.value = std::move(said).value_or("");
        learned.reason = learned.known ? "" : "the answer of " + request_number(exchange) + " (status " +
                                                  std::to_string(answer.status) + ") has no " + to_text(source.place);
    }
}

std::vector<unlearned_value> flow_values::rewrite(std::uint32_t exchange, const request_parts& request) const
{
    std::vector<unlearned_value> missing;
    request_writer writer(request);
    const auto first = first_flow(plan_, exchange);
    for (auto flow = first; flow != plan_.flows.end() && flow->exchange == exchange; ++flow) {
        const learned_value& learned = learned_[flow->source];
        std::string reason = learned.known ? writer.write(*flow, learned.value) : learned.reason;
        if (!reason.empty())
            missing.push_back({static_cast<std::uint32_t>(flow - plan_.flows.begin()), std::move(reason)});
    }
    if (std::string reason = writer.finish(); !reason.empty() && first != plan_.flows.end())
        missing.push_back({static_cast<std::uint32_t>(first - plan_.flows.begin()), std::move(reason)});
    return missing;
}

}  // namespace reprise::telemetry
