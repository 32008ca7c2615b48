#include "listener_secrets.hpp"

#include "settings.hpp"

#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace reprise::app {
namespace {

config_result<std::shared_ptr<net::tls_context>> load(const net::tls_files& files, std::string_view section)
{
    if (files.empty())
        return std::shared_ptr<net::tls_context>();
    auto loaded = net::load_tls(files);
    if (!loaded)
        return config_error{std::string(section) + ": " + loaded.error().text};
    return std::move(*loaded);
}

bool is_outside(const std::string& address)
{
    const auto at = parse_endpoint(address);
    return at && !is_loopback(at->host);
}

config_result<std::optional<ingest::token_list>> load_tokens(std::string_view key, const std::string& path)
{
    if (path.empty())
        return std::optional<ingest::token_list>();
    const std::string where = std::string(key) + " = '" + path + "'";
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return config_error{where + " cannot be read; does it exist, and may this user read it?"};
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto tokens = ingest::token_list::parse(text);
    if (!tokens)
        return config_error{where + ": " + tokens.error().text};
    return std::optional(std::move(*tokens));
}

}  // namespace

config_result<std::shared_ptr<net::tls_context>> load_api_tls(const config& settings)
{
    return load({settings.tls_cert_file, settings.tls_key_file, settings.tls_client_ca_file}, "server.tls");
}

config_result<std::shared_ptr<net::tls_context>> load_intake_tls(const config& settings)
{
    const net::tls_files files{
        settings.intake_tls_cert_file, settings.intake_tls_key_file, settings.intake_tls_client_ca_file};
    return load(files, "intake.tls");
}

config_result<std::shared_ptr<net::tls_context>> load_workers_tls(const config& settings)
{
    const net::tls_files files{
        settings.workers_tls_cert_file, settings.workers_tls_key_file, settings.workers_tls_client_ca_file};
    return load(files, "workers.tls");
}

config_result<std::optional<ingest::token_list>> load_sender_tokens(const config& settings)
{
    return load_tokens("intake.tokens_file", settings.intake_tokens_file);
}

config_result<std::optional<ingest::token_list>> load_worker_tokens(const config& settings)
{
    const bool asks = !settings.workers_tokens_file.empty() || !settings.workers_tls_client_ca_file.empty();
    if (is_outside(settings.workers_listen) && !asks)
        return config_error{
            "workers.listen = " + settings.workers_listen + " is reachable from outside and hands out captured "
            "traffic; set workers.tokens_file or workers.tls.client_ca_file"};
    return load_tokens("workers.tokens_file", settings.workers_tokens_file);
}

std::vector<std::string> list_exposures(const config& settings)
{
    std::vector<std::string> sentences;
    const bool reachable = is_outside(settings.otlp_grpc) || is_outside(settings.otlp_http);
    const bool encrypted = !settings.intake_tls_cert_file.empty();
    const bool asks = !settings.intake_tokens_file.empty() || !settings.intake_tls_client_ca_file.empty();
    if (reachable && !asks)
        sentences.emplace_back(
            "the OTLP ports are reachable from outside and anybody may send; set intake.tokens_file or "
            "intake.tls.client_ca_file"
        );
    if (reachable && !encrypted && !settings.intake_tokens_file.empty())
        sentences.emplace_back(
            "the OTLP ports are reachable from outside without TLS: tokens can be read on the way; set intake.tls"
        );
    if (is_outside(settings.workers_listen) && settings.workers_tls_cert_file.empty())
        sentences.emplace_back(
            "workers.listen is reachable from outside without TLS: captured traffic can be read on the way; set "
            "workers.tls"
        );
    return sentences;
}

}  // namespace reprise::app
