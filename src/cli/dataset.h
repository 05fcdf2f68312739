#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sinew/base/tensor.h"
#include "sinew/data/csv.h"

namespace sinew::cli {

/// What --data names, read and ready for a model.
struct Dataset {
  std::string name;
  /// Float32 (N, …): images (N, H, W) in [0, 1], windows (N, steps, channels), table rows (N,
  /// features).
  Tensor x;
  /// Int64 (N,) class numbers, or Float32 (N, 1) values to predict when `classes` is 0; undefined
  /// for a table without labels.
  Tensor y;
  /// The test part; undefined where the source has none.
  Tensor x_test = {};
  Tensor y_test = {};
  std::int64_t classes = 0;
  std::vector<std::string> class_names = {};
  /// Of a table.
  std::optional<data::CsvLayout> layout = {};
};

/// What is to be learned of labels that are whole numbers: which class they mean, or how large they
/// are. Auto goes by the numbers and the model: see settle_task().
enum class Task { Auto, Regression, Classification };

/// "fashion-mnist", a folder of four IDX files or of UCI HAR, or a .csv file whose column `label`
/// is to be learned; numeric labels are taken as classes when all are whole and small. A table
/// `like` another is read in its layout and by its classes; it may lack labels unless they are
/// needed. Throws FileError or ValueError saying what may be given.
Dataset load_dataset(const std::string& data, const std::string& label = "-1",
                     const std::optional<data::CsvLayout>& like = {}, bool label_needed = true);

/// Takes a data set's labels as classes or as numbers. With Task::Auto a table's numeric labels
/// stay the classes that load_dataset() saw only when the model tells classes apart. Throws
/// ValueError when the labels cannot be what the task needs.
void settle_task(Dataset& data, Task task, bool model_classifies);

/// Class numbers, whole and (N,) or (N, 1), as rows of 0 and 1. Throws ValueError naming the row of
/// a label out of range.
Tensor one_hot(const Tensor& labels, std::int64_t classes);

}  // namespace sinew::cli
