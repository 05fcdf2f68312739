#pragma once

#include <cstdint>
#include <string>

namespace compare {

/// The way of images from a file to shuffled batches of floats.
class Pipeline {
 public:
  Pipeline(std::string images, std::int64_t batch) : images_(std::move(images)), batch_(batch) {}

  /// Reads the file, scales its bytes to [0, 1], and goes through all batches once. Returns the sum
  /// of each image's first pixel, which every order gives.
  double epoch();

 private:
  std::string images_;
  std::int64_t batch_;
  std::int64_t epoch_ = 0;
};

}  // namespace compare
