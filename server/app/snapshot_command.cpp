#include "snapshot_command.hpp"

#include "snapshot_convert.hpp"
#include "snapshot_redact.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <memory>

namespace reprise::app {
namespace {

constexpr const char* formats_help = "rrpair-json, rrpair-md, har or otlp-json";

using action = std::function<int(const output_style&)>;

// A sub-command: its flags, and what it does with them. The answer of `add` runs after the parsing.
struct snapshot_row {
    const char* name;
    const char* help;
    action (*add)(CLI::App& command);
};

action convert_with(const std::shared_ptr<snapshot_conversion>& conversion)
{
    return [conversion](const output_style& style) { return run_snapshot_conversion(*conversion, style); };
}

void add_shared_flags(CLI::App& command, snapshot_conversion& conversion)
{
    const std::string from_help = std::string("Format of the input, if its content should not tell: ") + formats_help;
    command.add_option("--from", conversion.from, from_help);
    command.add_option("--service", conversion.service, "Service of records that name none");
    command.add_flag("--force", conversion.force, "Replace what is there");
}

action add_import(CLI::App& command)
{
    auto conversion = std::make_shared<snapshot_conversion>();
    conversion->to = "rrpair-json";
    command.add_option("path", conversion->paths, "Files and directories of any format")->required();
    command.add_option("--to", conversion->out, "Snapshot directory to make")->required();
    command.add_option("--format", conversion->to, "rrpair-json (default) or rrpair-md")
        ->check(CLI::IsMember({"rrpair-json", "rrpair-md"}));
    add_shared_flags(command, *conversion);
    return convert_with(conversion);
}

action add_export(CLI::App& command)
{
    auto conversion = std::make_shared<snapshot_conversion>();
    command.add_option("path", conversion->paths, "Snapshot directories")->required();
    command.add_option("--format", conversion->to, formats_help)->required();
    command.add_option("--out", conversion->out, "File (har, otlp-json) or directory to make")->required();
    add_shared_flags(command, *conversion);
    return convert_with(conversion);
}

action add_convert(CLI::App& command)
{
    auto conversion = std::make_shared<snapshot_conversion>();
    conversion->paths.resize(1);
    command.add_option("in", conversion->paths.front(), "File or directory")->required();
    command.add_option("out", conversion->out, "File or directory to make")->required();
    command.add_option(
        "--to", conversion->to,
        std::string(formats_help) + "; else the name tells: .har, .jsonl, anything else is a directory of rrpair-json"
    );
    add_shared_flags(command, *conversion);
    return convert_with(conversion);
}

action add_redact(CLI::App& command)
{
    auto redaction = std::make_shared<snapshot_redaction>();
    command.add_option("path", redaction->paths, "Files and directories of any format")->required();
    command.add_flag("--preview", redaction->preview, "Show what would go: field, type, count, length, token");
    command.add_flag("--show-values", redaction->show_values, "With --preview on a terminal: the secrets, too");
    command.add_option("--to", redaction->out, "Snapshot directory of redacted copies to make");
    command.add_option("--format", redaction->format, "rrpair-json (default) or rrpair-md")
        ->check(CLI::IsMember({"rrpair-json", "rrpair-md"}));
    command.add_option("--config", redaction->config_file, "Configuration: its redaction section and data directory");
    command.add_option("--service", redaction->service, "Service of records that name none");
    command.add_flag("--force", redaction->force, "Replace what is there");
    return [redaction](const output_style& style) { return run_snapshot_redaction(*redaction, style); };
}

constexpr std::array<snapshot_row, 4> rows = {{
    {"import", "Make a snapshot directory of captured files", add_import},
    {"export", "Write a snapshot as HAR, OTLP-JSON lines or RRPairs", add_export},
    {"convert", "One file or directory into another format", add_convert},
    {"redact", "Show or take out secrets and personal data, as the server does", add_redact},
}};

}  // namespace

void add_snapshot_commands(CLI::App& app, chosen_command chosen)
{
    auto& parent = *app.add_subcommand("snapshot", "Captured traffic in files: RRPairs, HAR, OTLP-JSON lines");
    parent.require_subcommand(1);
    for (const snapshot_row& row : rows) {
        CLI::App& command = *parent.add_subcommand(row.name, row.help);
        command.add_flag("--json", chosen.style.json, "Print JSON instead of text");
        command.add_flag("--quiet", chosen.style.quiet, "Print errors only");
        command.callback([chosen, work = row.add(command)] {
            chosen.run = [chosen, work] { return work(chosen.style); };
        });
    }
}

}  // namespace reprise::app
