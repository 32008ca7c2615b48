#include "reprise/pipeline/kept_intake.hpp"

#include "reprise/base/log.hpp"
#include "reprise/pipeline/stream.hpp"
#include "reprise/telemetry/otlp_request.hpp"

#include <string>
#include <utility>
#include <vector>

namespace reprise::pipeline {
namespace {

using telemetry::otlp_request;

entry_kind kind_of(otlp_request signal)
{
    switch (signal) {
    case otlp_request::logs: return entry_kind::logs;
    case otlp_request::traces: return entry_kind::traces;
    case otlp_request::metrics: return entry_kind::metrics;
    }
    return entry_kind::logs;
}

otlp_request signal_of(entry_kind kind)
{
    switch (kind) {
    case entry_kind::traces: return otlp_request::traces;
    case entry_kind::metrics: return otlp_request::metrics;
    case entry_kind::logs:
    case entry_kind::close: break;
    }
    return otlp_request::logs;
}

}  // namespace

kept_intake::kept_intake(journal& log, stream& windows, metrics& numbers)
    : log_(log), windows_(windows),
      full_(numbers.add_counter("reprise_journal_full_total", "Requests refused because the journal was full.")),
      unreadable_(numbers.add_counter(
          "reprise_journal_undecodable_total", "Replayed entries that this version cannot decode."
      ))
{
    windows_.set_close_log([this](std::vector<close_order> orders) {
        journal_entry entry;
        entry.kind = entry_kind::close;
        entry.payload = std::make_shared<const std::string>(encode_orders(orders));
        log_.append(std::move(entry), [this, orders = std::move(orders)](placed_entry placed) {
            if (placed.fate == entry_fate::kept)
                windows_.close(orders, placed.hold);
            else
                windows_.forget_close(orders);
        });
    });
}

bool kept_intake::has_room(std::size_t bytes)
{
    if (log_.has_room(bytes))
        return windows_.has_room(bytes);
    full_.add();
    return false;
}

void kept_intake::offer(arrival what, taken_handler done)
{
    const std::size_t bytes = what.batch->bytes->size();
    if (!log_.has_room(bytes)) {
        full_.add();
        done(errc::unavailable);
        return;
    }
    auto room = windows_.reserve(bytes);
    if (!room) {
        done(room.error());
        return;
    }
    journal_entry entry;
    entry.kind = kind_of(what.signal);
    entry.payload = what.batch->bytes;
    entry.body = log_.hash_of(*entry.payload);
    auto answer = [this, what = std::move(what), room = std::move(*room), done = std::move(done)](placed_entry placed) {
        switch (placed.fate) {
        case entry_fate::refused: done(errc::io); return;
        case entry_fate::repeated: done(taken_as::repeated); return;
        case entry_fate::kept: break;
        }
        arrival in = what;
        in.held = std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(what.held, room);
        windows_.take(std::move(in), {placed.time_ns, placed.hold, false});
        done(taken_as::counted);
    };
    log_.append(std::move(entry), std::move(answer));
}

result<replay_report> kept_intake::replay(const std::function<void()>& pace)
{
    return log_.replay([this](stored_entry entry) { take_stored(std::move(entry)); }, pace);
}

// Another version may read it, so the segment stays.
void kept_intake::keep_unreadable(const stored_entry& entry, const std::string& why)
{
    entry.hold->keep();
    unreadable_.add();
    log_error("journal", "entry " + std::to_string(entry.number) + " cannot be decoded: " + why);
}

void kept_intake::take_stored(stored_entry entry)
{
    if (entry.kind == entry_kind::close) {
        const auto orders = parse_orders(entry.payload);
        if (orders)
            windows_.close(*orders, entry.hold);
        else
            keep_unreadable(entry, "names no windows");
        return;
    }
    const auto payload = std::make_shared<const std::string>(std::move(entry.payload));
    // What the door decoded once already.
    auto batch = telemetry::decode_request(signal_of(entry.kind), payload);
    if (!batch) {
        keep_unreadable(entry, telemetry::to_text(batch.error()));
        return;
    }
    arrival what;
    what.batch = std::make_shared<const model::observation_batch>(std::move(*batch));
    what.signal = signal_of(entry.kind);
    windows_.take(std::move(what), {entry.time_ns, std::move(entry.hold), true});
}

}  // namespace reprise::pipeline
