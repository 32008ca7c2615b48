#pragma once

#include "config.hpp"

#include "reprise/archive/evidence_reader.hpp"
#include "reprise/archive/object_store.hpp"
#include "reprise/archive/s3_store.hpp"
#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/pipeline/archivist.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <optional>
#include <string>

// Where evidence and findings are kept, made from the configuration.
namespace reprise::app {

struct archive_parts {
    std::unique_ptr<archive::object_store> local;
    std::unique_ptr<archive::object_store> remote;  // Null with archive.store = file.
    std::unique_ptr<archive::evidence_reader> reader;
    std::unique_ptr<pipeline::archivist> archivist;  // The server's alone.
};

// Reads the files of the keys; contacts nobody.
config_result<archive_parts> make_archive(
    const config& settings, boost::asio::any_io_executor blocking_pool, const clock& time, metrics& numbers,
    const archive::s3_limits& limits = {}
);

pipeline::archivist_config archivist_config_of(const config& settings);

// A sentence about evidence that travels readable for everybody; nothing when it does not.
std::optional<std::string> find_archive_exposure(const config& settings);

}  // namespace reprise::app
