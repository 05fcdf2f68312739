#include "sinew/nn/identifier.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <charconv>
#include <optional>

#include "sinew/base/error.h"

namespace sinew {
namespace {

class Parser {
 public:
  Parser(std::string_view text, std::string_view what) : text_(text), what_(what) {}

  Identifier identifier() {
    Identifier result{.name = word("a name")};
    if (accept('(')) {
      if (!accept(')')) {
        do {
          const std::string key = word("an argument's name");
          expect('=');
          if (std::optional<AttributeValue> held = value())
            result.arguments.set(key, std::move(*held));
        } while (accept(','));
        expect(')');
      }
    }
    skip_space();
    if (at_ != text_.size()) fail("nothing more");
    return result;
  }

 private:
  [[noreturn]] void fail(std::string_view expected) const {
    throw ValueError(
        fmt::format("{} '{}': expected {} at position {}", what_, text_, expected, at_ + 1));
  }
  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool accept(char wanted) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted)) fail(fmt::format("'{}'", wanted));
  }
  std::string word(std::string_view expected) {
    skip_space();
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_'))
      ++at_;
    if (begin == at_) fail(expected);
    return std::string(text_.substr(begin, at_ - begin));
  }

  /// Empty for None.
  std::optional<AttributeValue> value() {
    skip_space();
    if (accept('"')) return text();
    if (accept('[')) return list();
    if (at_ < text_.size() && std::isalpha(static_cast<unsigned char>(text_[at_]))) {
      const std::size_t begin = at_;
      const std::string held = word("a value");
      if (held == "true" || held == "True") return AttributeValue(true);
      if (held == "false" || held == "False") return AttributeValue(false);
      if (held == "None" || held == "null") return std::nullopt;
      at_ = begin;
      if (held != "inf" && held != "nan")
        fail("a number, true, false, None, a \"text\" or a [list]");
    }
    return number();
  }
  std::string text() {
    std::string held;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      held += text_[at_++];
    }
    if (at_ == text_.size()) fail("a closing quote");
    ++at_;
    return held;
  }
  AttributeValue number() {
    skip_space();
    const char* begin = text_.data() + at_;
    const char* end = text_.data() + text_.size();
    double real = 0;
    const auto [real_end, real_error] = std::from_chars(begin, end, real);
    if (real_error != std::errc{}) fail("a number");
    std::int64_t integer = 0;
    const auto [integer_end, integer_error] = std::from_chars(begin, end, integer);
    at_ += static_cast<std::size_t>(real_end - begin);
    if (integer_error == std::errc{} && integer_end == real_end) return integer;
    return real;
  }
  AttributeValue list() {
    if (accept('"')) return texts();
    if (accept('[')) return rows();
    std::vector<std::int64_t> integers;
    std::vector<double> reals;
    bool all_integers = true;
    if (!accept(']')) {
      do {
        const AttributeValue held = number();
        all_integers = all_integers && std::holds_alternative<std::int64_t>(held);
        integers.push_back(all_integers ? std::get<std::int64_t>(held) : 0);
        reals.push_back(std::holds_alternative<double>(held)
                            ? std::get<double>(held)
                            : static_cast<double>(std::get<std::int64_t>(held)));
      } while (accept(','));
      expect(']');
    }
    if (all_integers) return integers;
    return reals;
  }
  /// A list of lists of integers from behind its second bracket.
  AttributeValue rows() {
    std::vector<std::vector<std::int64_t>> held;
    do {
      if (!held.empty()) expect('[');
      const AttributeValue row = list();
      if (!std::holds_alternative<std::vector<std::int64_t>>(row)) fail("integers");
      held.push_back(std::get<std::vector<std::int64_t>>(row));
    } while (accept(','));
    expect(']');
    return held;
  }
  /// A list from behind its first quote.
  AttributeValue texts() {
    std::vector<std::string> held{text()};
    while (accept(',')) {
      expect('"');
      held.push_back(text());
    }
    expect(']');
    return held;
  }

  std::string_view text_;
  std::string_view what_;
  std::size_t at_ = 0;
};

/// A double that reads back as a double: 1 becomes 1.0.
std::string print_real(double value) {
  std::string digits = fmt::format("{}", value);
  if (digits.find_first_of(".en") == std::string::npos) digits += ".0";
  return digits;
}

std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (char letter : value) {
    if (letter == '"' || letter == '\\') text += '\\';
    text += letter;
  }
  return text + '"';
}

std::string print(const AttributeValue& value) {
  if (const auto* held = std::get_if<bool>(&value)) return *held ? "true" : "false";
  if (const auto* held = std::get_if<std::int64_t>(&value)) return std::to_string(*held);
  if (const auto* held = std::get_if<double>(&value)) return print_real(*held);
  if (const auto* held = std::get_if<std::vector<std::int64_t>>(&value))
    return fmt::format("[{}]", fmt::join(*held, ", "));
  if (const auto* held = std::get_if<std::vector<std::vector<std::int64_t>>>(&value)) {
    std::string text;
    for (const auto& row : *held)
      text += fmt::format("{}[{}]", text.empty() ? "" : ", ", fmt::join(row, ", "));
    return "[" + text + "]";
  }
  if (const auto* held = std::get_if<std::vector<double>>(&value)) {
    std::string text;
    for (double element : *held) text += (text.empty() ? "" : ", ") + print_real(element);
    return "[" + text + "]";
  }
  if (const auto* held = std::get_if<std::vector<std::string>>(&value)) {
    std::string text;
    for (const std::string& element : *held) text += (text.empty() ? "" : ", ") + quoted(element);
    return "[" + text + "]";
  }
  if (const auto* held = std::get_if<std::string>(&value)) return quoted(*held);
  throw InternalError("an identifier cannot hold a tensor");
}

}  // namespace

Identifier Identifier::parse(std::string_view text, std::string_view what) {
  return Parser(text, what).identifier();
}

std::string Identifier::str() const {
  std::string list;
  for (const Attributes::Entry& entry : arguments) {
    list += (list.empty() ? "" : ", ") + entry.first + "=" + print(entry.second);
  }
  return list.empty() ? name : name + "(" + list + ")";
}

std::string Identifier::key() const {
  std::string result;
  for (char letter : name) {
    if (letter != '_')
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return result;
}

}  // namespace sinew
