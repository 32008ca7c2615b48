#include "minimise_export.hpp"

#include "commands.hpp"

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
    named_form{"rrpair", reproducer_form::rrpair},
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

replay::checked<std::string> text_of(
    const replay::reproducer& from, std::span<const model::exchange> captured, reproducer_form form
)
{
    switch (form) {
    case reproducer_form::curl: return replay::to_curl_script(from);
    case reproducer_form::pytest: return replay::to_pytest(from);
    case reproducer_form::gtest: return replay::to_gtest(from);
    case reproducer_form::har:
    case reproducer_form::rrpair: break;
    }
    return har_text(replay::to_exchanges(from.what, captured));
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
    const replay::reproducer& from, std::span<const model::exchange> captured, reproducer_form form,
    const std::filesystem::path& path, bool force
)
{
    const bool is_directory = form == reproducer_form::rrpair;
    staged_output output(path, is_directory ? output_kind::directory : output_kind::file, force);
    if (auto bad = output.begin())
        return bad;
    if (is_directory) {
        if (auto bad = add_pairs(output, replay::to_exchanges(from.what, captured)))
            return bad;
        return output.commit();
    }
    const auto text = text_of(from, captured, form);
    if (!text)
        return command_error{exit_data, text.error().reason};
    if (auto bad = output.append(*text))
        return bad;
    return output.commit();
}

}  // namespace reprise::app
