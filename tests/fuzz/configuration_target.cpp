#include "fuzz_target.hpp"
#include "require.hpp"

#include "../../server/app/config.hpp"
#include "../../server/app/settings.hpp"

// A file is taken, and what was taken can be shown and read again, or refused with its place.
namespace reprise::fuzz {

void configuration(std::string_view input)
{
    app::config made;
    const auto wrong = app::read_config_text(made, input, "file");
    if (wrong) {
        require(wrong->text.starts_with("file:"), "a refusal without its place: " + wrong->text);
        return;
    }
    for (const app::config_key& key : app::config_keys()) {
        app::config copy;
        const std::string shown = app::show_key(made, key);
        const auto refused = app::set_key(copy, key.name, shown, "shown");
        require(!refused, "what is shown is refused: " + (refused ? refused->text : std::string()));
        require_same(app::show_key(copy, key), shown, std::string(key.name));
    }
    if (const auto unfit = app::check_config(made))
        require(!unfit->text.empty(), "a refusal without a word");
}

}  // namespace reprise::fuzz
