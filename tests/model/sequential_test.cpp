#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/small_models.h"
#include "sinew/base/error.h"

namespace sinew {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Sequential, KnowsItsShapesAndParametersAsSoonAsTheInputIsKnown) {
  Sequential model;
  model.add(layers::Dense(8, {.input_shape = {4}}));
  model.add(layers::Dense(3));
  EXPECT_TRUE(model.built());
  EXPECT_EQ(model.count_params(), 4 * 8 + 8 + 8 * 3 + 3);
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{Shape::kUnknown, 3}));
  ASSERT_EQ(model.weights().size(), 4u);
  EXPECT_EQ(model.weights()[2]->shape(), (Shape{8, 3}));
}

TEST(Sequential, IsBuiltByTheFirstBatchWhenNoShapeWasGiven) {
  Sequential model({layers::Dense(2)});
  EXPECT_FALSE(model.built());
  EXPECT_THAT(message_of<ValueError>([&] { model.count_params(); }), HasSubstr("is not built"));
  EXPECT_EQ(model.predict(Tensor({5, 7})).shape(), (Shape{5, 2}));
  EXPECT_EQ(model.count_params(), 7 * 2 + 2);
}

TEST(Sequential, BeginsWithAnInput) {
  Sequential model;
  model.add(Input({6}));
  model.add(layers::Dense(2));
  EXPECT_EQ(model.count_params(), 14);
  EXPECT_THAT(message_of<ValueError>([&] { model.add(Input({6})); }),
              HasSubstr("before all layers"));
}

TEST(Sequential, PopTakesTheLastLayerAway) {
  Sequential model({layers::Dense(8, {.input_shape = {4}}), layers::Dense(3)});
  model.pop();
  EXPECT_EQ(model.layers().size(), 1u);
  EXPECT_EQ(model.predict(Tensor({2, 4})).shape(), (Shape{2, 8}));
  model.pop();
  EXPECT_THAT(message_of<ValueError>([&] { model.pop(); }), HasSubstr("no layer to pop"));
}

TEST(Sequential, FindsLayersByNameAndSuggestsTheNearest) {
  Sequential model({layers::Dense(8, {.input_shape = {4}, .name = "hidden"}),
                    layers::Dense(3, {.name = "answer"})});
  EXPECT_EQ(model.get_layer("answer")->name(), "answer");
  EXPECT_THAT(message_of<ValueError>([&] { model.get_layer("hiden"); }), HasSubstr("hidden"));
  EXPECT_THAT(message_of<ValueError>([&] { model.add(layers::Dense(1, {.name = "answer"})); }),
              HasSubstr("\"answer\" already"));
}

TEST(Sequential, SummaryIsKerasTable) {
  Sequential model({}, "tiny");
  model.add(layers::Dense(1000, {.activation = "relu", .input_shape = {4}, .name = "first"}));
  model.add(layers::Dense(3, {.name = "second"}));
  const std::string text = model.summary();
  EXPECT_THAT(text, HasSubstr("Model: \"tiny\""));
  EXPECT_THAT(text, HasSubstr("│ first (Dense)  │ (None, 1000) │   5,000 │"));
  EXPECT_THAT(text, HasSubstr("│ second (Dense) │ (None, 3)    │   3,003 │"));
  EXPECT_THAT(text, HasSubstr(" Total params: 8,003 (31.26 KB)"));
  EXPECT_THAT(text, HasSubstr(" Trainable params: 8,003 (31.26 KB)"));
  EXPECT_THAT(text, HasSubstr(" Non-trainable params: 0 (0.00 B)"));
}

TEST(Sequential, WeightsGoOutAndInAgain) {
  const Classes data = three_classes(16);
  Sequential first = classifier();
  Sequential second({layers::Dense(8, {.activation = "relu", .input_shape = {4}}),
                     layers::Dropout(0.5), layers::Dense(3, {.activation = "softmax"})});
  EXPECT_FALSE(same_bits(first.predict(data.x), second.predict(data.x)));
  second.set_weights(first.get_weights());
  EXPECT_TRUE(same_bits(first.get_weights(), second.get_weights()));
  EXPECT_TRUE(same_bits(first.predict(data.x), second.predict(data.x)));
}

TEST(Sequential, WeightsThatDoNotFitAreNamedAndNoneIsTaken) {
  Sequential model({layers::Dense(2, {.input_shape = {3}, .name = "only"})});
  const std::vector<Tensor> before = model.get_weights();
  EXPECT_THAT(message_of<ValueError>([&] {
                model.set_weights({Tensor({3, 2})});
              }),
              HasSubstr("has 2 weights, but 1 tensors were given"));
  EXPECT_THAT(message_of<ShapeError>([&] {
                model.set_weights({Tensor({3, 2}), Tensor({3})});
              }),
              HasSubstr("weight 1 (\"only/bias\") of Sequential"));
  EXPECT_TRUE(same_bits(before, model.get_weights()));
}

}  // namespace
}  // namespace sinew
