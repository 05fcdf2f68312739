#include "sinew/nn/layer.h"

#include <algorithm>
#include <functional>

#include "nn/layer_cases.h"
#include "nn/layer_harness.h"
#include "sinew/compiler/eval.h"
#include "sinew/nn/session.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

using namespace layers;
using testing::AllOf;
using testing::HasSubstr;

std::vector<TensorType> input_types(const LayerPtr& layer, const LayerCase& given) {
  return std::vector<TensorType>(given.inputs, {layer->input_dtype(), given.input});
}

class EveryLayer : public testing::TestWithParam<std::size_t> {
 protected:
  const LayerCase& given() const { return layer_cases()[GetParam()]; }
};

TEST_P(EveryLayer, OutputShape) {
  const LayerPtr layer = given().make();
  EXPECT_EQ(layer->class_name(), given().class_name);
  EXPECT_EQ(layer->output_types(input_types(layer, given()))[0].shape, given().output);
}

TEST_P(EveryLayer, IsMadeAgainFromItsConfig) {
  const LayerPtr layer = given().make();
  const LayerPtr again = make_layer(layer->class_name(), layer->config());
  EXPECT_EQ(again->config(), layer->config());
  EXPECT_EQ(again->name(), layer->name());
  EXPECT_EQ(again->output_types(input_types(again, given()))[0].shape, given().output);
}

TEST_P(EveryLayer, NamesTheNearestOption) {
  Attributes config = given().make()->config();
  config.set("nmae", std::string("x"));
  EXPECT_THAT(message_of<ValueError>([&] { make_layer(given().class_name, config); }),
              AllOf(HasSubstr(std::string("layer ") + given().class_name),
                    HasSubstr("unknown option 'nmae'"), HasSubstr("did you mean 'name'?")));
}

TEST_P(EveryLayer, TheSeedFixesItsWeights) {
  std::vector<std::vector<Tensor>> drawn;
  for (std::uint64_t seed : {1, 1, 2}) {
    set_random_seed(seed);
    const LayerPtr layer = given().make();
    layer->ensure_built(input_types(layer, given()));
    drawn.emplace_back();
    for (const VariablePtr& weight : layer->weights()) drawn.back().push_back(weight->value());
  }
  const auto differ = [](const Tensor& a, const Tensor& b) {
    for (std::int64_t i = 0; i < a.numel(); ++i) {
      if (a.at(i) != b.at(i)) return true;
    }
    return false;
  };
  for (std::size_t i = 0; i < drawn[0].size(); ++i) EXPECT_FALSE(differ(drawn[0][i], drawn[1][i]));
  // The first weight of layers that draw any is their kernel; others begin with ones or zeros.
  const auto all_alike = [&](const Tensor& a) {
    return !differ(a, Tensor::full(a.shape(), a.at(0)));
  };
  const bool draws = !drawn[0].empty() && !all_alike(drawn[0][0]);
  EXPECT_TRUE(!draws || differ(drawn[0][0], drawn[2][0]));
}

INSTANTIATE_TEST_SUITE_P(All, EveryLayer, testing::Range(std::size_t{0}, layer_cases().size()),
                         [](const auto& info) {
                           return std::string(layer_cases()[info.param].class_name) + "_" +
                                  std::to_string(info.param);
                         });

TEST(LayerRegistry, EveryRegisteredLayerIsInTheTable) {
  for (const std::string& name : layer_names()) {
    const bool listed = std::any_of(layer_cases().begin(), layer_cases().end(),
                                    [&](const LayerCase& c) { return name == c.class_name; });
    EXPECT_TRUE(listed || name == "InputLayer" || name == "LayerTestDouble") << name;
  }
}

TEST(LayerRegistry, Errors) {
  EXPECT_THAT(message_of<ValueError>([] { make_layer("Densee", {}); }),
              HasSubstr("unknown layer 'Densee': did you mean 'Dense'?"));
  EXPECT_THAT(message_of<ValueError>([] { make_layer("Dense", {}); }),
              HasSubstr("option 'units' is missing"));
  EXPECT_THAT(message_of<ValueError>([] {
                make_layer("Dense", {{"units", std::string("ten")}});
              }),
              HasSubstr("option 'units' has a value of the wrong kind: {units=\"ten\"}"));
  EXPECT_THAT(
      message_of<ValueError>([] {
        make_layer("MaxPooling2D", {{"data_format", std::string("channels_first")}});
      }),
      AllOf(HasSubstr("channels_first"), HasSubstr("not supported"), HasSubstr("channels_last")));
}

TEST(LayerRegistry, ReadsKerasConfigs) {
  const LayerPtr dense =
      make_layer("Dense", {{"name", std::string("head")},
                           {"trainable", true},
                           {"dtype", std::string("DTypePolicy(name=\"float32\")")},
                           {"units", std::int64_t{10}},
                           {"activation", std::string("softmax")},
                           {"use_bias", true},
                           {"kernel_initializer", std::string("GlorotUniform")},
                           {"bias_initializer", std::string("Zeros")}});
  EXPECT_EQ(dense->where(), "Dense \"head\"");
  const LayerPtr conv =
      make_layer("Conv2D", {{"filters", std::int64_t{8}},
                            {"kernel_size", std::vector<std::int64_t>{3, 3}},
                            {"strides", std::int64_t{2}},
                            {"batch_input_shape", std::vector<std::int64_t>{-1, 28, 28, 1}}});
  EXPECT_EQ(conv->input_shape(), (Shape{28, 28, 1}));
}

class LayerTestDouble final : public Layer {
 public:
  std::string class_name() const override { return "LayerTestDouble"; }
  Attributes config() const override { return {}; }
  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    return {inputs[0] * 2.0};
  }
};
const RegisterLayer registered("LayerTestDouble", [](const Attributes&) -> LayerPtr {
  return std::shared_ptr<Layer>(std::make_shared<LayerTestDouble>());
});

TEST(Layer, UsersWriteAndRegisterTheirOwn) {
  const LayerPtr layer = make_layer("LayerTestDouble", {});
  EXPECT_EQ(layer->name().substr(0, 17), "layer_test_double");
  expect_near(run_layer(layer, f32({1, -2}, {1, 2})), {2, -4});
}

TEST(Layer, NamesAreKeras) {
  clear_session();
  EXPECT_EQ(Dense(1)->name(), "dense");
  EXPECT_EQ(Dense(1)->name(), "dense_1");
  EXPECT_EQ(MaxPooling2D()->name(), "max_pooling2d");
  EXPECT_EQ(Dense(1, {.name = "head"})->name(), "head");
  EXPECT_EQ(Dense(1)->where(), "Dense \"dense_2\"");
}

TEST(Layer, WeightsAreNamedCountedAndFrozen) {
  const LayerPtr layer = Dense(5, {.name = "d"});
  layer->ensure_built({{DType::Float32, {kNone, 3}}});
  EXPECT_EQ(layer->weights()[0]->name(), "d/kernel");
  EXPECT_EQ(layer->weights()[1]->name(), "d/bias");
  EXPECT_EQ(layer->parameter_count(), 20);
  EXPECT_EQ(layer->trainable_weights().size(), 2u);
  layer->set_trainable(false);
  EXPECT_TRUE(layer->trainable_weights().empty());
}

TEST(Layer, RegularizersPenaliseWeights) {
  const LayerPtr layer = Dense(1, {.use_bias = true,
                                   .kernel_initializer = "ones",
                                   .bias_initializer = "Constant(value=2.0)",
                                   .kernel_regularizer = "l2",
                                   .bias_regularizer = regularizers::L1L2(0.5, 0.25),
                                   .activity_regularizer = "l1"});
  Graph graph;
  CallContext context{.graph = graph, .training = true};
  const Value x = graph.constant(f32({1, 2, 3, 4, 5, 6}, {2, 3}));
  (*layer)(context, x);
  const std::vector<Value> losses = layer->weight_losses(graph);
  ASSERT_EQ(losses.size(), 2u);
  EXPECT_NEAR(eval(losses[0]).at(0), 0.01 * 3, 1e-7);
  EXPECT_NEAR(eval(losses[1]).at(0), 0.5 * 2 + 0.25 * 4, 1e-7);
  ASSERT_EQ(context.losses.size(), 1u);
  // Activities 8 and 17, over the batch of two.
  EXPECT_NEAR(eval(context.losses[0]).at(0), 0.01 * 25 / 2, 1e-6);
  EXPECT_THAT(message_of<ValueError>([] { Regularizer("l3"); }), HasSubstr("did you mean 'l1'?"));
}

TEST(KerasTensor, DeclaresAGraphOfLayers) {
  const KerasTensor input = Input({4}, {.name = "in"});
  EXPECT_EQ(input.shape(), (Shape{kNone, 4}));
  const LayerPtr shared = Dense(3);
  const KerasTensor a = shared(input);
  const KerasTensor b = shared(input);
  EXPECT_EQ(a.shape(), (Shape{kNone, 3}));
  EXPECT_EQ(shared->weights().size(), 2u);
  const KerasTensor sum = Add()(std::vector{a, b});
  EXPECT_EQ(sum.call()->inputs[1].call()->layer, shared);
  EXPECT_EQ(sum.call()->inputs[0].call()->inputs[0].call()->layer->name(), "in");
  EXPECT_EQ(Concatenate()(std::vector{a, input}).shape(), (Shape{kNone, 7}));
  EXPECT_THAT(message_of<ValueError>([&] { shared(KerasTensor()); }),
              HasSubstr("begin with Input(shape)"));
}

}  // namespace
}  // namespace sinew
