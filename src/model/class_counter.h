#pragma once

#include <fmt/format.h>

#include <map>
#include <string>

namespace sinew::model {

/// Numbers layers of one class from the second on: dense, dense_1, ….
class ClassCounter {
 public:
  /// `base` is the class in Keras's spelling for names.
  std::string next(const std::string& base) {
    const int number = count_[base]++;
    return number == 0 ? base : fmt::format("{}_{}", base, number);
  }

 private:
  std::map<std::string, int> count_;
};

}  // namespace sinew::model
