#include "nn/layer_harness.h"

namespace sinew {
namespace {

using layers::ZeroPadding2D;

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

}  // namespace
}  // namespace sinew
