#pragma once

#include <cstdio>
#include <memory>
#include <optional>

#include "held.h"

namespace sinew::python {

/// Where fit() and its kin write their progress: Python's sys.stdout, whatever that is now. One
/// that is the process's own output is written to as C does, others (a notebook's, a StringIO)
/// through their write().
class ProgressFile {
 public:
  ProgressFile();
  std::FILE* get() const { return file_; }

 private:
  std::optional<Held> writer_;
  std::shared_ptr<std::FILE> own_;
  std::FILE* file_;
};

}  // namespace sinew::python
