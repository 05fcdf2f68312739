#include <cmath>

#include "nn/keras_record.h"

namespace sinew {
namespace {

using layers::LayerNormalization;

TEST(LayerNormalization, NormalisesEachSample) {
  const LayerPtr layer = LayerNormalization({.dtype = DType::Float64});
  // Means 2 and 4, biased variances 2/3 and 6.
  const Tensor y = run_layer(layer, f64({1, 2, 3, 1, 4, 7}, {2, 3}));
  const double a = 1 / std::sqrt(2.0 / 3 + 1e-3), b = 3 / std::sqrt(6 + 1e-3);
  expect_near(y, {-a, 0, a, -b, 0, b}, 1e-12);
  EXPECT_EQ(layer->weights().size(), 2u);
  EXPECT_EQ(layer->weights()[0]->shape(), Shape{3});
}

TEST(LayerNormalization, WeightsLieAlongTheAxes) {
  const LayerPtr layer = LayerNormalization({.axis = {1, 2}, .scale = false});
  layer->ensure_built({{DType::Float32, {-1, 4, 3}}});
  ASSERT_EQ(layer->weights().size(), 1u);
  EXPECT_EQ(layer->weights()[0]->shape(), (Shape{4, 3}));
}

TEST(LayerNormalization, AsKeras) {
  expect_as_keras([](DType dtype) { return LayerNormalization({.dtype = dtype}); },
                  {.inputs = {{{2, 3, 4}, 0}},
                   .output = {-0.232972625, 0.240993695,  0.193045520,  -0.396054143, 1.101386147,
                              0.324507359,  -0.389218979, -0.429648760, -0.147087361, 0.021546346,
                              0.089202819,  -0.384704211, 1.010888278,  0.466983409,  -0.305999506,
                              -0.436273805, -0.048909439, -0.096209398, 0.009787372,  -0.379729368,
                              0.884166960,  0.586856923,  -0.212976295, -0.440764672},
                   .slopes = {0.212003089, -1.365410348, -1.190548053}});
  expect_as_keras(
      [](DType dtype) {
        return LayerNormalization({.axis = {1, 2}, .dtype = dtype});
      },
      {.inputs = {{{2, 3, 4}, 0}},
       .output = {0.370387946,  0.578577362,  0.288243218, -0.387222467, -0.585741824,
                  -0.005732632, 0.606401494,  0.593550451, 0.309866065,  0.376317162,
                  0.579277130,  0.273748048,  0.948175556, 0.400407879,  -0.344954131,
                  -0.438377214, -0.022572287, 0.144474753, -0.020339671, 0.121382709,
                  0.698189907,  0.944272959,  0.380586035, -0.356733799},
       .slopes = {-0.135936160, 0.452668246, -2.075466917}});
  expect_as_keras([](DType dtype) { return LayerNormalization({.axis = {1}, .dtype = dtype}); },
                  {.inputs = {{{2, 3, 4}, 0}},
                   .output = {0.558049115,  1.006899721,  0.833144024,  0.722334227,  0.748877797,
                              -0.332911585, -0.477300117, -0.485967141, -0.575310013, -0.198759400,
                              0.039066170,  0.133918556,  0.719566870,  0.549632536,  -0.087133011,
                              0.010684571,  -0.485748598, -0.440922055, 0.291646786,  0.878509748,
                              0.135991101,  0.241867125,  0.254027350,  -0.224228699},
                   .slopes = {-1.693627801, -2.535727828, 0.111982662}});
  expect_as_keras(
      [](DType dtype) { return LayerNormalization({.rms_scaling = true, .dtype = dtype}); },
      {.inputs = {{{2, 3, 4}, 0}},
       .output = {0.000000000,  0.837658356,  0.872781504,  0.047062709,  0.269986905,
                  -0.333179163, -0.563872534, -0.039127052, -0.427312287, 0.013413026,
                  0.356986333,  0.033053366,  0.544690901,  0.239683490,  -0.187499265,
                  -0.027705918, -0.652517358, -0.485446213, 0.017985816,  0.022048479,
                  0.771843038,  0.776593192,  0.189584233,  -0.014710392},
       .slopes = {-1.759993877, -6.656013109}});
}

TEST(LayerNormalization, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { LayerNormalization({.epsilon = 0.0, .name = "n"}); }),
            "LayerNormalization \"n\": epsilon is 0; it must be positive");
  EXPECT_EQ(
      message_of<ShapeError>([] {
        LayerNormalization({.axis = {0}, .name = "n"})->ensure_built({{DType::Float32, {-1, 3}}});
      }),
      "LayerNormalization \"n\": axis 0 is the batch; normalise other axes, such as -1");
}

}  // namespace
}  // namespace sinew
