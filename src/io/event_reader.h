#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/tf_record.h"

namespace sinew::io {

/// A number of TensorBoard's: what tf.summary.scalar or SummaryWriter::scalar wrote.
struct ScalarEvent {
  std::string tag;
  std::int64_t step = 0;
  double value = 0;
};

/// The scalars of an event file, also of one that is being written.
class EventReader {
 public:
  explicit EventReader(const std::string& path) : records_(path) {}
  /// Those written since the last call. Throws FileError naming the file where it is damaged.
  std::vector<ScalarEvent> read();

 private:
  TfRecordReader records_;
};

}  // namespace sinew::io
