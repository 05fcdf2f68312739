#include "nn/layer_harness.h"

namespace sinew {
namespace {

using namespace layers;

TEST(Dot, SumsProductsOfEachSample) {
  expect_near(run_layer(Dot(1), {f32({1, 2, 3, 4}, {2, 2}), f32({5, 6, 7, 8}, {2, 2})})[0],
              {17, 53}, 0);
  // (N, 2, K, 2) and (N, K, 3) along K.
  Tensor a(Shape{2, 2, 4, 2}), b(Shape{2, 4, 3});
  for (std::int64_t i = 0; i < a.numel(); ++i)
    a.data<float>()[static_cast<std::size_t>(i)] = static_cast<float>(i * 7 % 11);
  for (std::int64_t i = 0; i < b.numel(); ++i)
    b.data<float>()[static_cast<std::size_t>(i)] = static_cast<float>(i * 5 % 13);
  const Tensor y = run_layer(Dot({2, 1}), {a, b})[0];
  ASSERT_EQ(y.shape(), (Shape{2, 2, 2, 3}));
  for (std::int64_t n = 0; n < 2; ++n) {
    for (std::int64_t i = 0; i < 2; ++i) {
      for (std::int64_t j = 0; j < 2; ++j) {
        for (std::int64_t o = 0; o < 3; ++o) {
          double sum = 0;
          for (std::int64_t k = 0; k < 4; ++k)
            sum += a.at(((n * 2 + i) * 4 + k) * 2 + j) * b.at((n * 4 + k) * 3 + o);
          EXPECT_EQ(y.at(((n * 2 + i) * 2 + j) * 3 + o), sum);
        }
      }
    }
  }
}

TEST(Dot, NormalizedIsCosineSimilarity) {
  const Tensor x = f32({3, 4, 0, 0}, {2, 2}), y = f32({4, 3, 1, 1}, {2, 2});
  expect_near(run_layer(Dot(-1, {.normalize = true}), {x, y})[0], {24.0 / 25, 0}, 1e-6);
}

TEST(Dot, Errors) {
  const TensorType x{DType::Float32, {-1, 3, 2}}, y{DType::Float32, {-1, 2, 4}};
  EXPECT_EQ(
      message_of<ShapeError>([&] {
        Dot(1, {.name = "d"})->ensure_built({x, y});
      }),
      "Dot \"d\": axis 1 of (None, 3, 2) and axis 1 of (None, 2, 4) are summed over together, "
      "but have extents 3 and 2");
  EXPECT_EQ(message_of<ShapeError>([&] {
              Dot(0, {.name = "d"})->ensure_built({x, y});
            }),
            "Dot \"d\": axis 0 of input (None, 3, 2) is the batch; sum over another one");
  EXPECT_EQ(message_of<ValueError>([&] {
              Dot({1, 2, 3}, {.name = "d"});
            }),
            "Dot \"d\": axes names 3 axes; give one of each input");
}

}  // namespace
}  // namespace sinew
