#include <cmath>

#include "nn/layer_harness.h"

namespace sinew {
namespace {

TEST(Embedding, LooksRowsUp) {
  const LayerPtr layer = layers::Embedding(3, 2);
  layer->ensure_built({{DType::Int64, {-1, 2}}});
  layer->weights()[0]->assign(f32({0, 1, 10, 11, 20, 21}, {3, 2}));
  const Tensor indices = Tensor::from(std::vector<std::int64_t>{2, 0, 1, 1}, {2, 2});
  for (DType dtype : {DType::Int64, DType::Int32, DType::UInt8, DType::Float32}) {
    const Tensor y = run_layer(layer, indices.cast(dtype));
    EXPECT_EQ(y.shape(), (Shape{2, 2, 2}));
    expect_near(y, {20, 21, 0, 1, 10, 11, 10, 11}, 0);
  }
}

TEST(Embedding, OutsideTheTableIsAnErrorThatNamesTheLayer) {
  for (std::int64_t outside : {3, -1}) {
    const std::string message = message_of<ValueError>([&] {
      run_layer(layers::Embedding(3, 1, {.name = "words"}),
                Tensor::from(std::vector<std::int64_t>{0, outside, 1}, {1, 3}));
    });
    EXPECT_THAT(message, testing::HasSubstr("Embedding \"words\""));
    EXPECT_THAT(message, testing::HasSubstr("index " + std::to_string(outside) +
                                            " (element 1) is outside the table of 3 rows"));
  }
}

}  // namespace
}  // namespace sinew
