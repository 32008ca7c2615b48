#pragma once

namespace reprise {

// Crockford's base 32, as the specification of ULIDs has it: in the order of their values and of ASCII.
inline constexpr char ulid_alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace reprise
