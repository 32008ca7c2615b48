#include "report_page.hpp"

#include "report_text.hpp"

namespace reprise::replay {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --bg: #f6f6f4; --card: #fff; --line: #e4e4df; --text: #191c1f; --soft: #62686e;
  --bad: #b0142a; --good: #1d6b3c; --one: #2b3238; --two: #0b6170; --three: #ab420a; }
@media (prefers-color-scheme: dark) { :root { --bg: #0f1113; --card: #16191c; --line: #272c31; --text: #e7eaec;
  --soft: #929aa2; --bad: #ff8a94; --good: #7ecb98; --one: #c9d0d6; --two: #6fc3d0; --three: #f0a070; } }
body { margin: 0 auto; max-width: 1080px; padding: 24px; background: var(--bg); color: var(--text);
  font: 14px/20px system-ui, sans-serif; }
h1 { font-size: 22px; line-height: 30px; margin: 0; } h2 { font-size: 15px; margin: 0 0 8px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px; margin-top: 16px;
  overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; } td:first-child, th:first-child { text-align: left; }
.texts th, .texts td { text-align: left; white-space: normal; overflow-wrap: anywhere; vertical-align: top; }
.soft { color: var(--soft); } .bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); gap: 12px; margin: 0; }
dt { color: var(--soft); font-size: 12px; } dd { margin: 0; font-size: 18px; }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
)";

}  // namespace

std::string report_page(std::string_view title, std::string_view note, std::string_view body)
{
    const std::string heading = escape_markup(title);
    std::string page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                       "content=\"width=device-width, initial-scale=1\"><title>";
    page.append(heading).append("</title><style>").append(style).append("</style></head><body><h1>").append(heading);
    page.append("</h1><p class=\"soft\">").append(escape_markup(note)).append("</p>").append(body);
    page += "</body></html>\n";
    return page;
}

}  // namespace reprise::replay
