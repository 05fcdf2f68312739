#include <cmath>

#include "nn/layer_cases.h"
#include "nn/layer_harness.h"
#include "sinew/autodiff/gradients.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

/// Batch of 3; other unknown extents are 6.
Shape concrete(const Shape& shape) {
  Shape result = shape;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == kNone) result = result.with(axis, axis == 0 ? 3 : 6);
  }
  return result;
}

/// Distinct numbers away from 0, where ReLU has no derivative; other ones for each `set`.
Tensor numbers(const Shape& shape, std::size_t set = 0) {
  Tensor tensor(shape, DType::Float64);
  const std::span<double> data = tensor.data<double>();
  for (std::size_t i = 0; i < data.size(); ++i) {
    const double magnitude = 0.05 + static_cast<double>((i + 13 * set) * 37 % 101) / 60.0;
    data[i] = (i + set) % 3 == 0 ? -magnitude : magnitude;
  }
  return tensor;
}

class LayerGradients : public testing::TestWithParam<std::size_t> {};

/// In training mode and Float64: the gradient of a scalar of the output, with respect to the inputs
/// and to every weight, against central differences at some places of each.
TEST_P(LayerGradients, AgreeWithCentralDifferences) {
  const LayerCase& given = layer_cases()[GetParam()];
  const LayerPtr layer = given.make();
  layer->set_dtype_policy(DType::Float64);
  const bool takes_indices = layer->input_dtype() == DType::Int64;
  const Shape shape = concrete(given.input);
  std::vector<VariablePtr> inputs;
  for (std::size_t i = 0; i < given.inputs; ++i) {
    inputs.push_back(std::make_shared<Variable>(
        "x" + std::to_string(i), takes_indices ? Tensor(shape, DType::Int64) : numbers(shape, i),
        true));
  }

  Graph graph;
  // What this layer computes in training depends on how often it has done so.
  const bool training = layer->class_name() != "SpectralNormalization";
  CallContext context{.graph = graph, .training = training};
  context.seed = graph.constant(Tensor::scalar(std::int64_t{1}));
  context.step = context.seed;
  std::vector<Value> values;
  for (const VariablePtr& input : inputs) values.push_back(graph.variable(input));
  const Value y = (*layer)(context, values)[0];
  const Value weighted = y * graph.constant(numbers(y.shape()));
  const Value scalar = ops::sum(weighted + ops::square(weighted));
  std::vector<VariablePtr> variables = layer->trainable_weights();
  if (!takes_indices) variables.insert(variables.end(), inputs.begin(), inputs.end());
  std::vector<Value> sources;
  for (const VariablePtr& variable : variables) sources.push_back(graph.variable(variable));
  graph.output("scalar", scalar);
  if (!sources.empty()) {
    const std::vector<Value> found = gradients(scalar, sources);
    for (std::size_t i = 0; i < found.size(); ++i) graph.output("g" + std::to_string(i), found[i]);
  }
  const auto executable = compiler::compile(std::move(graph));
  const auto value = [&] {
    executable->run({});
    return executable->output(0).at(0);
  };

  value();
  std::vector<Tensor> found;
  for (std::size_t i = 0; i < variables.size(); ++i)
    found.push_back(executable->output(i + 1).clone());
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Tensor original = variables[i]->value();
    for (std::int64_t at = 0; at < original.numel(); at += 1 + original.numel() / 7) {
      const double width = 1e-5;
      double side[2];
      for (int sign : {0, 1}) {
        Tensor moved = original.clone();
        moved.data<double>()[static_cast<std::size_t>(at)] += sign == 0 ? -width : width;
        variables[i]->assign(moved);
        side[sign] = value();
      }
      const double difference = (side[1] - side[0]) / (2 * width);
      EXPECT_NEAR(found[i].at(at), difference, 1e-7 * std::max(1.0, std::abs(difference)))
          << variables[i]->name() << " at " << at;
    }
    variables[i]->assign(original);
  }
}

INSTANTIATE_TEST_SUITE_P(All, LayerGradients, testing::Range(std::size_t{0}, layer_cases().size()),
                         [](const auto& info) {
                           return std::string(layer_cases()[info.param].class_name) + "_" +
                                  std::to_string(info.param);
                         });

}  // namespace
}  // namespace sinew
