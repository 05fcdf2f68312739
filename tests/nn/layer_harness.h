#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compiler/compile.h"
#include "sinew/base/error.h"
#include "sinew/nn/layers.h"
#include "sinew/nn/registry.h"
#include "sinew/ops/elementwise.h"

/// Runs layers by themselves, for tests.
namespace sinew {

inline Tensor f32(const std::vector<float>& values, const Shape& shape) {
  return Tensor::from(values, shape);
}
inline Tensor f64(const std::vector<double>& values, const Shape& shape) {
  return Tensor::from(values, shape);
}

/// Builds the layer for these inputs, computes its outputs and lets variables take their new
/// values.
inline std::vector<Tensor> run_layer(const LayerPtr& layer, const std::vector<Tensor>& inputs,
                                     bool training = false, std::int64_t seed = 0,
                                     std::int64_t step = 0) {
  Graph graph;
  CallContext context{.graph = graph, .training = training};
  context.seed = graph.constant(Tensor::scalar(seed));
  context.step = graph.constant(Tensor::scalar(step));
  std::vector<Value> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    values.push_back(graph.input("x" + std::to_string(i), inputs[i].dtype(), inputs[i].shape()));
  }
  const std::vector<Value> outputs = (*layer)(context, values);
  for (std::size_t i = 0; i < outputs.size(); ++i)
    graph.output("y" + std::to_string(i), outputs[i]);
  const auto executable = compiler::compile(std::move(graph));
  executable->run(inputs);
  std::vector<Tensor> results;
  for (std::size_t i = 0; i < outputs.size(); ++i) results.push_back(executable->output(i).clone());
  return results;
}

inline Tensor run_layer(const LayerPtr& layer, const Tensor& input, bool training = false) {
  return run_layer(layer, std::vector<Tensor>{input}, training).front();
}

inline void expect_near(const Tensor& tensor, const std::vector<double>& expected,
                        double tolerance = 1e-5) {
  ASSERT_EQ(tensor.numel(), static_cast<std::int64_t>(expected.size()));
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    EXPECT_NEAR(tensor.at(i), expected[static_cast<std::size_t>(i)], tolerance) << "at " << i;
  }
}

/// The message of the Error that `body` throws; "" (and a failed test) when it throws none.
template <typename E, typename Body>
std::string message_of(const Body& body) {
  try {
    body();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace sinew
