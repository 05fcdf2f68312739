#pragma once

#include <string>
#include <vector>

#include "sinew/base/tensor.h"

namespace sinew::cli {

/// What --data names, read and ready for a model.
struct Dataset {
  std::string name;
  /// Float32 (N, …): images (N, H, W) in [0, 1], windows (N, steps, channels), table rows (N,
  /// features).
  Tensor x;
  /// Int64 (N,) class numbers, or Float32 (N, 1) values to predict when `classes` is 0.
  Tensor y;
  /// The test part; undefined where the source has none.
  Tensor x_test;
  Tensor y_test;
  std::int64_t classes = 0;
  std::vector<std::string> class_names;
};

/// "fashion-mnist", a folder of four IDX files or of UCI HAR, or a .csv file whose column `label`
/// is to be learned. Throws FileError or ValueError saying what may be given.
Dataset load_dataset(const std::string& data, const std::string& label = "-1");

/// Class numbers as rows of 0 and 1.
Tensor one_hot(const Tensor& labels, std::int64_t classes);

}  // namespace sinew::cli
