#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sinew/graph/graph.h"
#include "sinew/model/tensor_list.h"

namespace sinew::model {

/// The arrays of one fit(), evaluate() or predict(): inputs, targets and sample weights (each list
/// empty or one an input or output) with as many rows each.
struct Arrays {
  TensorList x = {};
  TensorList y = {};
  /// One float32 (rows,) tensor an output, or none at all.
  TensorList weights = {};
  std::int64_t rows = 0;
  /// What messages call them: "x", "validation_data", …
  std::string role = {};

  /// x, then y, then weights: the order of a program's inputs.
  std::vector<Tensor> all() const;
  Arrays slice(std::int64_t begin, std::int64_t end) const;
};

/// Name and type of one of the model's inputs or outputs.
struct Expected {
  std::string name;
  /// Unknown batch extent first.
  TensorType type;
};

/// Puts lists together. Throws ValueError when one is empty, their rows differ, or there are too
/// many or too few.
Arrays make_arrays(TensorList x, TensorList y, TensorList sample_weight, std::size_t inputs,
                   std::size_t outputs, const std::string& role);

/// Throws ShapeError or DTypeError naming the input and both shapes.
void check_inputs(const Arrays& arrays, const std::vector<Expected>& inputs);
/// Throws ValueError naming the array and the row of the first NaN, infinity or number that is
/// beyond the type in which the model computes with it. Targets and weights go by the outputs.
void check_finite(const Arrays& arrays, const std::vector<Expected>& inputs,
                  const std::vector<Expected>& outputs);
/// Throws ValueError naming the row and the label of the first label outside [0, classes) that is
/// not `ignored`.
void check_labels(const Tensor& labels, std::int64_t classes, const std::string& name,
                  std::optional<std::int64_t> ignored = {});
/// Throws ValueError naming the row of a target that is no probability, and the loss that wants it.
void check_probabilities(const Tensor& targets, const std::string& name, const std::string& loss);

/// Keras's class_weight: multiplies each row's weight by its class's (1 where none is given). `y`
/// holds labels, (N,) or (N, 1), or one-hot rows.
Tensor apply_class_weight(const Tensor& y, const Tensor& weights,
                          const std::map<int, double>& class_weight);

/// Keras's validation_split: the first floor(rows * (1 - fraction)) rows train, the last ones
/// validate. Throws ValueError when a part would be empty.
std::pair<Arrays, Arrays> split_validation(const Arrays& arrays, double fraction);

}  // namespace sinew::model
