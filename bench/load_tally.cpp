#include "load_tally.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <cstdio>

namespace reprise::bench {
namespace {

namespace json = boost::json;

struct named_quantile {
    const char* name;
    double rank;
};

constexpr std::array<named_quantile, 5> quantiles = {
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99_9", 0.999}, {"max", 1.0}}};

double ms(double ns)
{
    return ns / 1e6;
}

json::object to_object(const detect::sketch& times)
{
    json::object found;
    for (const named_quantile& one : quantiles)
        found[std::string(one.name) + "_ms"] = ms(times.quantile(one.rank));
    return found;
}

template <class... Values>
std::string line(const char* format, Values... values)
{
    std::array<char, 256> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return std::string(text.data()) + "\n";
}

std::string row(const char* name, const detect::sketch& times)
{
    return line(
        "%-22s %10.2f %10.2f %10.2f %10.2f %10.2f", name, ms(times.quantile(0.5)), ms(times.quantile(0.9)),
        ms(times.quantile(0.99)), ms(times.quantile(0.999)), ms(times.quantile(1.0))
    );
}

unsigned long long wide(std::uint64_t value)
{
    return value;
}

}  // namespace

void load_tally::add(load_answer answer, const load_times& times, std::size_t records, std::size_t bytes)
{
    late_.add(times.sent_ns - times.due_ns);
    switch (answer) {
    case load_answer::accepted:
        ++accepted_;
        records_ += records;
        bytes_ += bytes;
        break;
    case load_answer::overloaded: ++overloaded_; break;
    case load_answer::refused: ++refused_; break;
    case load_answer::failed: ++failed_; return;
    }
    since_due_.add(times.answered_ns - times.due_ns);
    since_sent_.add(times.answered_ns - times.sent_ns);
}

void load_tally::note_reason(std::string_view reason)
{
    if (reason_.empty())
        reason_ = reason;
}

double load_tally::seconds(const frame& around) const
{
    return around.elapsed_ns > 0 ? static_cast<double>(around.elapsed_ns) / 1e9 : 1e-9;
}

std::string load_tally::to_table(const frame& around) const
{
    const double elapsed_s = seconds(around);
    std::string text = line("%s, %.2f s", around.target.c_str(), elapsed_s);
    text += around.planned ? line("requests planned       %10llu", wide(*around.planned))
                           : line("requests planned       %10s", "no rate");
    text += line("requests sent          %10llu", wide(sent()));
    text += line("  accepted             %10llu   with rejected records: %llu", wide(accepted_), wide(partial_));
    text += line("  told to come back    %10llu", wide(overloaded_));
    text += line("  refused              %10llu", wide(refused_));
    text += line("  not answered         %10llu", wide(failed_));
    if (!reason_.empty())
        text += "first reason           " + reason_ + "\n";
    text += line("records accepted       %10llu   %.0f per second, %.1f MiB/s", wide(records_),
                 static_cast<double>(records_) / elapsed_s, static_cast<double>(bytes_) / elapsed_s / 1048576.0);
    if (around.server_cpu_ns && records_ > 0)
        text += line("server CPU             %10.3f us per record, %.2f cores",
                     static_cast<double>(*around.server_cpu_ns) / 1e3 / static_cast<double>(records_),
                     static_cast<double>(*around.server_cpu_ns) / 1e9 / elapsed_s);
    if (around.server_peak_kib)
        text += line("server peak memory     %10.1f MiB", static_cast<double>(*around.server_peak_kib) / 1024.0);
    text += line("%-22s %10s %10s %10s %10s %10s", "milliseconds", "p50", "p90", "p99", "p99.9", "max");
    text += row("sent after due", late_);
    text += row("answered after due", since_due_);
    text += row("answered after sent", since_sent_);
    return text;
}

std::string load_tally::to_json(const frame& around) const
{
    const double elapsed_s = seconds(around);
    json::object found;
    found["target"] = around.target;
    found["elapsed_s"] = elapsed_s;
    found["requests_planned"] = around.planned ? json::value(*around.planned) : json::value(nullptr);
    found["requests_sent"] = sent();
    found["requests_accepted"] = accepted_;
    found["requests_with_rejected_records"] = partial_;
    found["requests_overloaded"] = overloaded_;
    found["requests_refused"] = refused_;
    found["requests_failed"] = failed_;
    found["first_reason"] = reason_;
    found["records_accepted"] = records_;
    found["records_per_s"] = static_cast<double>(records_) / elapsed_s;
    found["bytes_accepted"] = bytes_;
    if (around.server_cpu_ns && records_ > 0)
        found["server_cpu_us_per_record"] =
            static_cast<double>(*around.server_cpu_ns) / 1e3 / static_cast<double>(records_);
    if (around.server_peak_kib)
        found["server_peak_mib"] = static_cast<double>(*around.server_peak_kib) / 1024.0;
    found["sent_after_due"] = to_object(late_);
    found["answered_after_due"] = to_object(since_due_);
    found["answered_after_sent"] = to_object(since_sent_);
    return json::serialize(found) + "\n";
}

}  // namespace reprise::bench
