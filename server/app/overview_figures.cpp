#include "overview_figures.hpp"

#include "otlp_intake.hpp"
#include "running_server.hpp"

#include "reprise/store/database.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace reprise::app {

http::intake_figures count_intake(const otlp_intake& intake)
{
    http::intake_figures figures;
    figures.records = intake.records();
    figures.refused = intake.refused();
    figures.late = intake.late();
    if (intake.last_record_ns() > 0)
        figures.last_record_ns = intake.last_record_ns();
    return figures;
}

std::function<http::storage_figures()> measure_storage(
    const config& settings, const store::database& database, metrics& numbers
)
{
    const gauge& evidence_bytes = numbers.add_gauge("reprise_archive_bytes", "Bytes of them.");
    const std::filesystem::path file = database_path(settings);
    const std::filesystem::path directory = settings.data_dir;
    return [file, directory, &database, &evidence_bytes] {
        std::error_code ec;
        http::storage_figures figures;
        if (const auto bytes = std::filesystem::file_size(file, ec); !ec)
            figures.database_bytes = bytes;
        figures.wal_bytes = database.stats().wal_bytes;
        figures.evidence_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(evidence_bytes.value(), 0));
        if (const auto space = std::filesystem::space(directory, ec); !ec)
            figures.free_bytes = space.available;
        return figures;
    };
}

}  // namespace reprise::app
