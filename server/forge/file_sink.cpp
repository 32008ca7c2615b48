#include "reprise/forge/file_sink.hpp"

#include "markdown.hpp"

#include "reprise/base/durable_file.hpp"
#include "reprise/base/id.hpp"
#include "reprise/base/log.hpp"

namespace reprise::forge {
namespace {

constexpr std::size_t file_bytes_max = body_bytes_max + 4'096;
constexpr std::string_view hash_field = "\ncontent_hash: ";

std::string render(const released_ticket& released)
{
    return "---\nincident: " + released.incident_id + "\ngeneration: " + std::to_string(released.generation)
        + "\ncontent_hash: " + released.content_hash + "\n---\n\n# " + plain(released.text.title, title_bytes_max)
        + "\n\n" + released.text.body;
}

// The hash that render() put into the head; empty when there is none.
std::string_view find_hash(std::string_view file)
{
    const auto at = file.find(hash_field);
    const auto end = file.find("\n---\n");
    if (at == std::string_view::npos || end == std::string_view::npos || at >= end)
        return {};
    return file.substr(at + hash_field.size(), end - at - hash_field.size());
}

}  // namespace

result<published_ticket> file_sink::publish(const released_ticket& released) const
{
    const bool is_valid = is_ulid(released.incident_id) && released.generation >= 1 && released.target == target
        && released.text.body.size() <= body_bytes_max;
    if (!is_valid)
        return errc::invalid_argument;
    published_ticket published;
    published.path = "tickets/" + ticket_key(released.incident_id, released.generation) + ".md";
    const auto path = data_dir_ / published.path;

    const auto outcome = write_durable_file(path, render(released), when_present::keep);
    if (!outcome)
        return outcome.error();
    if (*outcome == file_outcome::written)
        return published;
    published.adopted = true;
    const auto present = read_small_file(path, file_bytes_max);
    published.same_content = present && find_hash(*present) == released.content_hash;
    if (!published.same_content)
        log_warn("forge", path.string() + " was there with other content; it is kept as it is");
    return published;
}

}  // namespace reprise::forge
