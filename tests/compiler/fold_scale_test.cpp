// Batch normalisation in inference is part of the convolution before it.

#include <gtest/gtest.h>

#include "compiler/compile.h"
#include "sinew/base/philox.h"
#include "sinew/nn/layer.h"
#include "sinew/nn/layers.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

Tensor uniform(const Shape& shape, std::uint64_t stream) {
  PhiloxStream numbers(4, stream);
  Tensor tensor(shape);
  for (float& value : tensor.data<float>()) value = static_cast<float>(numbers.uniform()) + 0.25f;
  return tensor;
}

/// Inference of a convolution, its normalisation and relu; with a second reader of the
/// convolution's result when `read_twice`.
std::unique_ptr<runtime::Executable> inference(const LayerPtr& convolution, const LayerPtr& norm,
                                               bool read_twice) {
  Graph graph;
  CallContext context{.graph = graph};
  const Value x = graph.input("x", DType::Float32, {2, 9, 9, 3});
  const Value image = (*convolution)(context, x);
  graph.output("y", ops::relu((*norm)(context, image)));
  if (read_twice) graph.output("image", image);
  return compiler::compile(std::move(graph));
}

TEST(FoldScale, ConvolutionTakesBatchNormalisation) {
  const LayerPtr convolution = layers::Conv2D(8, 3, {.bias_initializer = "ones"});
  const LayerPtr norm = layers::BatchNormalization();
  convolution->ensure_built({{DType::Float32, {-1, 9, 9, 3}}});
  norm->ensure_built({{DType::Float32, {-1, 7, 7, 8}}});
  for (std::size_t i = 0; i < 4; ++i) norm->weights()[i]->assign(uniform({8}, i));
  const auto folded = inference(convolution, norm, false);
  const auto plain = inference(convolution, norm, true);
  const Tensor x = uniform({2, 9, 9, 3}, 9);
  folded->run(std::vector<Tensor>{x});
  plain->run(std::vector<Tensor>{x});
  for (std::int64_t i = 0; i < folded->output(0).numel(); ++i)
    ASSERT_NEAR(folded->output(0).at(i), plain->output(0).at(i), 2e-5) << i;
  for (const auto& step : folded->program().steps) {
    if (step.kernel == "conv") {
      EXPECT_EQ(step.inputs.size(), 3u) << "the shift is its bias";
      EXPECT_EQ(step.attributes.get_or<std::string>("activation", ""), "relu");
    } else {
      EXPECT_LE(step.outputs[0].type.shape.numel(), 3 * 3 * 3 * 8) << "no pass over the images";
    }
  }
}

}  // namespace
}  // namespace sinew
