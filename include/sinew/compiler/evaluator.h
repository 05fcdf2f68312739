#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sinew/graph/graph.h"

namespace sinew {

namespace runtime {
class Executable;
}

/// eval() compiled once, to be run any number of times with what the variables hold then.
class Evaluator {
 public:
  /// The values' graph is not needed any longer.
  explicit Evaluator(const std::vector<Value>& values);
  std::vector<Tensor> operator()(const std::map<std::string, Tensor>& inputs = {}) const;
  /// The same without copies: views of the program's memory, valid until the next run.
  std::vector<Tensor> views(const std::map<std::string, Tensor>& inputs = {}) const;

 private:
  std::shared_ptr<runtime::Executable> executable_;
};

}  // namespace sinew
