#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>

#include "nn/keras_record.h"

/// The arrays that record.py's cases name, made as it makes them.
namespace sinew {

/// Each element within a share of its size, or of 1; NaN stands for any number, as do those that
/// float32 cannot hold.
inline void expect_relative(const Tensor& found, const std::vector<double>& expected,
                            double tolerance) {
  ASSERT_EQ(found.numel(), static_cast<std::int64_t>(expected.size()));
  for (std::int64_t i = 0; i < found.numel(); ++i) {
    const double wanted = expected[static_cast<std::size_t>(i)];
    if (std::isnan(wanted)) continue;
    if (std::abs(wanted) > std::numeric_limits<float>::max()) continue;
    EXPECT_NEAR(found.at(i), wanted, tolerance * std::max(1.0, std::abs(wanted))) << "at " << i;
  }
}

namespace keras {

/// An identifier as a word.
inline std::string as_word(std::string identifier) {
  for (char& letter : identifier)
    letter = std::isalnum(static_cast<unsigned char>(letter)) ? letter : '_';
  return identifier;
}

/// A test's name from its case's identifier; listings of tests show the same.
template <typename Case>
std::string case_name(const testing::TestParamInfo<Case>& info) {
  return std::to_string(info.index) + "_" + as_word(info.param.identifier);
}
template <typename Case>
requires requires(Case c) { c.identifier; }
void PrintTo(const Case& c, std::ostream* out) { *out << as_word(c.identifier); }

struct Arrays {
  Tensor y_true;
  Tensor y_pred;
};

/// Each element of a tensor of float64 changed.
template <typename Function>
Tensor each(Tensor tensor, const Function& function) {
  for (double& x : tensor.data<double>()) x = function(x);
  return tensor;
}

/// Each row of the last axis divided by a function of the row.
template <typename Function>
Tensor rows_over(Tensor tensor, const Function& divisor) {
  const auto data = tensor.data<double>();
  const auto columns = static_cast<std::size_t>(tensor.shape()[-1]);
  for (std::size_t begin = 0; begin < data.size(); begin += columns) {
    const auto row = data.subspan(begin, columns);
    const double by = divisor(row);
    for (double& x : row) x /= by;
  }
  return tensor;
}

inline Tensor softmax(Tensor x) {
  return rows_over(each(std::move(x), [](double v) { return std::exp(v); }),
                   [](std::span<const double> row) {
                     double sum = 0;
                     for (double v : row) sum += v;
                     return sum;
                   });
}

inline Tensor sigmoid(Tensor x) {
  return each(std::move(x), [](double v) { return 1 / (1 + std::exp(-v)); });
}

/// 2 wave(shape, 1.1).
inline Tensor logits(const Shape& shape) {
  return each(wave(shape, 1.1), [](double v) { return 2 * v; });
}

inline Tensor integers(const std::vector<std::int64_t>& values, const Shape& shape) {
  return Tensor::from(values, shape);
}

inline Tensor one_hot(const std::vector<std::int64_t>& labels, std::int64_t classes) {
  Tensor hot({static_cast<std::int64_t>(labels.size()), classes}, DType::Float64);
  for (std::size_t i = 0; i < labels.size(); ++i)
    hot.data<double>()[i * static_cast<std::size_t>(classes) +
                       static_cast<std::size_t>(labels[i])] = 1;
  return hot;
}

/// What a loss's case is computed of.
inline Arrays loss_arrays(const std::string& kind) {
  const Shape shape{4, 3};
  const Tensor flags = each(wave(shape, 0.3), [](double v) { return v > 0 ? 1.0 : 0.0; });
  const std::vector<std::int64_t> labels = {1, 0, 2, 1};
  if (kind == "real") {
    return {wave(shape, 0.3), each(wave(shape, 1.1), [](double v) { return 1.5 * v; })};
  }
  if (kind == "positive") {
    return {each(wave(shape, 0.3), [](double v) { return 2 + v; }),
            each(wave(shape, 1.1), [](double v) { return 1.5 + v; })};
  }
  if (kind == "flags") return {flags, sigmoid(logits(shape))};
  if (kind == "flag logits") return {flags, logits(shape)};
  if (kind == "signs")
    return {each(flags.clone(), [](double v) { return 2 * v - 1; }), logits(shape)};
  if (kind == "one-hot") return {one_hot(labels, 3), softmax(logits(shape))};
  if (kind == "one-hot logits") return {one_hot(labels, 3), logits(shape)};
  if (kind == "soft") return {softmax(wave(shape, 0.3)), softmax(logits(shape))};
  if (kind == "classes") return {integers(labels, {4}), softmax(logits(shape))};
  if (kind == "class logits") return {integers(labels, {4}), logits(shape)};
  if (kind == "class images")
    return {integers({1, 0, 2, 1, 0, 0, 2, 2}, {4, 2}), softmax(logits({4, 2, 3}))};
  if (kind == "embeddings") {
    return {integers({1, 0, 1, 2}, {4}),
            rows_over(wave(shape, 1.1), [](std::span<const double> row) {
              double squares = 0;
              for (double v : row) squares += v * v;
              return std::sqrt(squares);
            })};
  }
  if (kind == "sequences")
    return {integers({1, 2, 0, 2, 2, 1, 3, 0, 0, 0, 0, 0}, {4, 3}), logits({4, 6, 4})};
  throw ValueError("no arrays " + kind);
}

/// What a metric's case is computed of, in a batch of 4.
inline Arrays metric_arrays(const std::string& kind, int batch) {
  const Shape shape{4, 3};
  const double phase = 2.0 * batch;
  const Tensor flags = each(wave(shape, 0.3 + phase), [](double v) { return v > 0 ? 1.0 : 0.0; });
  const std::vector<std::int64_t> labels =
      batch == 0 ? std::vector<std::int64_t>{1, 0, 2, 1} : std::vector<std::int64_t>{2, 1, 1, 0};
  const Tensor raw = each(wave(shape, 1.1 + phase), [](double v) { return 2 * v; });
  const Tensor chances = sigmoid(raw.clone());
  const auto first_column = [](const Tensor& matrix) {
    return f64({matrix.at(0), matrix.at(3), matrix.at(6), matrix.at(9)}, {4, 1});
  };
  if (kind == "real") {
    return {wave(shape, 0.3 + phase),
            each(wave(shape, 1.1 + phase), [](double v) { return 1.5 * v; })};
  }
  if (kind == "positive") {
    return {each(wave(shape, 0.3 + phase), [](double v) { return 2 + v; }),
            each(wave(shape, 1.1 + phase), [](double v) { return 1.5 + v; })};
  }
  if (kind == "flags") return {flags, chances};
  if (kind == "flag logits") return {flags, raw};
  if (kind == "flag column") return {first_column(flags), first_column(chances)};
  if (kind == "one-hot") return {one_hot(labels, 3), softmax(raw.clone())};
  if (kind == "classes") return {integers(labels, {4}), softmax(raw.clone())};
  if (kind == "class pairs") {
    std::vector<std::int64_t> truth, found;
    for (std::size_t i = 0; i < 4; ++i) {
      truth.insert(truth.end(), {labels[i], labels[3 - i]});
      found.insert(found.end(), {labels[i], labels[(i + 1) % 4]});
    }
    return {integers(truth, {4, 2}), integers(found, {4, 2})};
  }
  if (kind == "sorted ids") {
    std::vector<double> ids;
    for (std::int64_t row = 0; row < 4; ++row) {
      std::vector<double> order = {0, 1, 2};
      std::sort(order.begin(), order.end(), [&](double a, double b) {
        return raw.at(row * 3 + static_cast<std::int64_t>(a)) >
               raw.at(row * 3 + static_cast<std::int64_t>(b));
      });
      ids.insert(ids.end(), order.begin(), order.end());
    }
    return {integers(labels, {4}), f64(ids, {4, 3})};
  }
  if (kind == "eighths")
    return {flags, each(chances.clone(), [](double v) { return std::round(v * 8) / 8; })};
  throw ValueError("no arrays " + kind);
}

}  // namespace keras
}  // namespace sinew
