#pragma once

#include <string>

#include "sinew/base/tensor.h"

namespace sinew::data {

/// Windows of phone sensors with the activity they show.
struct WindowDataset {
  /// Float32 (N, 128, 9): body acceleration x, y, z; angular velocity x, y, z; total acceleration
  /// x, y, z.
  Tensor x_train;
  /// Int64 (N,): 0 walking, 1 upstairs, 2 downstairs, 3 sitting, 4 standing, 5 laying.
  Tensor y_train;
  Tensor x_test;
  Tensor y_test;
};

/// Reads the folder of UCI's "Human Activity Recognition Using Smartphones" (Anguita et al. 2013):
/// train/ and test/, each with "Inertial Signals"/*.txt[.gz], one line a window, and y_*.txt.
/// Throws FileError naming file and line.
WindowDataset load_uci_har(const std::string& folder);
/// Whether a folder is laid out so.
bool is_uci_har(const std::string& folder);

}  // namespace sinew::data
