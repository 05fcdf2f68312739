#include "cli/workloads.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "cli/models.h"
#include "model/state.h"
#include "sinew/base/philox.h"
#include "sinew/runtime/floor.h"

namespace sinew::cli {
namespace {

using runtime::Primitive;
using Kind = Primitive::Kind;

Dataset random_data(const Shape& rows, std::int64_t batch, std::int64_t classes) {
  Dataset data;
  data.name = "random";
  data.classes = classes;
  data.x = Tensor(rows.prepend(batch));
  data.y = Tensor(Shape{batch}, DType::Int64);
  PhiloxStream numbers(1, 0);
  for (float& value : data.x.data<float>()) value = static_cast<float>(numbers.uniform());
  for (std::int64_t& label : data.y.data<std::int64_t>())
    label = static_cast<std::int64_t>(numbers.below(static_cast<std::uint64_t>(classes)));
  return data;
}

/// Runs a model's compiled training step on one batch, as fit() does.
Measurement measure_step(const std::string& name, const Dataset& data) {
  Model model = make_model(name, data, 0);
  model::Arrays arrays;
  arrays.x = {inputs_for(model, data.x)};
  arrays.y = {targets_for(model, data.y, data.classes)};
  arrays.rows = data.x.shape()[0];
  model.train_on_batch(arrays.x, arrays.y);
  const auto step = model.state()->steps.get(
      *model.state(), model::step_key(model::Mode::Train, arrays, arrays.rows));
  const std::vector<Tensor> batch = arrays.all();
  Measurement m;
  m.seconds = std::numeric_limits<double>::infinity();
  m.flops = step->program().flops();
  constexpr double kBudget = 2.0;
  double spent = 0;
  for (int run = 0; run < 1000 && (spent < kBudget || run < 10); ++run) {
    const auto begin = std::chrono::steady_clock::now();
    step->run(batch);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    m.seconds = std::min(m.seconds, seconds);
    spent += seconds;
  }
  return m;
}

Measurement measure_cnn(std::int64_t n) {
  Measurement m = measure_step("cnn", random_data({28, 28}, n, 10));
  m.floor_seconds = runtime::measure_primitives({{Kind::ConvForward, {n, 28, 28, 1, 32}},
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
                                                 {Kind::Matmul, {128, n, 10}}});
  return m;
}

Measurement measure_lstm(std::int64_t steps, std::int64_t n, std::int64_t features,
                         std::int64_t classes) {
  Measurement m = measure_step("lstm", random_data({steps, features}, n, classes));
  std::vector<Primitive> primitives;
  for (std::int64_t input : {features, std::int64_t{128}, std::int64_t{128}}) {
    primitives.push_back({Kind::LstmForward, {steps, n, input, 128}});
    primitives.push_back({Kind::LstmBackward, {steps, n, input, 128}});
  }
  m.floor_seconds = runtime::measure_primitives(primitives);
  return m;
}

}  // namespace

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> list = {
      {"tutorial-cnn-train-b32", [] { return measure_cnn(32); }},
      {"tutorial-cnn-train-b256", [] { return measure_cnn(256); }},
      {"tutorial-lstm-train-t128-b32", [] { return measure_lstm(128, 32, 9, 6); }},
      {"tutorial-lstm-train-t28-b32", [] { return measure_lstm(28, 32, 28, 10); }},
  };
  return list;
}

}  // namespace sinew::cli
