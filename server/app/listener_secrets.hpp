#pragma once

#include "config.hpp"

#include "reprise/ingest/senders.hpp"
#include "reprise/net/tls.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

// What the listeners show and ask for, from the files that the configuration names. All functions block; an
// error names key, file and reason.
namespace reprise::app {

// Null when no file is named: plain text.
config_result<std::shared_ptr<net::tls_context>> load_api_tls(const config& settings);
config_result<std::shared_ptr<net::tls_context>> load_intake_tls(const config& settings);
config_result<std::shared_ptr<net::tls_context>> load_workers_tls(const config& settings);

// Nothing when no file is named: everybody may send.
config_result<std::optional<ingest::token_list>> load_sender_tokens(const config& settings);
// Nothing: every worker may call. An error beyond loopback, unless client certificates are asked for.
config_result<std::optional<ingest::token_list>> load_worker_tokens(const config& settings);

// Sentences for whoever runs a server that others can reach and that asks nobody who they are, or lets tokens
// be read on the way.
std::vector<std::string> list_exposures(const config& settings);

}  // namespace reprise::app
