#include "nn/layer_harness.h"

namespace sinew {
namespace {

using namespace layers;

TEST(ZeroPadding2D, PutsZerosAround) {
  const Tensor image = f32({1, 2, 3, 4}, {1, 2, 2, 1});
  expect_near(run_layer(ZeroPadding2D({{1, 0}, {0, 2}}), image),
              {0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0}, 0);
  expect_near(run_layer(ZeroPadding2D({0, 1}), image), {0, 1, 2, 0, 0, 3, 4, 0}, 0);
  EXPECT_EQ(run_layer(ZeroPadding2D(), image).shape(), (Shape{1, 4, 4, 1}));
}

TEST(ZeroPadding2D, ReadsKerasForms) {
  using Pairs = std::vector<std::vector<std::int64_t>>;
  const auto padding = [](AttributeValue given) {
    return make_layer("ZeroPadding2D", {{"padding", std::move(given)}})
        ->config()
        .get<Pairs>("padding");
  };
  EXPECT_EQ(padding(std::int64_t{2}), (Pairs{{2, 2}, {2, 2}}));
  EXPECT_EQ(padding(std::vector<std::int64_t>{1, 3}), (Pairs{{1, 1}, {3, 3}}));
  EXPECT_EQ(padding(Pairs{{0, 1}, {2, 3}}), (Pairs{{0, 1}, {2, 3}}));
}

TEST(ZeroPadding2D, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { ZeroPadding2D(-1, {.name = "z"}); }),
            "ZeroPadding2D \"z\": padding is -1; it must be at least 0");
  EXPECT_EQ(message_of<ShapeError>([] {
              ZeroPadding2D(1, {.name = "z"})->ensure_built({{DType::Float32, {-1, 4, 4}}});
            }),
            "ZeroPadding2D \"z\": input has shape (None, 4, 4), but the layer takes 4 axes (batch, "
            "rows, columns, channels)");
}

TEST(ZeroPadding, OfSequencesAndVolumes) {
  expect_near(run_layer(ZeroPadding1D({1, 2}), f32({1, 2}, {1, 2, 1})), {0, 1, 2, 0, 0}, 0);
  const Tensor volume = run_layer(ZeroPadding3D({{1, 0}, 0, {0, 1}}), f32({1, 2}, {1, 1, 2, 1, 1}));
  EXPECT_EQ(volume.shape(), (Shape{1, 2, 2, 2, 1}));
  expect_near(volume, {0, 0, 0, 0, 1, 0, 2, 0}, 0);
}

TEST(Cropping, UndoesPadding) {
  const Border3D border{{1, 2}, {0, 1}, {3, 0}};
  const Tensor x = f32({1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 1, 2, 2});
  const Tensor y = run_layer(Cropping3D(border), run_layer(ZeroPadding3D(border), x));
  EXPECT_EQ(y.shape(), x.shape());
  expect_near(y, {1, 2, 3, 4, 5, 6, 7, 8}, 0);
  expect_near(run_layer(Cropping1D({2, 1}), f32({1, 2, 3, 4}, {1, 4, 1})), {3}, 0);
  expect_near(run_layer(Cropping2D({{0, 1}, {1, 0}}), f32({1, 2, 3, 4}, {1, 2, 2, 1})), {2}, 0);
}

TEST(Cropping, Errors) {
  EXPECT_EQ(message_of<ValueError>([] {
              Cropping1D({0, -1}, {.name = "c"});
            }),
            "Cropping1D \"c\": cropping is -1; it must be at least 0");
  EXPECT_EQ(
      message_of<ShapeError>([] {
        Cropping2D({{0, 0}, {2, 2}}, {.name = "c"})
            ->ensure_built({{DType::Float32, {-1, 9, 4, 1}}});
      }),
      "Cropping2D \"c\": cropping (2, 2) leaves nothing of the 4 cells of axis 2 (input shape "
      "(None, 9, 4, 1))");
}

}  // namespace
}  // namespace sinew
