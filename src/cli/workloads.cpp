#include "cli/workloads.h"

#include <algorithm>

#include "cli/models.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/nn/layers.h"
#include "sinew/runtime/floor.h"

namespace sinew::cli {
namespace {

using model::Mode;
using runtime::Primitive;
using Kind = Primitive::Kind;

/// A named model's step on made-up data.
PreparedStep prepare(const std::string& name, Mode mode, const Shape& batch, std::int64_t classes,
                     const std::string& dtype_policy = "") {
  Dataset data;
  data.name = "made-up data";
  data.classes = classes;
  data.x = made_up(batch);
  data.y = made_up_labels(batch[0], classes);
  Model model = make_model(name, data, {.dtype_policy = dtype_policy});
  const Tensor x = inputs_for(model, data.x);
  return prepare_step(model, mode, x, targets_for(model, data.y, classes));
}

std::vector<Primitive> cnn_primitives(std::int64_t n) {
  return {{Kind::ConvForward, {n, 28, 28, 1, 32}},
          {Kind::ConvBackwardWeights, {n, 28, 28, 1, 32}},
          {Kind::MaxPoolForward, {n, 26, 26, 32}},
          {Kind::MaxPoolBackward, {n, 26, 26, 32}},
          {Kind::ConvForward, {n, 13, 13, 32, 64}},
          {Kind::ConvBackwardData, {n, 13, 13, 32, 64}},
          {Kind::ConvBackwardWeights, {n, 13, 13, 32, 64}},
          {Kind::MaxPoolForward, {n, 11, 11, 64}},
          {Kind::MaxPoolBackward, {n, 11, 11, 64}},
          {Kind::Matmul, {n, 1600, 128}},
          {Kind::Matmul, {n, 128, 1600}},
          {Kind::Matmul, {1600, n, 128}},
          {Kind::Matmul, {n, 128, 10}},
          {Kind::Matmul, {n, 10, 128}},
          {Kind::Matmul, {128, n, 10}}};
}

/// Of a prediction.
std::vector<Primitive> cnn_predict_primitives(std::int64_t n) {
  return {{Kind::ConvForward, {n, 28, 28, 1, 32}},  {Kind::MaxPoolForward, {n, 26, 26, 32}},
          {Kind::ConvForward, {n, 13, 13, 32, 64}}, {Kind::MaxPoolForward, {n, 11, 11, 64}},
          {Kind::Matmul, {n, 1600, 128}},           {Kind::Matmul, {n, 128, 10}}};
}

/// Two hidden layers of 512 units on the pixels of a 28 x 28 image.
PreparedStep prepare_mlp(std::int64_t n) {
  Sequential model;
  model.add(layers::Dense(512, {.activation = "relu", .input_shape = {784}}));
  model.add(layers::Dense(512, {.activation = "relu"}));
  model.add(layers::Dense(10, {.activation = "softmax"}));
  model.compile({.loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return prepare_step(model, Mode::Train, made_up({n, 784}), made_up_labels(n, 10));
}

std::vector<Primitive> mlp_primitives(std::int64_t n) {
  return {{Kind::Matmul, {n, 784, 512}}, {Kind::Matmul, {784, n, 512}},
          {Kind::Matmul, {n, 512, 512}}, {Kind::Matmul, {n, 512, 512}},
          {Kind::Matmul, {512, n, 512}}, {Kind::Matmul, {n, 512, 10}},
          {Kind::Matmul, {n, 10, 512}},  {Kind::Matmul, {512, n, 10}}};
}

/// A training step of CifarResNet(20) without its sums, product and optimizer.
std::vector<Primitive> resnet20_primitives(std::int64_t n) {
  std::vector<Primitive> list;
  const auto conv = [&](std::int64_t size, std::int64_t channels, std::int64_t filters,
                        std::int64_t window, std::int64_t stride) {
    for (Kind kind : {Kind::ConvForward, Kind::ConvBackwardData, Kind::ConvBackwardWeights}) {
      const bool images = channels == 3;
      if (images && kind == Kind::ConvBackwardData) continue;
      list.push_back({kind, {n, size, size, channels, filters}, window, stride, true});
    }
    // The convolution of a shortcut is not normalised.
    if (window == 1) return;
    for (Kind kind : {Kind::BatchNormForward, Kind::BatchNormBackward})
      list.push_back({kind, {n, size / stride, size / stride, filters}});
  };
  conv(32, 3, 16, 3, 1);
  std::int64_t size = 32;
  std::int64_t channels = 16;
  for (std::int64_t filters : {16, 32, 64}) {
    for (int block = 0; block < 3; ++block) {
      const std::int64_t stride = filters == channels ? 1 : 2;
      conv(size, channels, filters, 3, stride);
      if (stride == 2) conv(size, channels, filters, 1, stride);
      size /= stride;
      conv(size, filters, filters, 3, 1);
      channels = filters;
    }
  }
  return list;
}

std::vector<Primitive> lstm_primitives(std::int64_t steps, std::int64_t n, std::int64_t features) {
  std::vector<Primitive> primitives;
  for (std::int64_t input : {features, std::int64_t{128}, std::int64_t{128}}) {
    primitives.push_back({Kind::LstmForward, {steps, n, input, 128}});
    primitives.push_back({Kind::LstmBackward, {steps, n, input, 128}});
  }
  return primitives;
}

/// In mixed precision too it is compared with the sum of the float32 primitives.
Workload cnn(const std::string& name, std::int64_t n, const std::string& dtype_policy = "") {
  return {name,
          [=] {
            return prepare("cnn", Mode::Train, {n, 28, 28}, 10, dtype_policy);
          },
          [n] { return cnn_primitives(n); }};
}

Workload resnet20(const std::string& name, std::int64_t n, const std::string& dtype_policy = "") {
  return {name,
          [=] {
            return prepare("resnet20", Mode::Train, {n, 32, 32, 3}, 10, dtype_policy);
          },
          [n] { return resnet20_primitives(n); }};
}

Workload cnn_predict(const std::string& name, std::int64_t n) {
  return {name,
          [n] {
            return prepare("cnn", Mode::Predict, {n, 28, 28}, 10);
          },
          [n] { return cnn_predict_primitives(n); }};
}

Workload mlp(const std::string& name, std::int64_t n) {
  return {name, [n] { return prepare_mlp(n); }, [n] { return mlp_primitives(n); }};
}

Workload lstm(const std::string& name, std::int64_t steps, std::int64_t n, std::int64_t features,
              std::int64_t classes) {
  return {name,
          [=] {
            return prepare("lstm", Mode::Train, {n, steps, features}, classes);
          },
          [=] { return lstm_primitives(steps, n, features); }};
}

/// The primitives of one encoder block: four projections of width w, two layers of 4 w, and the
/// attention of n heads, whose scores a plain implementation keeps for its backward pass.
std::vector<Primitive> encoder_block(std::int64_t rows, std::int64_t w, std::int64_t heads,
                                     std::int64_t steps) {
  std::vector<Primitive> list;
  const auto dense = [&](std::int64_t inputs, std::int64_t units) {
    list.push_back({Kind::Matmul, {rows, inputs, units}});
    list.push_back({Kind::Matmul, {rows, units, inputs}});
    list.push_back({Kind::Matmul, {inputs, rows, units}});
  };
  for (int projection = 0; projection < 4; ++projection) dense(w, w);
  dense(w, 4 * w);
  dense(4 * w, w);
  const std::int64_t n = rows / steps * heads, width = w / heads;
  for (int scores = 0; scores < 2; ++scores)
    list.push_back({Kind::Matmul, {n, steps, width, steps}});
  for (int results = 0; results < 4; ++results)
    list.push_back({Kind::Matmul, {n, steps, steps, width}});
  return list;
}

std::vector<Primitive> transformer_primitives(std::int64_t n) {
  constexpr std::int64_t kSteps = 128, kWidth = 256, kHeads = 4, kBlocks = 4;
  const std::int64_t rows = n * kSteps;
  std::vector<Primitive> list = {{Kind::Matmul, {rows, kWidth, kWidth}},
                                 {Kind::Matmul, {kWidth, rows, kWidth}}};
  for (int block = 0; block < kBlocks; ++block) {
    const std::vector<Primitive> one = encoder_block(rows, kWidth, kHeads, kSteps);
    list.insert(list.end(), one.begin(), one.end());
  }
  return list;
}

Workload transformer(const std::string& name, std::int64_t n,
                     const std::string& dtype_policy = "") {
  return {name,
          [=] {
            return prepare("transformer", Mode::Train, {n, 128, 256}, 10, dtype_policy);
          },
          [n] { return transformer_primitives(n); }};
}

Workload lstm_predict(const std::string& name, std::int64_t n) {
  return {name,
          [n] {
            return prepare("lstm", Mode::Predict, {n, 28, 28}, 10);
          },
          [n] {
            return std::vector<Primitive>{{Kind::LstmForward, {28, n, 28, 128}},
                                          {Kind::LstmForward, {28, n, 128, 128}},
                                          {Kind::LstmForward, {28, n, 128, 128}}};
          }};
}

}  // namespace

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> list = {
      cnn("tutorial-cnn-train-b32", 32),
      cnn("tutorial-cnn-train-b256", 256),
      cnn("tutorial-cnn-train-b32-bf16", 32, "mixed_bfloat16"),
      cnn("tutorial-cnn-train-b256-bf16", 256, "mixed_bfloat16"),
      lstm("tutorial-lstm-train-t128-b32", 128, 32, 9, 6),
      lstm("tutorial-lstm-train-t28-b32", 28, 32, 28, 10),
      resnet20("resnet20-train-b64", 64),
      resnet20("resnet20-train-b64-bf16", 64, "mixed_bfloat16"),
      transformer("transformer-train-b16", 16),
      transformer("transformer-train-b16-bf16", 16, "mixed_bfloat16"),
      mlp("mlp-train-b64", 64),
      cnn_predict("tutorial-cnn-predict-b1", 1),
      cnn_predict("tutorial-cnn-predict-b64", 64),
      lstm_predict("tutorial-lstm-predict-b1", 1),
      lstm_predict("tutorial-lstm-predict-b64", 64),
  };
  return list;
}

std::vector<Workload> find_workloads(const std::vector<std::string>& names) {
  if (names.empty()) return workloads();
  std::vector<std::string> known;
  for (const Workload& workload : workloads()) known.push_back(workload.name);
  std::vector<Workload> found;
  for (const std::string& name : names) {
    const auto at = std::find(known.begin(), known.end(), name);
    if (at == known.end()) throw ValueError(unknown_name_message("benchmark", name, known));
    found.push_back(workloads()[static_cast<std::size_t>(at - known.begin())]);
  }
  return found;
}

}  // namespace sinew::cli
