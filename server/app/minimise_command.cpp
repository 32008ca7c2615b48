#include "minimise_command.hpp"

#include "commands.hpp"
#include "exit_code.hpp"
#include "interruption.hpp"
#include "minimise_export.hpp"
#include "minimise_report.hpp"
#include "minimise_trials.hpp"
#include "replay_headers.hpp"
#include "settings.hpp"
#include "traffic_source.hpp"
#include "trial_observer.hpp"

#include "reprise/base/durable_file.hpp"
#include "reprise/base/id.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace reprise::app {
namespace {

constexpr std::size_t exchanges_max = 2'000;
constexpr std::int64_t save_every_ns = ns_per_s;
constexpr std::int64_t last_answers_ns = 5 * ns_per_s;  // What a trial may take beyond the time.

// "300", "300s", "5m", "1h"; nothing for anything else.
std::optional<std::int64_t> parse_time(const std::string& text)
{
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    const std::string_view unit = end;
    const double seconds = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
    const double total = number * seconds;
    if (end == text.c_str() || !(total > 0) || total > 7.0 * 24 * 3600)
        return std::nullopt;
    return static_cast<std::int64_t>(total * static_cast<double>(ns_per_s));
}

// Everything the command line said, checked.
struct minimise_setup {
    replay::condition still;
    replay::target target;
    net::client_transport transport;
    replay::minimise_limits limits;
    replay::scenario_options sending;
    std::optional<reproducer_form> form;
    std::optional<endpoint> observe;
};

std::optional<minimise_setup> refuse(const std::string& text)
{
    print_error(text);
    return std::nullopt;
}

// What is wrong with how the target is observed; nothing when it can be.
std::optional<std::string> check_observing(const minimise_options& options, minimise_setup& made)
{
    const bool needed = replay::needs_telemetry(made.still);
    if (options.observe.empty() && needed)
        return "--still '" + options.still + "' asks for calls that only the service itself knows; give --observe "
               "127.0.0.1:4390 and let the service send its telemetry to that address by OTLP over HTTP";
    if (options.observe.empty())
        return std::nullopt;
    if (!needed)
        return "--observe is for conditions about calls, peak or arrivals, and '" + options.still + "' is none";
    made.observe = parse_endpoint(options.observe);
    if (!made.observe)
        return "--observe '" + options.observe + "' must be like 127.0.0.1:4390 or [::1]:0";
    if (made.form == reproducer_form::curl || made.form == reproducer_form::gtest)
        return "--export " + options.form + ": only the service itself knows its calls, and this form cannot receive "
               "its spans; export pytest, which can, or har, rrpair or bundle";
    return std::nullopt;
}

std::optional<minimise_setup> check_options(const minimise_options& options)
{
    minimise_setup made;
    auto still = replay::parse_condition(options.still);
    if (!still)
        return refuse("--still '" + options.still + "': " + still.error().reason);
    made.still = std::move(*still);
    auto target = replay::parse_target(options.against);
    if (!target)
        return refuse("--against: " + target.error().reason);
    made.target = std::move(*target);
    auto headers = parse_headers(options.headers, options.header_files);
    if (const auto* wrong = std::get_if<std::string>(&headers))
        return refuse(*wrong);
    made.sending.headers = std::move(std::get<model::header_list>(headers));
    made.sending.request = std::chrono::milliseconds(options.timeout_ms);
    const auto time_ns = parse_time(options.time);
    if (!time_ns)
        return refuse("--time '" + options.time + "' must be a time up to a week, like 90s, 5m or 1h");
    made.limits.time_max_ns = *time_ns;
    made.limits.trials_max = options.trials;
    made.limits.confirmations = options.confirmations;
    if (options.form.empty() != options.out.empty())
        return refuse("--export and --out belong together: what to write and where");
    made.form = find_reproducer_form(options.form);
    if (!options.form.empty() && !made.form)
        return refuse("--export '" + options.form + "' must be curl, pytest, gtest, har, rrpair or bundle");
    if (made.form == reproducer_form::bundle && !names_bundle(options.out))
        return refuse("--out '" + options.out + "' must end in .tar.gz or .tgz: by that a bundle is known");
    auto tls = net::load_client_tls({options.ca_file, {}, {}, options.insecure});
    if (!tls)
        return refuse("--ca-file: " + tls.error().text);
    made.transport.tls = std::move(*tls);
    if (const auto wrong = check_observing(options, made))
        return refuse(*wrong);
    made.sending.run_id = make_ulid(system_clock().now_ns());
    made.sending.mark = replay::replay_mark(made.sending.run_id);
    return made;
}

// What is made smaller, in the order of its start.
struct captured_requests {
    scenario_origin origin;
    std::vector<bool> watched;           // By exchange: the failing ones, or all when none failed.
    std::optional<std::size_t> named;
};

bool is_failing(const model::evidence_item& item)
{
    return item.role == model::evidence_role::failing || item.role == model::evidence_role::trigger;
}

captured_requests select_requests(traffic source, bool allow_unsafe)
{
    captured_requests made;
    std::vector<model::evidence_item> driven;
    for (model::evidence_item& item : source.items) {
        const bool may_go = item.role != model::evidence_role::context &&
                            item.exchange.direction == model::direction::in && item.exchange.complete &&
                            (allow_unsafe || !replay::is_unsafe_method(item.exchange.method));
        if (may_go)
            driven.push_back(std::move(item));
        else if (item.exchange.direction == model::direction::out)
            made.origin.calls.push_back(std::move(item.exchange));
    }
    std::stable_sort(driven.begin(), driven.end(), [](const auto& a, const auto& b) {
        return a.exchange.start_ns < b.exchange.start_ns;
    });
    made.origin.bundle = std::move(source.bundle);
    made.origin.minimised.name = std::move(source.name);
    made.origin.minimised.sha256 = std::move(source.sha256);
    const bool any_failing = std::any_of(driven.begin(), driven.end(), is_failing);
    for (model::evidence_item& item : driven) {
        if (is_failing(item) && !made.named)
            made.named = made.origin.captured.size();
        made.watched.push_back(!any_failing || is_failing(item));
        made.origin.captured.push_back(std::move(item.exchange));
    }
    return made;
}

// The exit code; 0 when the requests can be used.
int check_requests(const minimise_options& options, captured_requests& captured)
{
    const std::size_t count = captured.origin.captured.size();
    if (count == 0) {
        print_error(
            options.source + ": holds no inbound request that may be sent" +
            (options.allow_unsafe ? "" : "; --allow-unsafe sends POST, PUT, PATCH and DELETE, too")
        );
        return exit_data;
    }
    if (count > exchanges_max) {
        print_error(
            options.source + ": holds " + std::to_string(count) + " requests, more than " +
            std::to_string(exchanges_max) + "; give the evidence bundle of one incident or a part of the snapshot"
        );
        return exit_data;
    }
    if (options.request > count) {
        print_error("--request " + std::to_string(options.request) + ": there are " + std::to_string(count));
        return exit_usage;
    }
    if (options.request > 0) {
        captured.named = options.request - 1;
        captured.watched.assign(count, false);
        captured.watched[*captured.named] = true;
    }
    return exit_ok;
}

// The state file of a run: read once, written now and then, gone when there is nothing to go on with.
class state_file {
public:
    explicit state_file(const minimise_options& options, const std::string& name)
        : path_(!options.state.empty()    ? options.state
                : !options.resume.empty() ? options.resume
                : !options.out.empty()    ? options.out + ".state.json"
                                          : name + ".minimise.json")
    {
    }

    const std::string& path() const noexcept { return path_; }

    void save_now_and_then(const replay::minimiser& run, std::int64_t now_ns)
    {
        if (now_ns - saved_ns_ < save_every_ns)
            return;
        saved_ns_ = now_ns;
        save(run);
    }

    bool save(const replay::minimiser& run)
    {
        const auto written = write_durable_file(path_, run.state(), when_present::replace);
        if (!written && !complained_) {
            print_error(path_ + ": the state cannot be written (" + written.error().message() + ")");
            complained_ = true;
        }
        return written.has_value();
    }

    void remove()
    {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }

private:
    std::string path_;
    std::int64_t saved_ns_ = 0;
    bool complained_ = false;
};

std::variant<replay::minimiser, int> make_run(
    const minimise_options& options, const minimise_setup& setup, const captured_requests& captured
)
{
    auto source = replay::make_minimise_source(
        captured.origin.captured, captured.watched, captured.named, setup.still.text
    );
    if (options.resume.empty())
        return replay::minimiser(std::move(source), setup.limits);
    const auto state = read_small_file(options.resume, replay::state_bytes_max);
    if (!state) {
        print_error("--resume " + options.resume + ": " + state.error().message());
        return state.error() == errc::too_large ? exit_data : exit_unavailable;
    }
    auto run = replay::minimiser::resume(std::move(source), setup.limits, *state);
    if (!run) {
        print_error("--resume " + options.resume + ": " + run.error().reason);
        return exit_data;
    }
    return std::move(*run);
}

// Until the end, a signal or the lack of budget.
void run_trials(
    replay::minimiser& run, const minimise_setup& setup, trial_runner& trials, state_file& state,
    const output_style& style
)
{
    progress_bar bar("minimising", setup.limits.trials_max, style);
    bar.advance(run.trials());
    const system_clock time;
    while (const auto next = run.next()) {
        bar.advance(0, next->doing);
        const std::int64_t left_ns = setup.limits.time_max_ns - run.result().time_ns;
        auto outcome = trials.run(next->what, setup.still, std::max<std::int64_t>(left_ns, 0) + last_answers_ns);
        if (!outcome)
            return run.interrupt();
        run.take(std::move(*outcome));
        bar.advance();
        state.save_now_and_then(run, time.steady_ns());
    }
}

bool can_go_on(replay::minimise_end end)
{
    return end == replay::minimise_end::out_of_trials || end == replay::minimise_end::out_of_time ||
           end == replay::minimise_end::interrupted || end == replay::minimise_end::unavailable;
}

int exit_code_of(replay::minimise_end end)
{
    switch (end) {
    case replay::minimise_end::minimal:
    case replay::minimise_end::out_of_trials:
    case replay::minimise_end::out_of_time: return exit_ok;
    case replay::minimise_end::does_not_fail:
    case replay::minimise_end::unconfirmed: return exit_gate;
    case replay::minimise_end::running:
    case replay::minimise_end::interrupted:
    case replay::minimise_end::unavailable: break;
    }
    return exit_unavailable;
}

replay::reproducer make_reproducer(
    const minimise_setup& setup, const scenario_origin& origin, const replay::minimise_result& result
)
{
    replay::reproducer made;
    made.what = *result.smallest;
    made.still = setup.still;
    made.target = setup.target.text();
    const auto watched = std::find_if(made.what.requests.rbegin(), made.what.requests.rend(), [](const auto& one) {
        return one.watched;
    });
    made.title = watched->method + " " + watched->path + " shows: " + setup.still.text;
    made.facts.push_back("From " + origin.minimised.name + ", SHA-256 " + origin.minimised.sha256 + ".");
    made.facts.push_back(
        std::to_string(made.what.requests.size()) + " of " + std::to_string(origin.captured.size()) +
        " captured requests, found in " + std::to_string(result.trials) + " trials; shown again in " +
        std::to_string(result.confirmed) + " of " + std::to_string(result.confirm_trials) + " further ones."
    );
    if (result.end != replay::minimise_end::minimal)
        made.facts.push_back("The search was stopped early: it may not be minimal.");
    for (const replay::part_note& note : result.kept)
        made.facts.push_back("Kept: " + note.what + (note.why.empty() ? "" : " - " + note.why));
    return made;
}

void add_result(const minimise_setup& setup, const replay::minimise_result& result, scenario_origin& to)
{
    archive::minimised_from& into = to.minimised;
    into.still = setup.still.text;
    into.requests = static_cast<std::uint32_t>(result.smallest->requests.size());
    into.requests_before = static_cast<std::uint32_t>(to.captured.size());
    into.trials = result.trials;
    into.minimal = result.end == replay::minimise_end::minimal;
}

// Null when the condition needs none.
std::variant<std::unique_ptr<trial_observer>, std::string> start_observer(const minimise_setup& setup)
{
    if (!setup.observe)
        return std::unique_ptr<trial_observer>();
    return trial_observer::start(*setup.observe, setup.sending.mark);
}

int minimise_and_report(
    const minimise_options& options, const minimise_setup& setup, captured_requests& captured, const output_style& style
)
{
    auto made = make_run(options, setup, captured);
    if (const int* code = std::get_if<int>(&made))
        return *code;
    replay::minimiser& run = std::get<replay::minimiser>(made);
    state_file state(options, captured.origin.minimised.name);
    auto started = start_observer(setup);
    if (const auto* wrong = std::get_if<std::string>(&started)) {
        print_error("--observe " + options.observe + ": " + *wrong);
        return exit_unavailable;
    }
    const auto& observer = std::get<std::unique_ptr<trial_observer>>(started);
    trial_runner trials(setup.target, setup.transport, setup.sending);
    if (observer)
        trials.observe(*observer, std::chrono::milliseconds(options.observe_timeout_ms));
    run_trials(run, setup, trials, state, style);

    minimise_report report;
    if (observer && trials.untold())
        report.untold = observer->address();
    report.source = options.source;
    report.target = setup.target.text();
    report.still = setup.still.text;
    report.requests_before = static_cast<std::uint32_t>(captured.origin.captured.size());
    report.result = run.result();
    const bool was_there = report.result.smallest || run.end() != replay::minimise_end::unavailable;
    const bool has_learned = run.trials() > 0 && was_there;
    if (can_go_on(run.end()) && has_learned && state.save(run))
        report.state = state.path();
    else
        state.remove();
    int code = exit_code_of(run.end());
    if (report.result.smallest && setup.form && run.end() != replay::minimise_end::unconfirmed) {
        auto reproducer = make_reproducer(setup, captured.origin, report.result);
        reproducer.observe = observer ? observer->address() : "";
        add_result(setup, report.result, captured.origin);
        if (auto bad = write_reproducer(reproducer, captured.origin, *setup.form, options.out, options.force)) {
            print_error(bad->text);
            code = bad->code;
        } else {
            report.out = options.out;
        }
    }
    if (style.json)
        std::printf("%s\n", to_json(report).c_str());
    else if (!style.quiet)
        print_text(report);
    if (const std::string text = complaint(report); !text.empty())
        print_error(text);
    return code;
}

}  // namespace

int run_minimise(const minimise_options& options, const output_style& style)
{
    auto setup = check_options(options);
    if (!setup)
        return exit_usage;
    auto loaded = load_traffic(options.source, options.service, style);
    if (const auto* wrong = std::get_if<traffic_error>(&loaded)) {
        print_error(wrong->text);
        return wrong->exit_code;
    }
    captured_requests captured = select_requests(std::move(std::get<traffic>(loaded)), options.allow_unsafe);
    if (const int code = check_requests(options, captured); code != exit_ok)
        return code;
    return minimise_and_report(options, *setup, captured, style);
}

}  // namespace reprise::app
