#pragma once

namespace sinew {

/// While one is alive, the layers that this thread makes have weights of zeros, whatever their
/// initializers: for looking at a network. Large tensors of zeros take no memory until they are
/// written.
class UndrawnWeights {
 public:
  UndrawnWeights();
  ~UndrawnWeights();
  UndrawnWeights(const UndrawnWeights&) = delete;
  UndrawnWeights& operator=(const UndrawnWeights&) = delete;

  static bool wanted();

 private:
  bool outer_;
};

}  // namespace sinew
