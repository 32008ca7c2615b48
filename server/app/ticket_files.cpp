#include "ticket_files.hpp"

#include "reprise/base/offload.hpp"
#include "reprise/forge/file_sink.hpp"

#include <charconv>
#include <optional>
#include <string>

namespace reprise::app {
namespace {

using failure_kind = decltype(forge::effect_failure::kind);

forge::effect_failure failure(failure_kind kind, std::string text)
{
    forge::effect_failure why;
    why.kind = kind;
    why.text = std::move(text);
    return why;
}

// "<incident>-g<generation>" back into its parts.
std::optional<forge::released_ticket> find_ticket(const forge::effect& wanted)
{
    const auto dash = wanted.key.rfind("-g");
    if (wanted.kind != forge::effect_kind::ticket || dash == std::string::npos)
        return std::nullopt;
    forge::released_ticket ticket;
    const char* const begin = wanted.key.data() + dash + 2;
    const char* const end = wanted.key.data() + wanted.key.size();
    const auto [stopped, ec] = std::from_chars(begin, end, ticket.generation);
    if (ec != std::errc() || stopped != end)
        return std::nullopt;
    ticket.incident_id = wanted.key.substr(0, dash);
    ticket.target = wanted.target;
    ticket.text.title = wanted.title;
    ticket.text.body = wanted.body;
    ticket.content_hash = wanted.content_hash;
    return ticket;
}

bool may_pass(const error_code& error)
{
    return error == errc::io || error == errc::denied || error == errc::unavailable;
}

}  // namespace

bool ticket_files::takes(std::string_view target) const noexcept
{
    return target == forge::file_sink::target;
}

boost::asio::awaitable<forge::effect_result> ticket_files::publish(forge::effect wanted)
{
    auto ticket = find_ticket(wanted);
    if (!takes(wanted.target) || !ticket)
        co_return failure(
            failure_kind::refused, wanted.target + " takes tickets as files and nothing else here; set another tracker"
        );
    auto write = [released = std::move(*ticket), data_dir = data_dir_] {
        return forge::file_sink(data_dir).publish(released);
    };
    const auto written = co_await offload(blocking_pool_, std::move(write));
    if (!written) {
        const std::string text = "the ticket file cannot be written: " + written.error().message();
        co_return failure(may_pass(written.error()) ? failure_kind::later : failure_kind::refused, text);
    }
    forge::published_effect made;
    made.url = written->path;
    made.adopted = written->adopted;
    made.same_content = written->same_content;
    co_return made;
}

}  // namespace reprise::app
