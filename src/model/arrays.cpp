#include "model/arrays.h"

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <limits>

#include "sinew/base/error.h"
#include "sinew/base/parallel.h"

namespace sinew::model {
namespace {

constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

std::int64_t rows_of(const Tensor& tensor, const std::string& name) {
  if (!tensor.defined()) throw ValueError(fmt::format("{} is an undefined tensor", name));
  if (tensor.shape().rank() == 0) {
    throw ShapeError(fmt::format("{} is a scalar; its first axis must count samples", name));
  }
  if (tensor.shape()[0] == 0) {
    throw ValueError(fmt::format("{} is empty: its shape is {}, it holds no samples", name,
                                 tensor.shape().str()));
  }
  return tensor.shape()[0];
}

std::string list_name(const std::string& role, const char* part, std::size_t index,
                      std::size_t count) {
  const std::string base = role.empty() ? part : fmt::format("{} {}", role, part);
  return count == 1 ? base : fmt::format("{}[{}]", base, index);
}

/// Flat index of the first NaN or of the first value beyond `limit`, or kNone. Blocks are searched
/// in parallel.
template <typename T>
std::int64_t first_beyond(std::span<const T> values, T limit) {
  constexpr std::int64_t kBlock = 1 << 16;
  const auto count = static_cast<std::int64_t>(values.size());
  std::atomic<std::int64_t> first = kNone;
  parallel_for((count + kBlock - 1) / kBlock, [&](std::int64_t block) {
    const std::int64_t end = std::min(count, (block + 1) * kBlock);
    for (std::int64_t i = block * kBlock; i < end; ++i) {
      if (std::abs(values[static_cast<std::size_t>(i)]) <= limit) continue;
      std::int64_t seen = first;
      while (i < seen && !first.compare_exchange_weak(seen, i)) {
      }
      return;
    }
  });
  return first;
}

/// Refuses what is not finite once the model computes with it in `computed`.
void check_finite(const Tensor& tensor, DType computed, const std::string& name) {
  if (!is_floating(tensor.dtype())) return;
  if (tensor.dtype() == DType::BFloat16) {
    return check_finite(tensor.cast(DType::Float32), computed, name);
  }
  constexpr float kLargest = std::numeric_limits<float>::max();
  const std::int64_t at =
      tensor.dtype() == DType::Float32 ? first_beyond(tensor.data<float>(), kLargest)
      : computed == DType::Float64
          ? first_beyond(tensor.data<double>(), std::numeric_limits<double>::max())
          : first_beyond(tensor.data<double>(), static_cast<double>(kLargest));
  if (at == kNone) return;
  const std::int64_t row_size = tensor.numel() / tensor.shape()[0];
  const std::string seen = fmt::format("{} holds {} in row {} (element {} of the row)", name,
                                       tensor.at(at), at / row_size, at % row_size);
  if (std::isfinite(tensor.at(at))) {
    throw ValueError(fmt::format(
        "{}: the model computes in {}, whose largest number is {}. Scale the data, or give the "
        "layers dtype float64",
        seen, name_of(computed), kLargest));
  }
  throw ValueError(seen + ". Remove or fill such rows before training");
}

void check_count(const TensorList& list, std::size_t wanted, const std::string& name,
                 const char* what) {
  if (list.size() == wanted) return;
  throw ValueError(fmt::format("the model has {} {}{}, but {} {} given as {}", wanted, what,
                               wanted == 1 ? "" : "s", list.size(),
                               list.size() == 1 ? "tensor was" : "tensors were", name));
}

std::int64_t class_of(const Tensor& y, std::int64_t row, std::int64_t width) {
  if (width == 1) return std::llround(y.at(row));
  std::int64_t best = 0;
  for (std::int64_t i = 1; i < width; ++i) {
    if (y.at(row * width + i) > y.at(row * width + best)) best = i;
  }
  return best;
}

}  // namespace

std::vector<Tensor> Arrays::all() const {
  std::vector<Tensor> result(x.begin(), x.end());
  result.insert(result.end(), y.begin(), y.end());
  result.insert(result.end(), weights.begin(), weights.end());
  return result;
}

Arrays Arrays::slice(std::int64_t begin, std::int64_t end) const {
  Arrays part{.rows = end - begin, .role = role};
  for (const Tensor& tensor : x) part.x.push_back(tensor.rows(begin, end));
  for (const Tensor& tensor : y) part.y.push_back(tensor.rows(begin, end));
  for (const Tensor& tensor : weights) part.weights.push_back(tensor.rows(begin, end));
  return part;
}

Arrays make_arrays(TensorList x, TensorList y, TensorList sample_weight, std::size_t inputs,
                   std::size_t outputs, const std::string& role) {
  const auto name = [&](const char* part, std::size_t index, std::size_t count) {
    return list_name(role, part, index, count);
  };
  check_count(x, inputs, name("x", 0, 1), "input");
  if (!y.empty()) check_count(y, outputs, name("y", 0, 1), "output");
  Arrays arrays{.x = std::move(x), .y = std::move(y), .role = role};
  arrays.rows = rows_of(arrays.x[0], name("x", 0, arrays.x.size()));
  const auto check_rows = [&](const TensorList& list, const char* part) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::int64_t rows = rows_of(list[i], name(part, i, list.size()));
      if (rows == arrays.rows) continue;
      throw ValueError(fmt::format("{} has {} samples (shape {}), but {} has {} (shape {})",
                                   name("x", 0, arrays.x.size()), arrays.rows,
                                   arrays.x[0].shape().str(), name(part, i, list.size()), rows,
                                   list[i].shape().str()));
    }
  };
  check_rows(arrays.x, "x");
  check_rows(arrays.y, "y");
  check_rows(sample_weight, "sample_weight");
  if (sample_weight.empty()) return arrays;
  // One tensor of weights serves all outputs.
  if (sample_weight.size() == 1 && outputs > 1) {
    sample_weight = TensorList(std::vector<Tensor>(outputs, sample_weight[0]));
  }
  check_count(sample_weight, outputs, name("sample_weight", 0, 1), "output");
  for (std::size_t i = 0; i < sample_weight.size(); ++i) {
    const Tensor& weight = sample_weight[i];
    const bool one_a_sample = weight.numel() == arrays.rows;
    if (!one_a_sample && weight.shape().rank() > arrays.y[i].shape().rank()) {
      throw ShapeError(fmt::format(
          "{} has shape {}; it must hold one number a sample, ({},), or one for each step of "
          "targets, whose shape is {}",
          name("sample_weight", i, sample_weight.size()), weight.shape().str(), arrays.rows,
          arrays.y[i].shape().str()));
    }
    const Tensor shaped = one_a_sample ? weight.reshape({arrays.rows}) : weight;
    arrays.weights.push_back(shaped.dtype() == DType::Float32 ? shaped
                                                              : shaped.cast(DType::Float32));
  }
  return arrays;
}

void check_inputs(const Arrays& arrays, const std::vector<Expected>& inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string name = list_name(arrays.role, "x", i, inputs.size());
    const Shape& given = arrays.x[i].shape();
    const Shape& wanted = inputs[i].type.shape;
    bool fits = given.rank() == wanted.rank();
    for (int axis = 1; fits && axis < given.rank(); ++axis) {
      fits = wanted[axis] == Shape::kUnknown || wanted[axis] == given[axis];
    }
    if (!fits) {
      throw ShapeError(
          fmt::format("input \"{}\" of the model expects shape {}, but {} has shape {}",
                      inputs[i].name, wanted.str(), name, given.str()));
    }
    if (!is_floating(inputs[i].type.dtype) && is_floating(arrays.x[i].dtype())) {
      throw DTypeError(fmt::format(
          "input \"{}\" of the model expects {}, but {} is {}: convert it with Tensor::cast",
          inputs[i].name, name_of(inputs[i].type.dtype), name, name_of(arrays.x[i].dtype())));
    }
  }
}

void check_finite(const Arrays& arrays, const std::vector<Expected>& inputs,
                  const std::vector<Expected>& outputs) {
  const auto check = [&](const TensorList& list, const std::vector<Expected>& expected,
                         const char* part) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      check_finite(list[i], expected[i].type.dtype, list_name(arrays.role, part, i, list.size()));
    }
  };
  check(arrays.x, inputs, "x");
  check(arrays.y, outputs, "y");
  check(arrays.weights, outputs, "sample_weight");
}

namespace {

/// Calls refuse(value, row) for the first value that is not accepted.
template <typename Accept, typename Refuse>
void check_each(const Tensor& tensor, const Accept& accept, const Refuse& refuse) {
  const std::int64_t row_size = std::max<std::int64_t>(1, tensor.numel() / tensor.shape()[0]);
  dispatch(tensor.dtype(), [&](auto zero) {
    const auto values = tensor.data<decltype(zero)>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto value = static_cast<double>(values[i]);
      if (!accept(value)) refuse(value, static_cast<std::int64_t>(i) / row_size);
    }
  });
}

}  // namespace

void check_labels(const Tensor& labels, std::int64_t classes, const std::string& name,
                  std::optional<std::int64_t> ignored) {
  check_each(
      labels,
      [&](double label) {
        if (ignored && label == static_cast<double>(*ignored)) return true;
        return label >= 0 && label < static_cast<double>(classes) && label == std::floor(label);
      },
      [&](double label, std::int64_t row) {
        throw ValueError(
            fmt::format("{}: label {} in row {} is not an integer in [0, {}): the model's output "
                        "has {} classes",
                        name, label, row, classes, classes));
      });
}

void check_probabilities(const Tensor& targets, const std::string& name, const std::string& loss) {
  check_each(
      targets, [](double value) { return value >= 0 && value <= 1; },
      [&](double value, std::int64_t row) {
        throw ValueError(fmt::format("{}: target {} in row {} is not between 0 and 1, as {} wants",
                                     name, value, row, loss));
      });
}

Tensor apply_class_weight(const Tensor& y, const Tensor& weights,
                          const std::map<int, double>& class_weight) {
  const std::int64_t rows = y.shape()[0];
  if (y.shape().rank() > 2) {
    throw ValueError(fmt::format(
        "class_weight needs targets of shape (N,), (N, 1) or (N, classes), but they are {}",
        y.shape().str()));
  }
  Tensor result = weights.defined() ? weights.clone() : Tensor::full({rows}, 1.0);
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto at = class_weight.find(static_cast<int>(class_of(y, row, y.numel() / rows)));
    if (at == class_weight.end()) continue;
    Tensor of_row = result.rows(row, row + 1);
    for (float& weight : of_row.data<float>()) weight *= static_cast<float>(at->second);
  }
  return result;
}

std::pair<Arrays, Arrays> split_validation(const Arrays& arrays, double fraction) {
  if (!(fraction > 0 && fraction < 1)) {
    throw ValueError(fmt::format("validation_split is {}; it must be in (0, 1)", fraction));
  }
  const auto split =
      static_cast<std::int64_t>(std::floor(static_cast<double>(arrays.rows) * (1.0 - fraction)));
  if (split == 0 || split == arrays.rows) {
    throw ValueError(
        fmt::format("validation_split {} of {} samples leaves one of the two parts empty: use a "
                    "larger data set "
                    "or another fraction",
                    fraction, arrays.rows));
  }
  return {arrays.slice(0, split), arrays.slice(split, arrays.rows)};
}

}  // namespace sinew::model
