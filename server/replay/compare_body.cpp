#include "compare_body.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace reprise::replay {
namespace {

using telemetry::body_field;
using telemetry::body_fields;
using telemetry::body_form;
using telemetry::field_type;

// Fields as the tree they came from. Views into the fields, which outlive it.
struct node {
    std::string_view key;
    const body_field* leaf = nullptr;  // A value, as opposed to what has members or items (or could have).
    field_type type = field_type::object;
    std::vector<node> children;
    std::uint64_t hash = 0;            // Of all below; items of arrays in any order, when that is wanted.
};

node* find_child(node& parent, std::string_view key)
{
    // Fields come in order: mostly it is the last one.
    const auto found = std::find_if(parent.children.rbegin(), parent.children.rend(), [key](const node& child) {
        return child.key == key;
    });
    return found == parent.children.rend() ? nullptr : &*found;
}

void insert(node& root, const body_field& field)
{
    node* at = &root;
    std::string_view path = field.path;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view key = path.substr(0, path.find('/'));
        path.remove_prefix(key.size());
        node* child = find_child(*at, key);
        if (child == nullptr)
            child = &at->children.emplace_back(node{key, nullptr, field_type::object, {}, 0});
        at = child;
    }
    const bool may_have_children = field.type == field_type::object || field.type == field_type::array;
    at->leaf = may_have_children && !field.cut ? nullptr : &field;
    at->type = field.type;
}

bool has_indices(const std::vector<node>& children)
{
    std::size_t index = 0;
    return !children.empty() && std::all_of(children.begin(), children.end(), [&index](const node& one) {
        return one.key == std::to_string(index++);
    });
}

void finish(node& one, bool any_order)
{
    std::uint64_t hash = one.leaf == nullptr ? 1 : hash64(one.leaf->value, static_cast<std::uint64_t>(one.type));
    if (one.leaf == nullptr && !one.children.empty())
        one.type = has_indices(one.children) ? field_type::array : field_type::object;
    const bool in_order = one.type == field_type::array && !any_order;
    for (node& child : one.children) {
        finish(child, any_order);
        const bool is_item = one.type == field_type::array;
        const std::uint64_t said = mix64(child.hash ^ (is_item ? 0 : hash64(child.key)));
        hash = in_order ? mix64(hash ^ said) : hash + said;
    }
    one.hash = mix64(hash ^ static_cast<std::uint64_t>(one.type));
}

node make_tree(const body_fields& fields, bool any_order)
{
    node root;
    for (const body_field& field : fields.fields)
        insert(root, field);
    finish(root, any_order);
    return root;
}

std::optional<double> number_of(std::string_view text)
{
    constexpr std::size_t exact_digits = 15;
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = code == std::errc() && end == text.data() + text.size();
    return whole && text.size() <= exact_digits ? std::optional(value) : std::nullopt;
}

// 1.10 and 1.1 say the same.
bool say_same(const body_field& left, const body_field& right)
{
    if (left.value == right.value)
        return true;
    const auto a = left.type == field_type::number ? number_of(left.value) : std::nullopt;
    const auto b = right.type == field_type::number ? number_of(right.value) : std::nullopt;
    return a && b && *a == *b;
}

std::string text_of(const node& one)
{
    if (one.leaf != nullptr)
        return one.leaf->value;
    const bool array = one.type == field_type::array;
    return (array ? "an array of " : "an object of ") + std::to_string(one.children.size()) +
           (array ? " items" : " members");
}

class tree_comparison {
public:
    explicit tree_comparison(difference_list& out) : out_(out) {}

    void compare(const node& left, const node& right)
    {
        const bool left_leaf = left.leaf != nullptr;
        const bool right_leaf = right.leaf != nullptr;
        if (left.type != right.type) {
            out_.add(path_, difference_kind::type, telemetry::to_text(left.type), telemetry::to_text(right.type));
            return;
        }
        if (left_leaf && right_leaf && !say_same(*left.leaf, *right.leaf))
            out_.add(path_, difference_kind::value, left.leaf->value, right.leaf->value);
        if (left.type == field_type::array)
            compare_items(left.children, right.children);
        else
            compare_members(left, right);
    }

private:
    void enter(std::string_view key, const node* left, const node* right)
    {
        const std::size_t mark = path_.size();
        path_.append("/").append(key);
        if (right == nullptr)
            out_.add(path_, difference_kind::missing, text_of(*left), {});
        else if (left == nullptr)
            out_.add(path_, difference_kind::added, {}, text_of(*right));
        else
            compare(*left, *right);
        path_.resize(mark);
    }

    void compare_members(const node& left, const node& right)
    {
        const auto find = [](const node& in, const node& wanted) -> const node* {
            const auto found = std::find_if(in.children.begin(), in.children.end(), [&wanted](const node& one) {
                return one.key == wanted.key;
            });
            return found == in.children.end() ? nullptr : &*found;
        };
        for (const node& child : left.children)
            enter(child.key, &child, find(right, child));
        for (const node& child : right.children) {
            if (find(left, child) == nullptr)
                enter(child.key, nullptr, &child);
        }
    }

    void compare_items(const std::vector<node>& left, const std::vector<node>& right)
    {
        std::vector<const node*> recorded = unmatched(left, right);
        std::vector<const node*> replayed = unmatched(right, left);
        if (recorded.empty() && replayed.empty()) {
            if (!out_.ignores_array_order() && !is_same_order(left, right))
                out_.add(path_, difference_kind::order, std::to_string(left.size()) + " items", "in another order");
            return;
        }
        if (!out_.ignores_array_order()) {
            recorded = all_of(left);
            replayed = all_of(right);
        }
        for (std::size_t i = 0; i < std::max(recorded.size(), replayed.size()); ++i) {
            const node* a = i < recorded.size() ? recorded[i] : nullptr;
            const node* b = i < replayed.size() ? replayed[i] : nullptr;
            enter(a != nullptr ? a->key : b->key, a, b);
        }
    }

    static std::vector<const node*> all_of(const std::vector<node>& nodes)
    {
        std::vector<const node*> out;
        for (const node& one : nodes)
            out.push_back(&one);
        return out;
    }

    static bool is_same_order(const std::vector<node>& left, const std::vector<node>& right)
    {
        return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](const node& a, const node& b) {
            return a.hash == b.hash;
        });
    }

    // Of `from` those that have no equal of their own in `in`, in their order.
    static std::vector<const node*> unmatched(const std::vector<node>& from, const std::vector<node>& in)
    {
        std::vector<std::uint64_t> hashes;
        for (const node& one : in)
            hashes.push_back(one.hash);
        std::sort(hashes.begin(), hashes.end());
        std::vector<bool> used(hashes.size());
        std::vector<const node*> out;
        for (const node& one : from) {
            auto at = static_cast<std::size_t>(
                std::lower_bound(hashes.begin(), hashes.end(), one.hash) - hashes.begin()
            );
            while (at < hashes.size() && hashes[at] == one.hash && used[at])
                ++at;
            if (at < hashes.size() && hashes[at] == one.hash)
                used[at] = true;
            else
                out.push_back(&one);
        }
        return out;
    }

    difference_list& out_;
    std::string path_ = "body";
};

std::vector<std::string_view> lines_of(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        lines.push_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

using line_list = std::span<const std::string_view>;

// Pairs of equal lines, the most there can be, in order; empty where that would cost too much.
std::vector<std::pair<std::size_t, std::size_t>> common_lines(line_list left, line_list right)
{
    constexpr std::size_t cells_max = 1'000'000;
    std::vector<std::pair<std::size_t, std::size_t>> common;
    if (left.empty() || right.empty() || left.size() > cells_max / right.size())
        return common;
    const std::size_t width = right.size() + 1;
    std::vector<std::uint32_t> longest((left.size() + 1) * width);
    for (std::size_t i = left.size(); i-- > 0;) {
        for (std::size_t j = right.size(); j-- > 0;) {
            longest[i * width + j] = left[i] == right[j]
                                         ? longest[(i + 1) * width + j + 1] + 1
                                         : std::max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
        }
    }
    for (std::size_t i = 0, j = 0; i < left.size() && j < right.size();) {
        if (left[i] == right[j])
            common.emplace_back(i++, j++);
        else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1])
            ++i;
        else
            ++j;
    }
    return common;
}

// What stands between two common lines: changed as far as there are lines on both sides.
void add_lines(line_list left, std::size_t left_at, line_list right, std::size_t right_at, difference_list& out)
{
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
        if (i >= right.size())
            out.add("body:" + std::to_string(left_at + i + 1), difference_kind::missing, left[i], {});
        else if (i >= left.size())
            out.add("body:" + std::to_string(right_at + i + 1), difference_kind::added, {}, right[i]);
        else if (left[i] != right[i])
            out.add("body:" + std::to_string(left_at + i + 1), difference_kind::value, left[i], right[i]);
    }
}

}  // namespace

void compare_lines(std::string_view left, std::string_view right, difference_list& out)
{
    const auto recorded = lines_of(left);
    const auto replayed = lines_of(right);
    const std::size_t shorter = std::min(recorded.size(), replayed.size());
    std::size_t head = 0;
    while (head < shorter && recorded[head] == replayed[head])
        ++head;
    std::size_t tail = 0;
    while (tail < shorter - head && recorded[recorded.size() - 1 - tail] == replayed[replayed.size() - 1 - tail])
        ++tail;
    const line_list a = line_list(recorded).subspan(head, recorded.size() - head - tail);
    const line_list b = line_list(replayed).subspan(head, replayed.size() - head - tail);
    std::size_t i = 0;
    std::size_t j = 0;
    for (const auto& [in_left, in_right] : common_lines(a, b)) {
        add_lines(a.subspan(i, in_left - i), head + i, b.subspan(j, in_right - j), head + j, out);
        i = in_left + 1;
        j = in_right + 1;
    }
    add_lines(a.subspan(i), head + i, b.subspan(j), head + j, out);
}

void compare_bodies(const telemetry::answer_parts& left, const telemetry::answer_parts& right, difference_list& out)
{
    if (left.body == right.body)
        return;
    const body_fields recorded = telemetry::flatten_body(left.body, model::find_header(left.headers, "content-type"));
    const body_fields replayed = telemetry::flatten_body(right.body, model::find_header(right.headers, "content-type"));
    const auto whole = [](const body_fields& body) {
        return body.fields.size() == 1 ? std::string_view(body.fields[0].value) : std::string_view();
    };
    // What redaction put in place of a binary body is text.
    const bool redacted = telemetry::look_at_value(left.body).form == telemetry::value_form::token;
    if (redacted)
        out.add("body", difference_kind::value, left.body, whole(replayed));
    else if (recorded.form != replayed.form)
        out.add("body", difference_kind::type, telemetry::to_text(recorded.form), telemetry::to_text(replayed.form));
    else if (recorded.form == body_form::binary)
        out.add("body", difference_kind::value, whole(recorded), whole(replayed));
    else if (recorded.form == body_form::text)
        compare_lines(left.body, right.body, out);
    else
        tree_comparison(out).compare(
            make_tree(recorded, out.ignores_array_order()), make_tree(replayed, out.ignores_array_order())
        );
    if (recorded.left_out != replayed.left_out)
        out.add("body", difference_kind::value, std::to_string(recorded.left_out) + " fields over the limit",
                std::to_string(replayed.left_out) + " fields over the limit");
}

}  // namespace reprise::replay
