#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include "nn/layer_harness.h"
#include "sinew/autodiff/gradients.h"
#include "sinew/compiler/eval.h"
#include "sinew/ops/reduce.h"

/// What Keras 3.15.1 (TensorFlow 2.21, float64) computed, recorded, so that tests need no Keras.
namespace sinew {

/// sin(0.7 i + phase): numbers that both sides can make.
inline Tensor wave(const Shape& shape, double phase) {
  Tensor tensor(shape, DType::Float64);
  const auto data = tensor.data<double>();
  for (std::size_t i = 0; i < data.size(); ++i)
    data[i] = std::sin(0.7 * static_cast<double>(i) + phase);
  return tensor;
}

struct KerasRecord {
  /// Inputs are waves with these phases, weight number i is 0.5 wave(1 + i).
  std::vector<std::pair<Shape, double>> inputs;
  std::optional<Tensor> mask = {};
  std::vector<double> output;
  /// Of the loss sum(output * wave(9)): for each input and trainable weight, sum(gradient *
  /// wave(12)).
  std::vector<double> slopes;
  /// Numbers that stand in a test have 8 digits.
  double float64_tolerance = 1e-7;
};

/// Output and gradients of the layer against the record, in both floating dtypes.
inline void expect_as_keras(const std::function<LayerPtr(DType)>& make, const KerasRecord& record) {
  for (const auto& [type, tolerance] :
       {std::pair{DType::Float64, record.float64_tolerance}, {DType::Float32, 1e-5}}) {
    // Clang 14 captures no structured bindings.
    const DType dtype = type;
    const LayerPtr layer = make(dtype);
    std::vector<TensorType> types;
    for (const auto& [shape, phase] : record.inputs) types.push_back({dtype, shape});
    if (record.mask) types.push_back({DType::Bool, record.mask->shape()});
    layer->ensure_built(types);
    Graph graph;
    CallContext context{.graph = graph};
    std::vector<Value> inputs, sources;
    for (const auto& [shape, phase] : record.inputs)
      inputs.push_back(graph.constant(wave(shape, phase).cast(dtype)));
    sources = inputs;
    if (record.mask) inputs.push_back(graph.constant(*record.mask));
    for (std::size_t i = 0; i < layer->weights().size(); ++i) {
      const VariablePtr& weight = layer->weights()[i];
      Tensor values = wave(weight->shape(), 1 + static_cast<double>(i));
      const bool variance = weight->name().ends_with("variance");
      for (double& value : values.data<double>())
        value = 0.5 * (variance ? std::abs(value) : value);
      weight->assign(values.cast(dtype));
      if (weight->trainable()) sources.push_back(graph.variable(weight));
    }
    const Value y = (*layer)(context, inputs)[0];
    const auto weighted = [&](Value x, double phase) {
      return ops::sum(x * graph.constant(wave(x.shape(), phase).cast(dtype)));
    };
    std::vector<Value> found{y};
    for (const Value& slope : gradients(weighted(y, 9), sources))
      found.push_back(weighted(slope, 12));
    const std::vector<Tensor> values = eval(found);
    expect_near(values[0], record.output, tolerance);
    ASSERT_EQ(values.size(), record.slopes.size() + 1);
    for (std::size_t i = 0; i < record.slopes.size(); ++i) {
      const double wanted = record.slopes[i];
      EXPECT_NEAR(values[i + 1].at(0), wanted, 2 * tolerance * std::max(1.0, std::abs(wanted)))
          << "gradient " << i << " in " << name_of(dtype);
    }
  }
}

}  // namespace sinew
