// Loops are data that people read in `sinew inspect`, and that programs will be saved as: hence
// words, not numbers.

#include "ops/fused_text.h"

#include <fmt/format.h>

#include <cstdlib>

#include "sinew/base/error.h"

namespace sinew::ops {
namespace {

constexpr std::string_view kFoldNames[] = {"", "sum", "max", "min"};

using Words = std::vector<std::string_view>;

/// The words of each statement; statements end with ';'.
std::vector<Words> statements(std::string_view text) {
  std::vector<Words> result;
  Words words;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" ;", at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    if (end < text.size() && text[end] == ';') result.push_back(std::move(words)), words.clear();
    at = end + 1;
  }
  if (!words.empty()) result.push_back(std::move(words));
  return result;
}

std::string name_of_register(const FusedCode& code, std::int64_t index) {
  const auto constants = static_cast<std::int64_t>(code.constants.size());
  if (index < code.inputs) return fmt::format("x{}", index);
  if (index < code.inputs + constants)
    return fmt::format("{}", code.constants[static_cast<std::size_t>(index - code.inputs)]);
  return fmt::format("t{}", index - code.inputs - constants);
}

bool names_register(std::string_view word) { return word[0] == 'x' || word[0] == 't'; }

double literal(std::string_view word) { return std::strtod(std::string(word).c_str(), nullptr); }

std::int64_t whole(std::string_view word) {
  return std::strtoll(std::string(word).c_str(), nullptr, 10);
}

/// Once all constants are known, since they are numbered before the instructions' results.
std::int64_t register_of(FusedCode& code, std::string_view word) {
  if (!names_register(word)) return code.constant(literal(word));
  const std::int64_t number = whole(word.substr(1));
  if (word[0] == 'x') return number;
  return code.inputs + static_cast<std::int64_t>(code.constants.size()) + number;
}

Elementwise code_named(std::string_view name) {
  for (const auto& info : kElementwise) {
    if (info.name == name) return info.code;
  }
  throw InternalError(fmt::format("a fused loop has an instruction '{}'", name));
}

FusedCode::Result read_result(FusedCode& code, const Words& words) {
  FusedCode::Result result;
  const bool stored = words.size() == 2;
  if (!stored && words.size() != 4) throw InternalError("a fused loop's results cannot be read");
  result.source = register_of(code, words[stored ? 0 : 1]);
  result.dtype = dtype_from_name(std::string(words.back()));
  if (stored) return result;
  for (std::size_t fold = 1; fold < std::size(kFoldNames); ++fold) {
    if (words[0] == kFoldNames[fold]) result.fold = static_cast<FusedCode::Fold>(fold);
  }
  const std::size_t colon = words[2].find(':');
  result.first = whole(words[2]);
  const std::string_view last = words[2].substr(colon + 1);
  result.last = last.empty() ? -1 : whole(last);
  return result;
}

}  // namespace

std::string code_text(const FusedCode& code) {
  std::string text;
  for (std::size_t i = 0; i < code.instructions.size(); ++i) {
    const FusedCode::Instruction& instruction = code.instructions[i];
    text += fmt::format("{}t{} = {}", i ? "; " : "", i, info(instruction.code).name);
    for (std::int64_t operand : instruction.operands) {
      if (operand >= 0) text += " " + name_of_register(code, operand);
    }
  }
  return text;
}

std::string results_text(const FusedCode& code) {
  std::string text;
  for (const FusedCode::Result& result : code.results) {
    if (!text.empty()) text += "; ";
    const std::string source = name_of_register(code, result.source);
    if (result.fold == FusedCode::Fold::None) {
      text += source;
    } else {
      text += fmt::format("{} {} {}:{}", kFoldNames[static_cast<std::size_t>(result.fold)], source,
                          result.first, result.last < 0 ? "" : std::to_string(result.last));
    }
    text += fmt::format(" {}", name_of(result.dtype));
  }
  return text;
}

void read_texts(const std::string& code, const std::string& results, FusedCode& into) {
  const std::vector<Words> lines = statements(code);
  for (const Words& words : lines) {
    if (words.size() < 4 || words.size() > 6)
      throw InternalError(fmt::format("a fused loop's code cannot be read: {}", code));
    for (std::size_t i = 3; i < words.size(); ++i) {
      if (!names_register(words[i])) into.constant(literal(words[i]));
    }
  }
  for (const Words& words : lines) {
    FusedCode::Instruction instruction{code_named(words[2])};
    for (std::size_t i = 3; i < words.size(); ++i)
      instruction.operands[i - 3] = register_of(into, words[i]);
    into.instructions.push_back(instruction);
  }
  for (const Words& words : statements(results)) into.results.push_back(read_result(into, words));
}

}  // namespace sinew::ops
