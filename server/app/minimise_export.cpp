#include "minimise_export.hpp"

#include "commands.hpp"
#include "minimise_bundle.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/telemetry/har.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <array>

namespace reprise::app {
namespace {

struct named_form {
    std::string_view name;
    reproducer_form form;
};

constexpr std::array forms = {
    named_form{"curl", reproducer_form::curl},   named_form{"pytest", reproducer_form::pytest},
    named_form{"gtest", reproducer_form::gtest}, named_form{"har", reproducer_form::har},
    named_form{"rrpair", reproducer_form::rrpair}, named_form{"bundle", reproducer_form::bundle},
};

std::string har_text(const std::vector<model::exchange>& exchanges)
{
    std::string text = telemetry::write_har_head(version_text);
    for (std::size_t i = 0; i < exchanges.size(); ++i)
        text += (i > 0 ? ",\n" : "\n") + telemetry::write_har_entry(exchanges[i]);
    return text + telemetry::write_har_tail();
}

outcome_of_step add_pairs(staged_output& into, const std::vector<model::exchange>& exchanges)
{
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        const model::exchange& one = exchanges[i];
        std::string number = std::to_string(i + 1);
        number.insert(0, number.size() < 6 ? 6 - number.size() : 0, '0');
        const std::string& host = one.host.empty() ? one.operation.service : one.host;
        const std::filesystem::path directory = archive::escape_name(host);
        if (auto bad = into.add_file(directory / (number + ".json"), telemetry::write_rrpair_json(one)))
            return bad;
    }
    return std::nullopt;
}

replay::checked<std::string> bytes_of(
    const replay::reproducer& from, const scenario_origin& origin, reproducer_form form
)
{
    switch (form) {
    case reproducer_form::curl: return replay::to_curl_script(from);
    case reproducer_form::pytest: return replay::to_pytest(from);
    case reproducer_form::gtest: return replay::to_gtest(from);
    case reproducer_form::bundle: return pack_reproducer(from, origin);
    case reproducer_form::har:
    case reproducer_form::rrpair: break;
    }
    return har_text(replay::to_exchanges(from.what, origin.captured));
}

}  // namespace

std::optional<reproducer_form> find_reproducer_form(std::string_view name) noexcept
{
    for (const named_form& one : forms) {
        if (one.name == name)
            return one.form;
    }
    return std::nullopt;
}

outcome_of_step write_reproducer(
    const replay::reproducer& from, const scenario_origin& origin, reproducer_form form,
    const std::filesystem::path& path, bool force
)
{
    const bool is_directory = form == reproducer_form::rrpair;
    staged_output output(path, is_directory ? output_kind::directory : output_kind::file, force);
    if (auto bad = output.begin())
        return bad;
    if (is_directory) {
        if (auto bad = add_pairs(output, replay::to_exchanges(from.what, origin.captured)))
            return bad;
        return output.commit();
    }
    const auto bytes = bytes_of(from, origin, form);
    if (!bytes)
        return command_error{exit_data, bytes.error().reason};
    if (auto bad = output.append(*bytes))
        return bad;
    return output.commit();
}

}  // namespace reprise::app
