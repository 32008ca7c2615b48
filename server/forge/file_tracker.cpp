#include "reprise/forge/trackers.hpp"

#include "api_failure.hpp"

#include "reprise/base/offload.hpp"
#include "reprise/forge/file_sink.hpp"

#include <charconv>
#include <utility>

namespace asio = boost::asio;

namespace reprise::forge {
namespace {

// "<incident>-g<generation>", the key of a ticket.
std::optional<released_ticket> find_released(const effect& wanted)
{
    const auto at = wanted.key.rfind("-g");
    if (at == std::string::npos)
        return std::nullopt;
    released_ticket made;
    const char* begin = wanted.key.data() + at + 2;
    const char* end = wanted.key.data() + wanted.key.size();
    const auto [stop, ec] = std::from_chars(begin, end, made.generation);
    if (ec != std::errc() || stop != end)
        return std::nullopt;
    made.incident_id = wanted.key.substr(0, at);
    made.target = wanted.target;
    made.text.title = wanted.title;
    made.text.body = wanted.body;
    made.content_hash = wanted.content_hash;
    return made;
}

effect_result result_of(const result<published_ticket>& written)
{
    if (written) {
        published_effect made;
        made.url = written->path;
        made.adopted = written->adopted;
        made.same_content = written->same_content;
        return made;
    }
    const std::string text = "the ticket cannot be written: " + written.error().message();
    const bool is_final = written.error() == errc::invalid_argument || written.error() == errc::conflict;
    return is_final ? refused(text) : put_off(text + "; is the disk full, or the data directory another user's?");
}

class file_tracker final : public tracker {
public:
    file_tracker(std::filesystem::path data_dir, asio::any_io_executor blocking_pool)
        : data_dir_(std::move(data_dir)), blocking_pool_(std::move(blocking_pool))
    {
    }

    bool takes(std::string_view target) const noexcept override { return target == file_sink::target; }

    asio::awaitable<effect_result> publish(effect wanted) override
    {
        if (!takes(wanted.target))
            co_return refused("the only directory for tickets is " + std::string(file_sink::target));
        if (wanted.kind != effect_kind::ticket)
            co_return refused("file:tickets takes tickets as files and nothing else; set another tracker");
        auto released = find_released(wanted);
        if (!released)
            co_return refused("a ticket's key is <incident>-g<generation>");
        auto write = [released = std::move(*released), data_dir = data_dir_] {
            return file_sink(data_dir).publish(released);
        };
        const auto written = co_await offload(blocking_pool_, std::move(write));
        co_return result_of(written);
    }

private:
    const std::filesystem::path data_dir_;
    const asio::any_io_executor blocking_pool_;
};

}  // namespace

std::unique_ptr<tracker> make_file_tracker(std::filesystem::path data_dir, asio::any_io_executor blocking_pool)
{
    return std::make_unique<file_tracker>(std::move(data_dir), std::move(blocking_pool));
}

}  // namespace reprise::forge
