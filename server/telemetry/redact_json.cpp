#include "call.hpp"
#include "redactor.hpp"
#include "secret_find.hpp"
#include "secret_names.hpp"
#include "text_class.hpp"

#include "reprise/base/hash.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace reprise::telemetry {
namespace {

constexpr std::size_t depth_max = 256;
constexpr std::size_t place_bytes_max = 200;

// What a JSON string says; text that is no valid JSON string says itself.
std::string unescaped(std::string_view inside)
{
    if (inside.find('\\') == std::string_view::npos)
        return std::string(inside);
    boost::system::error_code bad;
    const boost::json::value value = boost::json::parse("\"" + std::string(inside) + "\"", bad);
    return bad ? std::string(inside) : std::string(value.get_string());
}

std::string escaped(std::string_view text)
{
    const std::string quoted = boost::json::serialize(boost::json::string(text));
    return quoted.substr(1, quoted.size() - 2);
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names)
{
    return std::any_of(names.begin(), names.end(), [name](std::string_view one) { return is_same_text(one, name); });
}

bool is_name_of_pair(std::string_view name)
{
    return is_one_of(name, {"name", "key", "field", "header", "param", "parameter", "property"});
}

bool is_value_name(std::string_view name)
{
    return is_one_of(name, {"value", "values", "val", "content"});
}

}  // namespace

// One pass over JSON text that rewrites values and copies everything else as it stands, so that
// numbers, blanks and order survive and JSON that was cut off is redacted, too. Where it stops being
// JSON, the rest is looked at as text.
class json_redaction {
public:
    json_redaction(redactor& owner, std::string_view text, std::string_view place)
        : owner_(owner), text_(text), place_(place)
    {
        out_.reserve(text.size());
    }

    std::string run()
    {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            const bool is_value = c == '"' || c == '-' || c == '{' || c == '[' || is_alnum(c);
            if (is_value && after_value_)
                take_rest();
            else if (c == '"')
                take_string();
            else if (c == '{' || c == '[')
                open(c);
            else if (c == '}' || c == ']')
                close(c);
            else if (c == '-' || is_digit(c))
                take_number();
            else if (is_letter(c))
                take_word();
            else
                take_sign(c);
        }
        return std::move(out_);
    }

private:
    struct frame {
        bool object = false;
        bool expects_key = false;
        std::string name;         // Of the current member, or "" in an array.
        std::string_view secret;  // Type that everything below has.
        // What the last text names: {"name": "password", "value": ...}, ["--password", ...].
        std::string_view named;
        std::string_view item;    // Type of the current item of an array, which the one before it named.
    };

    std::string_view secret() const
    {
        if (frames_.empty())
            return {};
        const frame& top = frames_.back();
        if (!top.secret.empty())
            return top.secret;
        if (!top.object)
            return top.item;
        const std::string_view type = owner_.secret_name(without_tokens(top.name));
        return type.empty() && is_value_name(top.name) ? top.named : type;
    }

    // Below "apiKey" and beside {"key": "password"} all is secret; an object under the name "key" and those in a
    // list of keys may hold anything.
    bool hides_objects() const
    {
        const frame& top = frames_.back();
        const std::string name = without_tokens(top.name);
        const bool by_name = top.secret.empty() && !owner_.secret_name(name).empty();
        return top.object && !(by_name && is_loose_name(name));
    }

    // The type of what follows `said` under another name, or in the next item.
    std::string_view named_by(std::string_view said) const
    {
        constexpr std::size_t bytes_max = 64;
        const frame& top = frames_.back();
        if (said.size() > bytes_max || std::any_of(said.begin(), said.end(), is_space))
            return {};
        const bool is_option = said.starts_with("--") && said.find('=') == std::string_view::npos;
        const bool names = top.object ? is_name_of_pair(top.name) : is_option || is_in_headers();
        return names ? owner_.secret_name(without_tokens(said)) : std::string_view();
    }

    // [["Cookie", "a=b"]] and ["Cookie", "a=b"] under a name such as "rawHeaders".
    bool is_in_headers() const
    {
        constexpr std::string_view mark = "headers";
        const auto holder = std::find_if(frames_.rbegin(), frames_.rend(), [](const frame& one) { return one.object; });
        if (holder == frames_.rend() || holder->name.size() < mark.size())
            return false;
        return is_same_text(std::string_view(holder->name).substr(holder->name.size() - mark.size()), mark);
    }

    void open(char c)
    {
        if (frames_.size() >= depth_max) {
            take_rest();
            return;
        }
        std::string_view below = secret();
        if (c == '{' && below == "key" && !hides_objects())
            below = {};
        frames_.push_back({c == '{', c == '{', {}, below, {}, {}});
        out_ += c;
        ++at_;
    }

    void close(char c)
    {
        if (!frames_.empty())
            frames_.pop_back();
        after_value_ = !frames_.empty();  // Documents may follow each other, one per line.
        out_ += c;
        ++at_;
    }

    void take_sign(char c)
    {
        if (c != ',' && c != ':' && !is_space(c)) {
            take_rest();
            return;
        }
        if (!is_space(c))
            after_value_ = false;
        if (c == ',' && !frames_.empty()) {
            frame& top = frames_.back();
            top.expects_key = top.object;
            top.item = top.object ? std::string_view() : std::exchange(top.named, {});
        } else if (c == ':' && !frames_.empty()) {
            frames_.back().expects_key = false;
        }
        out_ += c;
        ++at_;
    }

    void take_word()
    {
        for (const std::string_view word : {"true", "false", "null"}) {
            if (!text_.substr(at_).starts_with(word))
                continue;
            out_ += word;
            at_ += word.size();
            after_value_ = true;
            return;
        }
        take_rest();
    }

    void take_string()
    {
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != '"')
            end += text_[end] == '\\' ? 2U : 1U;
        const bool cut = end >= text_.size();
        end = std::min(end, text_.size());
        const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
        at_ = cut ? end : end + 1;
        after_value_ = true;
        const bool is_key = !frames_.empty() && frames_.back().object && frames_.back().expects_key;
        out_ += '"';
        if (is_key)
            take_key(inside);
        else
            take_value(inside);
        if (!cut)
            out_ += '"';
    }

    void take_key(std::string_view inside)
    {
        const std::string said = unescaped(inside);
        const std::string kept = owner_.clean(said);
        frames_.back().name = kept;
        if (kept == said) {
            out_ += inside;
            return;
        }
        out_ += owner_.settle(place(), inside, escaped(kept));
    }

    void take_value(std::string_view inside)
    {
        const std::string said = unescaped(inside);
        const std::string_view type = secret();
        const std::string kept = type.empty() ? owner_.clean(said) : owner_.token(type, said);
        if (!frames_.empty()) {
            if (const std::string_view named = named_by(said); !named.empty() || !frames_.back().object)
                frames_.back().named = named;
        }
        if (kept == said) {
            out_ += inside;
            return;
        }
        out_ += owner_.settle(place(), inside, escaped(kept));
    }

    void take_number()
    {
        std::size_t end = at_;
        constexpr std::string_view inside = "+-.eE";
        while (end < text_.size() && (is_digit(text_[end]) || inside.find(text_[end]) != std::string_view::npos))
            ++end;
        const std::string_view number = text_.substr(at_, end - at_);
        at_ = end;
        after_value_ = true;
        if (secret().empty() && !is_secret_number(number))
            out_ += number;
        else
            out_ += owner_.settle(place(), number, owner_.number(number));
    }

    void take_rest()
    {
        out_ += owner_.text(text_.substr(at_), place());
        at_ = text_.size();
    }

    // "request.body.user.emails[]"
    std::string place() const
    {
        std::string name(place_);
        for (const frame& one : frames_) {
            name += one.object ? "." + one.name : "[]";
            if (name.size() > place_bytes_max)
                return name.substr(0, place_bytes_max);
        }
        return name;
    }

    redactor& owner_;
    std::string_view text_;
    std::string_view place_;
    std::size_t at_ = 0;
    std::string out_;
    std::vector<frame> frames_;
    bool after_value_ = false;
};

std::string redactor::json(std::string_view text, std::string_view place)
{
    return json_redaction(*this, text, place).run();
}

std::string redactor::number(std::string_view number) const
{
    std::string out(number);
    // The exponent stays: it tells no more than the size.
    const std::size_t end = std::min(number.find_first_of("eE"), number.size());
    std::replace_if(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(end), is_digit, '9');
    if (out != number)
        tell("number", number, out);
    return out;
}

bool is_secret_number(std::string_view number)
{
    return match_secret(number, 0).bytes == number.size();
}

}  // namespace reprise::telemetry
