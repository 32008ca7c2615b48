#pragma once

#include <filesystem>
#include <string>

namespace reprise::test {

// An authority of one test with a server's and a client's certificate, and a client's of a stranger; all on
// disk as PEM in a directory that goes with the object. Keys are EC P-256: made in a millisecond.
class certificates {
public:
    certificates();
    ~certificates();
    certificates(const certificates&) = delete;
    certificates& operator=(const certificates&) = delete;

    std::string authority() const { return path("ca.pem"); }
    std::string server_cert() const { return path("server.pem"); }  // For localhost, 127.0.0.1 and ::1.
    std::string server_key() const { return path("server.key"); }
    std::string expired_cert() const { return path("expired.pem"); }  // As the server's, until yesterday.
    std::string expired_key() const { return path("expired.key"); }
    std::string elsewhere_cert() const { return path("elsewhere.pem"); }  // For elsewhere.test alone.
    std::string elsewhere_key() const { return path("elsewhere.key"); }
    std::string client_cert() const { return path("client.pem"); }
    std::string client_key() const { return path("client.key"); }
    std::string stranger_cert() const { return path("stranger.pem"); }  // Of another authority.
    std::string stranger_key() const { return path("stranger.key"); }
    std::string path(const std::string& name) const { return (directory_ / name).string(); }

private:
    std::filesystem::path directory_;
};

std::string read_text(const std::string& file);

}  // namespace reprise::test
