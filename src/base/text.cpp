#include "sinew/base/text.h"

#include <cctype>

namespace sinew {

std::string grouped(std::int64_t number) {
  const std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  std::string result;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > first && (digits.size() - i) % 3 == 0) result += ',';
    result += digits[i];
  }
  return result;
}

std::string snake_case(std::string_view camel_case) {
  // Keras: a boundary stands before an upper-case letter that begins a lower-case run ("X|Layer")
  // and between a lower-case letter and an upper-case one ("t|U"). A digit is not lower case, so
  // "Conv2D" stays one word.
  const auto upper = [&](std::size_t i) {
    return std::isupper(static_cast<unsigned char>(camel_case[i])) != 0;
  };
  const auto lower = [&](std::size_t i) {
    return std::islower(static_cast<unsigned char>(camel_case[i])) != 0;
  };
  std::string result;
  for (std::size_t i = 0; i < camel_case.size(); ++i) {
    const bool begins_word = i > 0 && upper(i) && camel_case[i - 1] != '_' &&
                             (lower(i - 1) || (i + 1 < camel_case.size() && lower(i + 1)));
    if (begins_word) result += '_';
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(camel_case[i])));
  }
  return result;
}

}  // namespace sinew
