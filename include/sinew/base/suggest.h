#pragma once

#include <string>
#include <string_view>
#include <vector>

/// "Did you mean …?" for every place where a user names something.
namespace sinew {

/// Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other
/// (Damerau 1964, without a letter moved twice). Case does not count.
std::size_t edit_distance(std::string_view a, std::string_view b);
/// The known name nearest to `unknown`, the first of equals; "" when none is known.
std::string nearest_name(std::string_view unknown, const std::vector<std::string>& known);
/// `unknown activation 'rleu': did you mean 'relu'? Known: elu, gelu, …`
std::string unknown_name_message(std::string_view what, std::string_view unknown,
                                 const std::vector<std::string>& known);

}  // namespace sinew
