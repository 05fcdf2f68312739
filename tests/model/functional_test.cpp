#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/small_models.h"
#include "sinew/base/error.h"

namespace sinew {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Two inputs through one shared layer, joined, and two outputs.
Model siamese() {
  set_random_seed(5);
  const KerasTensor left = Input({4}, {.name = "left"});
  const KerasTensor right = Input({4}, {.name = "right"});
  const LayerPtr shared = layers::Dense(5, {.activation = "tanh", .name = "shared"});
  const KerasTensor joined = layers::Concatenate({.name = "joined"})({shared(left), shared(right)});
  const KerasTensor score = layers::Dense(1, {.name = "score"})(joined);
  const KerasTensor kind = layers::Dense(3, {.activation = "softmax", .name = "kind"})(joined);
  return Model({left, right}, {score, kind}, "siamese");
}

TEST(Functional, SharedLayersHaveOneSetOfWeights) {
  const Model model = siamese();
  EXPECT_EQ(model.count_params(), (4 * 5 + 5) + (10 + 1) + (10 * 3 + 3));
  std::vector<std::string> names;
  for (const auto& layer : model.layers()) names.push_back(layer->name());
  EXPECT_THAT(names, ElementsAre("left", "right", "shared", "joined", "score", "kind"));
  EXPECT_THAT(model.output_names(), ElementsAre("score", "kind"));
}

TEST(Functional, AppliesASharedLayerToEachInput) {
  const Classes data = three_classes(6);
  Model model = siamese();
  const Tensor other = three_classes(6, 4, 9).x;
  const std::vector<Tensor> straight = model.predict_all({data.x, other});
  // The score is w1 f(left) + w2 f(right) + b: swapping inputs and halves of its kernel changes
  // nothing.
  std::vector<Tensor> weights = model.get_weights();
  for (std::size_t which : {2u, 4u}) {
    const Tensor kernel = weights[which].clone();
    const std::int64_t half = kernel.numel() / 2;
    for (std::int64_t i = 0; i < kernel.numel(); ++i) {
      weights[which].data<float>()[static_cast<std::size_t>(i)] =
          kernel.data<float>()[static_cast<std::size_t>((i + half) % kernel.numel())];
    }
  }
  model.set_weights(weights);
  const std::vector<Tensor> swapped = model.predict_all({other, data.x});
  for (std::int64_t i = 0; i < 6; ++i) EXPECT_NEAR(straight[0].at(i), swapped[0].at(i), 1e-5);
}

TEST(Functional, TrainsSeveralOutputsWithALossEach) {
  const Classes left = three_classes(64, 4, 1);
  const Classes right = three_classes(64, 4, 2);
  Tensor score({64, 1});
  for (std::int64_t row = 0; row < 64; ++row) {
    score.data<float>()[static_cast<std::size_t>(row)] =
        static_cast<float>(left.x.at(row * 4) - right.x.at(row * 4 + 1));
  }
  Model model = siamese();
  model.compile({.optimizer = "adam",
                 .loss = {"mse", "sparse_categorical_crossentropy"},
                 .loss_weights = {2.0, 0.5},
                 .metrics = MetricsPerOutput{{"mae"}, {"accuracy"}}});
  const History history =
      model.fit({left.x, right.x}, {score, left.y}, {.epochs = 30, .batch_size = 16, .verbose = 0});
  for (const char* name : {"loss", "score_loss", "kind_loss", "score_mae", "kind_accuracy"}) {
    EXPECT_TRUE(history.has(name)) << name;
  }
  EXPECT_LT(history["loss"].back(), 0.7 * history["loss"].front());
  EXPECT_NEAR(history["loss"].back(),
              2.0 * history["score_loss"].back() + 0.5 * history["kind_loss"].back(), 1e-5);
}

TEST(Functional, AModelIsCalledOnOtherInputs) {
  Sequential encoder(
      {layers::Dense(3, {.activation = "tanh", .input_shape = {4}, .name = "encoder"})});
  const KerasTensor a = Input({4}, {.name = "a"});
  const KerasTensor b = Input({4}, {.name = "b"});
  Model model({a, b}, layers::Add()({encoder(a), encoder(b)}));
  EXPECT_EQ(model.count_params(), encoder.count_params());
  const Tensor x = three_classes(5).x;
  const Tensor sum = model.predict({x, x});
  const Tensor once = encoder.predict(x);
  for (std::int64_t i = 0; i < sum.numel(); ++i) EXPECT_FLOAT_EQ(sum.at(i), 2 * once.at(i));
}

TEST(Functional, MistakesInTheWiringAreNamed) {
  const KerasTensor a = Input({4}, {.name = "a"});
  const KerasTensor b = Input({4}, {.name = "b"});
  const KerasTensor sum = layers::Add()({a, b});
  EXPECT_THAT(message_of<ValueError>([&] { Model(a, sum); }), HasSubstr("InputLayer \"b\""));
  EXPECT_THAT(message_of<ValueError>([&] { Model(sum, sum); }), HasSubstr("not an Input()"));
  const KerasTensor one = layers::Dense(2, {.name = "twin"})(a);
  const KerasTensor two = layers::Dense(2, {.name = "twin"})(one);
  EXPECT_THAT(message_of<ValueError>([&] { Model(a, two); }),
              HasSubstr("two layers of the model have the name \"twin\""));
}

TEST(Functional, SummaryTellsWhereInputsComeFrom) {
  const std::string text = siamese().summary();
  EXPECT_THAT(text, HasSubstr("shared[0][0], shared[1][0]"));
  EXPECT_THAT(text, HasSubstr("left[0][0], right[0][0]"));
}

}  // namespace
}  // namespace sinew
