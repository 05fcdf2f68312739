#pragma once

#include <cstdint>

namespace sinew {

/// While one is alive, the layers that this thread makes may have no more weights than this: a
/// file's own, so that what it says of a model takes no memory that its tensors do not.
class WeightLimit {
 public:
  explicit WeightLimit(std::int64_t elements);
  ~WeightLimit();
  WeightLimit(const WeightLimit&) = delete;
  WeightLimit& operator=(const WeightLimit&) = delete;

  /// Before a weight of so many elements is made; throws FileError when it is one too many.
  static void charge(std::int64_t elements);

 private:
  WeightLimit* outer_;
  std::int64_t left_;
};

}  // namespace sinew
