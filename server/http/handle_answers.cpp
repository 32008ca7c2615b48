#include "answers.hpp"
#include "handlers.hpp"
#include "inputs.hpp"
#include "render_answers.hpp"

#include "reprise/archive/evidence_reader.hpp"
#include "reprise/base/offload.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/run_answers.hpp"
#include "reprise/store/runs.hpp"
#include "reprise/store/services.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

// Without answers nothing is compared, and the bundle is not read.
struct kept_answers {
    std::vector<model::exchange_answers> answers;
    std::optional<model::evidence> evidence;
    std::string replay_target;  // Of its service.

    kept_answers() = default;
};

result<kept_answers> load_answers(const store::reader& from, const std::string& run_id)
{
    const auto run = store::find_run(from, run_id);
    if (!run)
        return run.error();
    if (!*run)
        return errc::not_found;
    kept_answers kept;
    auto evidence = store::find_evidence(from, (*run)->evidence_id);
    if (!evidence)
        return evidence.error();
    kept.evidence = std::move(*evidence);
    auto answers = store::list_run_answers(from, run_id);
    if (!answers)
        return answers.error();
    kept.answers = std::move(*answers);
    if (!kept.evidence)
        return kept;
    const auto service = store::find_service(from, kept.evidence->service);
    if (!service)
        return service.error();
    if (*service)
        kept.replay_target = (*service)->replay_target;
    return kept;
}

boost::asio::awaitable<result<kept_answers>> find_answers(context& api, std::string run_id)
{
    auto look = [&run_id](const store::reader& from) { return load_answers(from, run_id); };
    auto kept = co_await api.parts.store.read(std::move(look));
    co_return kept;
}

// The answers went with the bundle they belong to.
net::response expired(const net::request& req, const std::string& run_id, const model::evidence& evidence)
{
    return net::problem(
        req, 410, "evidence_expired",
        "What targets answered in run " + run_id + " was deleted with its evidence at " +
            format_rfc3339(*evidence.expired_ns) + ", as archive.keep_days and archive.bytes_max ask; its verdict "
            "and its measurements are still there."
    );
}

std::optional<std::size_t> read_index(std::string_view text)
{
    std::uint32_t index = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (ec != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return index;
}

constexpr std::size_t ignored_fields_max = 20;

// "body/items/*/id,header.x-build", and whether the order of lists counts.
checked<replay::compare_options> read_options(const net::request& req)
{
    const std::string_view refused =
        "ignore must be up to 20 fields, as differences name them: status, header.NAME or body/PATH, * for any part.";
    replay::compare_options options;
    const std::string_view order = req.find_query("order").value_or("counts");
    if (order != "counts" && order != "any")
        return refuse("order must be counts or any.");
    options.ignores_array_order = order == "any";
    std::string_view left = req.find_query("ignore").value_or(std::string_view());
    while (!left.empty()) {
        const std::size_t end = std::min(left.find(','), left.size());
        const std::string_view field = left.substr(0, end);
        const bool is_field = field == "status" || field.starts_with("header.") || field == "body" ||
                              field.starts_with("body/") || field.starts_with("body:");
        if (!is_field || field.size() > cursor_bytes_max || options.ignored_fields.size() == ignored_fields_max)
            return refuse(std::string(refused));
        options.ignored_fields.emplace_back(field);
        left.remove_prefix(std::min(end + 1, left.size()));
    }
    return options;
}

}  // namespace

handler_answer list_run_answers(context& api, const caller&, net::request& req)
{
    const auto after = read_number(req, "after", -1);
    if (!after || *after < -1 || *after > std::numeric_limits<std::int32_t>::max())
        co_return bad_request(req, "after must be the index of an exchange.");
    const auto page = read_page(req);
    if (!page)
        co_return problem_of(req, page.error());
    const std::string id(req.param("id"));
    const auto kept = co_await find_answers(api, id);
    if (!kept)
        co_return problem_of(req, kept.error(), "run " + id);
    if (kept->evidence && kept->evidence->expired_ns)
        co_return expired(req, id, *kept->evidence);
    answer_page made;
    if (!kept->answers.empty() && kept->evidence) {
        const auto bundle = co_await api.parts.evidence.read(*kept->evidence);
        if (!bundle)
            co_return problem_of(req, bundle.error(), "the bundle of run " + id);
        auto render = [&bundle, &kept, &after, &page] {
            return render_answers(*bundle, kept->answers, *after, page->limit);
        };
        made = co_await offload(api.parts.cpu_pool, std::move(render));
    }
    auto load = [&made](const store::reader& from) {
        return load_page(from, std::move(made.items), std::move(made.next));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "run " + id);
}

handler_answer get_run_answer(context& api, const caller&, net::request& req)
{
    const std::string id(req.param("id"));
    const std::string what = "exchange " + std::string(req.param("exchange")) + " of run " + id;
    const auto exchange = read_index(req.param("exchange"));
    const auto options = read_options(req);
    if (!options)
        co_return problem_of(req, options.error());
    const auto kept = co_await find_answers(api, id);
    if (!kept)
        co_return problem_of(req, kept.error(), "run " + id);
    if (kept->evidence && kept->evidence->expired_ns)
        co_return expired(req, id, *kept->evidence);
    if (!exchange || kept->answers.empty() || !kept->evidence)
        co_return problem_of(req, errc::not_found, what);
    const auto bundle = co_await api.parts.evidence.read(*kept->evidence);
    if (!bundle)
        co_return problem_of(req, bundle.error(), "the bundle of run " + id);
    auto render = [&bundle, &kept, &exchange, &options] {
        return render_answer(*bundle, kept->answers, *exchange, kept->replay_target, *options);
    };
    auto item = co_await offload(api.parts.cpu_pool, std::move(render));
    if (!item)
        co_return problem_of(req, errc::not_found, what);
    (*item)["run_id"] = id;
    (*item)["evidence_id"] = kept->evidence->id;
    auto load = [&item](const store::reader& from) { return load_item(from, std::move(*item)); };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, what);
}

}  // namespace reprise::http
