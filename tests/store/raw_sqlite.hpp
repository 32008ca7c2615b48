#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>

namespace reprise::store {

// Somebody with the sqlite3 shell: no locks of ours, no triggers respected that they dropped before.
class raw_sqlite {
public:
    explicit raw_sqlite(const std::filesystem::path& path) { sqlite3_open(path.c_str(), &handle_); }
    ~raw_sqlite() { sqlite3_close(handle_); }
    raw_sqlite(const raw_sqlite&) = delete;
    raw_sqlite& operator=(const raw_sqlite&) = delete;

    void run(const std::string& sql)
    {
        char* problem = nullptr;
        EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &problem), SQLITE_OK)
            << sql << ": " << (problem != nullptr ? problem : "");
        sqlite3_free(problem);
    }

    bool refuses(const std::string& sql)
    {
        return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK;
    }

    int prepare(const std::string& sql, sqlite3_stmt** query)
    {
        return sqlite3_prepare_v2(handle_, sql.c_str(), -1, query, nullptr);
    }

    // The first column of the first row as text.
    std::string value(const std::string& sql)
    {
        sqlite3_stmt* query = nullptr;
        EXPECT_EQ(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &query, nullptr), SQLITE_OK) << sql;
        std::string text;
        if (sqlite3_step(query) == SQLITE_ROW && sqlite3_column_text(query, 0) != nullptr)
            text = reinterpret_cast<const char*>(sqlite3_column_text(query, 0));
        sqlite3_finalize(query);
        return text;
    }

private:
    sqlite3* handle_ = nullptr;
};

}  // namespace reprise::store
