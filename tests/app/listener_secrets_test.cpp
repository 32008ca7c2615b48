#include "../../server/app/listener_secrets.hpp"

#include "support/certificates.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace reprise::app {
namespace {

class listener_secrets_test : public testing::Test {
protected:
    test::certificates files;
    config settings;

    template <class Secret>
    static std::string reason(const config_result<Secret>& loaded)
    {
        const auto* wrong = std::get_if<config_error>(&loaded);
        return wrong == nullptr ? std::string() : wrong->text;
    }

    std::string write(const std::string& name, const std::string& text) const
    {
        std::ofstream(files.path(name)) << text;
        return files.path(name);
    }
};

TEST_F(listener_secrets_test, without_files_there_are_none)
{
    EXPECT_EQ(std::get<std::shared_ptr<net::tls_context>>(load_api_tls(settings)), nullptr);
    EXPECT_EQ(std::get<std::shared_ptr<net::tls_context>>(load_intake_tls(settings)), nullptr);
    EXPECT_FALSE(std::get<std::optional<ingest::token_list>>(load_sender_tokens(settings)));
}

TEST_F(listener_secrets_test, files_of_the_yaml_sections_are_loaded)
{
    const std::string file = write(
        "reprise.yaml", "server:\n  tls: {cert_file: " + files.server_cert() + ", key_file: " + files.server_key() +
                            "}\nintake:\n  tokens_file: " + write("tokens", "ci:0123456789abcdef\n") +
                            "\n  tls:\n    cert_file: " + files.server_cert() + "\n    key_file: " +
                            files.server_key() + "\n    client_ca_file: " + files.authority() + "\n"
    );
    const auto wrong = read_config_file(settings, file);
    ASSERT_FALSE(wrong) << wrong->text;

    EXPECT_NE(std::get<std::shared_ptr<net::tls_context>>(load_api_tls(settings)), nullptr);
    const auto intake = std::get<std::shared_ptr<net::tls_context>>(load_intake_tls(settings));
    ASSERT_NE(intake, nullptr);
    EXPECT_EQ(net::pem_of(*intake).client_ca, test::read_text(files.authority()));
    const auto tokens = std::get<std::optional<ingest::token_list>>(load_sender_tokens(settings));
    EXPECT_TRUE(tokens && tokens->admits("Bearer 0123456789abcdef"));
}

TEST_F(listener_secrets_test, what_is_wrong_names_key_file_and_reason)
{
    settings.tls_cert_file = files.server_cert();
    EXPECT_TRUE(reason(load_api_tls(settings)).starts_with("server.tls: a certificate needs its key"));
    settings.intake_tls_cert_file = files.path("none.pem");
    settings.intake_tls_key_file = files.server_key();
    EXPECT_TRUE(reason(load_intake_tls(settings)).starts_with("intake.tls: " + files.path("none.pem") + ": cannot"));
    settings.intake_tokens_file = files.path("none");
    EXPECT_NE(reason(load_sender_tokens(settings)).find("none' cannot be read"), std::string::npos);
    settings.intake_tokens_file = write("tokens", "short\n");
    EXPECT_NE(reason(load_sender_tokens(settings)).find("tokens': line 1: a token has 16"), std::string::npos);
}

TEST_F(listener_secrets_test, whoever_is_reachable_is_told_what_is_missing)
{
    EXPECT_TRUE(list_exposures(settings).empty());
    settings.otlp_grpc = "0.0.0.0:4317";
    ASSERT_EQ(list_exposures(settings).size(), 1U);
    EXPECT_NE(list_exposures(settings)[0].find("anybody may send"), std::string::npos);
    settings.intake_tokens_file = "tokens";
    ASSERT_EQ(list_exposures(settings).size(), 1U);
    EXPECT_NE(list_exposures(settings)[0].find("without TLS"), std::string::npos);
    settings.intake_tls_cert_file = "server.pem";
    EXPECT_TRUE(list_exposures(settings).empty());
}

TEST_F(listener_secrets_test, an_unknown_key_of_an_inner_section_is_named)
{
    const auto wrong = read_config_file(settings, write("reprise.yaml", "intake:\n  tls: {certfile: x}\n"));
    ASSERT_TRUE(wrong);
    EXPECT_NE(wrong->text.find("intake.tls.certfile"), std::string::npos);
}

}  // namespace
}  // namespace reprise::app
