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
PreparedStep prepare(const std::string& name, Mode mode, const Shape& batch, std::int64_t classes) {
  Dataset data;
  data.name = "made-up data";
  data.classes = classes;
  data.x = made_up(batch);
  data.y = made_up_labels(batch[0], classes);
  Model model = make_model(name, data, 0);
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

Workload cnn(const std::string& name, std::int64_t n) {
  return {name,
          [n] {
            return prepare("cnn", Mode::Train, {n, 28, 28}, 10);
          },
          [n] { return cnn_primitives(n); }};
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

}  // namespace

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> list = {
      cnn("tutorial-cnn-train-b32", 32),
      cnn("tutorial-cnn-train-b256", 256),
      lstm("tutorial-lstm-train-t128-b32", 128, 32, 9, 6),
      lstm("tutorial-lstm-train-t28-b32", 28, 32, 28, 10),
      {"resnet20-train-b64",
       [] {
         return prepare("resnet20", Mode::Train, {64, 32, 32, 3}, 10);
       },
       [] { return resnet20_primitives(64); }},
      mlp("mlp-train-b64", 64),
      cnn_predict("tutorial-cnn-predict-b1", 1),
      cnn_predict("tutorial-cnn-predict-b64", 64),
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
