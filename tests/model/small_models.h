#pragma once

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "sinew/base/philox.h"
#include "sinew/model/callbacks.h"
#include "sinew/model/model.h"
#include "sinew/nn/layers.h"
#include "sinew/nn/session.h"

namespace sinew::testing {

/// Rows of uniform numbers in [-1, 1) with the class of each: which third the first number lies in.
struct Classes {
  Tensor x;
  Tensor y;
};

inline Classes three_classes(std::int64_t rows, std::int64_t features = 4, std::uint64_t seed = 1) {
  PhiloxStream random(seed, 0);
  Classes data{Tensor({rows, features}), Tensor({rows}, DType::Int64)};
  for (float& value : data.x.data<float>()) value = static_cast<float>(random.uniform() * 2 - 1);
  for (std::int64_t row = 0; row < rows; ++row) {
    const double first = data.x.at(row * features);
    data.y.data<std::int64_t>()[static_cast<std::size_t>(row)] = first < -0.33  ? 0
                                                                 : first < 0.33 ? 1
                                                                                : 2;
  }
  return data;
}

/// Dense(8, relu), Dropout, Dense(3, softmax): random numbers in every step.
inline Sequential classifier(const std::string& optimizer = "adam", double dropout = 0.25) {
  set_random_seed(11);
  Sequential model;
  model.add(layers::Dense(8, {.activation = "relu", .input_shape = {4}}));
  model.add(layers::Dropout(dropout));
  model.add(layers::Dense(3, {.activation = "softmax"}));
  model.compile(
      {.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

/// y = x W + b with the given weights, trained by plain gradient descent on the mean squared error.
inline Sequential linear(const std::vector<float>& kernel, float bias, double learning_rate = 0.1) {
  Sequential model;
  const auto features = static_cast<std::int64_t>(kernel.size());
  model.add(layers::Dense(1, {.input_shape = {features}}));
  model.set_weights({Tensor::from(kernel, {features, 1}), Tensor::from<float>({bias}, {1})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = learning_rate}), .loss = "mse"});
  return model;
}

inline bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() &&
         std::memcmp(a.raw(), b.raw(), a.bytes()) == 0;
}

inline bool same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!same_bits(a[i], b[i])) return false;
  }
  return true;
}

/// A file in the folder of temporary files that goes away with the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& name)
      : path_((std::filesystem::temp_directory_path() /
               ("sinew_" + std::to_string(::getpid()) + "_" + name))
                  .string()) {}
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The text of the Error that `body` throws; fails the test when it throws none.
template <typename Exception, typename Body>
std::string message_of(const Body& body) {
  try {
    body();
  } catch (const Exception& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace sinew::testing
