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
  /// The same before a state of a stateful layer, which files do not hold: kMostStates in all.
  static void charge_state(std::int64_t elements);

 private:
  static constexpr std::int64_t kMostStates = std::int64_t{1} << 26;

  WeightLimit* outer_;
  std::int64_t left_, states_left_ = kMostStates;
};

}  // namespace sinew
