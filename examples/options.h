#pragma once

#include <sinew/base/error.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

/// A program's arguments: words, and numbers behind `--name`.
class Options {
 public:
  /// Throws sinew::ValueError for an option that is not among `defaults`.
  Options(int count, char** arguments, std::map<std::string, double> defaults)
      : numbers_(std::move(defaults)) {
    for (int i = 1; i < count; ++i) {
      const std::string word = arguments[i];
      if (!word.starts_with("--")) {
        words_.push_back(word);
        continue;
      }
      const auto at = numbers_.find(word.substr(2));
      if (at == numbers_.end() || i + 1 == count) throw sinew::ValueError(usage(word));
      char* end = nullptr;
      at->second = std::strtod(arguments[++i], &end);
      if (*end != '\0') throw sinew::ValueError(usage(word + " " + arguments[i]));
    }
  }

  const std::vector<std::string>& words() const { return words_; }
  double number(const std::string& name) const { return numbers_.at(name); }
  std::int64_t integer(const std::string& name) const {
    return static_cast<std::int64_t>(number(name));
  }

 private:
  std::string usage(const std::string& word) const {
    std::string known;
    for (const auto& [name, value] : numbers_) known += " --" + name + " NUMBER";
    return "cannot read '" + word + "'; options are" + known;
  }

  std::vector<std::string> words_;
  std::map<std::string, double> numbers_;
};
