#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/small_models.h"
#include "sinew/base/error.h"

namespace sinew {
namespace {

using namespace sinew::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// 4 features to 3, with statistics of batches.
Sequential encoder() {
  return Sequential({layers::Dense(3, {.activation = "tanh", .input_shape = {4}, .name = "inner"}),
                     layers::BatchNormalization({.name = "norm"})},
                    "encoder");
}

Model around(const Model& inner) {
  const KerasTensor x = Input({4});
  return Model(x, layers::Dense(3, {.activation = "softmax", .name = "head"})(inner(x)), "outer");
}

std::vector<std::string> names(const std::vector<VariablePtr>& weights) {
  std::vector<std::string> result;
  for (const VariablePtr& weight : weights) result.push_back(weight->name());
  return result;
}

TEST(NestedModel, IsOneLayerWithTheModelsWeights) {
  const Model inner = encoder();
  const Model outer = around(inner);
  ASSERT_EQ(outer.layers().size(), 3u);
  EXPECT_EQ(outer.get_layer("encoder")->class_name(), "Sequential");
  EXPECT_EQ(outer.count_params(), 4 * 3 + 3 + 4 * 3 + 3 * 3 + 3);
  EXPECT_EQ(outer.get_layer("encoder")->weights(), inner.weights());
  EXPECT_EQ(model_of(outer.get_layer("encoder")).name(), "encoder");
  EXPECT_THROW(model_of(outer.get_layer("head")), ValueError);
  EXPECT_THAT(outer.summary(), HasSubstr("encoder (Sequential)"));
}

TEST(NestedModel, TrainsAsTheSameLayersWithoutIt) {
  const Classes data = three_classes(64);
  const Sequential inner = encoder(), other = encoder();
  Sequential nested({inner, layers::Dense(3, {.activation = "softmax"})});
  Sequential flat;
  for (const auto& layer : other.layers()) flat.add(layer);
  flat.add(layers::Dense(3, {.activation = "softmax"}));
  flat.set_weights(nested.get_weights());
  std::vector<Tensor> results;
  for (Sequential* model : {&nested, &flat}) {
    set_random_seed(5);
    model->compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
    model->fit(data.x, data.y, {.epochs = 2, .batch_size = 16, .verbose = 0});
    results.push_back(model->predict(data.x));
  }
  for (std::int64_t i = 0; i < results[0].numel(); ++i)
    ASSERT_EQ(results[0].at(i), results[1].at(i)) << i;
}

TEST(NestedModel, FrozenWeightsStayAndTheOthersLearn) {
  const Classes data = three_classes(64);
  const Model inner = encoder();
  Model outer = around(inner);
  inner.layer()->set_trainable(false);
  EXPECT_THAT(names(outer.trainable_weights()), ElementsAre("head/kernel", "head/bias"));
  const std::vector<Tensor> before = outer.get_weights();
  outer.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy"});
  outer.fit(data.x, data.y, {.epochs = 1, .verbose = 0});
  const std::vector<Tensor> after = outer.get_weights();
  for (std::size_t i = 0; i < after.size(); ++i) {
    const bool changed = after[i].at(0) != before[i].at(0);
    EXPECT_EQ(changed, i >= after.size() - 2) << i;
  }
}

TEST(NestedModel, FilesHoldItWhateverItsLayersAreCalled) {
  const TemporaryFile file("nested.safetensors");
  Model outer = around(Sequential({layers::Dense(3, {.input_shape = {4}})}));
  Tensor x = three_classes(5).x;
  const Tensor wanted = outer.predict(x);
  outer.save(file.path());
  Model loaded = load_model(file.path());
  EXPECT_EQ(loaded.to_json(), outer.to_json());
  // In another program, or later in this one, layers have other default names.
  Model again = around(Sequential({layers::Dense(3, {.input_shape = {4}})}));
  again.load_weights(file.path());
  for (Model* model : {&loaded, &again}) {
    const Tensor found = model->predict(x);
    for (std::int64_t i = 0; i < wanted.numel(); ++i) EXPECT_EQ(found.at(i), wanted.at(i));
  }
}

TEST(NestedModel, KeepsWhetherItIsFrozen) {
  const Model inner = encoder();
  const Model outer = around(inner);
  inner.layer()->set_trainable(false);
  EXPECT_EQ(model_from_json(outer.to_json()).trainable_weights().size(), 2u);
}

TEST(NestedModel, IsSharedBetweenCallsAndWrapped) {
  const Model inner = encoder();
  const KerasTensor a = Input({4}), b = Input({4}), sequence = Input({5, 4});
  const Model both({a, b}, layers::Add()({inner(a), inner(b)}));
  EXPECT_EQ(both.weights().size(), 6u);
  const Model stepwise(sequence, layers::TimeDistributed(inner)(sequence));
  EXPECT_EQ(stepwise.outputs()[0].shape(), (Shape{Shape::kUnknown, 5, 3}));
  EXPECT_EQ(stepwise.weights(), inner.weights());
  EXPECT_THAT(message_of<ValueError>([&] { stepwise.to_json(); }), HasSubstr("cannot be saved"));
}

TEST(NestedModel, WrongInputsAreNamed) {
  const Model inner = encoder();
  EXPECT_EQ(message_of<ShapeError>([&] { inner(Input({5})); }),
            "Sequential \"encoder\": input 0 has shape (None, 5), but the model takes (None, 4)");
}

TEST(CloneModel, HasTheSameLayersAndOtherWeights) {
  Model model = around(encoder());
  const Model clone = clone_model(model);
  EXPECT_EQ(clone.to_json(), model.to_json());
  EXPECT_NE(clone.get_weights()[0].at(0), model.get_weights()[0].at(0));
}

TEST(NestedModel, StaysAsItIsOnceItIsALayer) {
  Sequential inner({layers::Dense(2, {.input_shape = {2}})}, "inner");
  Sequential outer({}, "outer");
  outer.add(inner);
  EXPECT_THAT(message_of<ValueError>([&] { inner.add(layers::Dense(3)); }),
              HasSubstr("Sequential \"inner\": add() comes too late: the model is a layer of "
                        "another model, or of itself"));
  EXPECT_THAT(message_of<ValueError>([&] { inner.pop(); }), HasSubstr("pop() comes too late"));
  EXPECT_THAT(message_of<ValueError>([&] { outer.add(outer); }), HasSubstr("or of itself"));
  EXPECT_THAT(message_of<ValueError>([&] { inner.add(outer); }), HasSubstr("comes too late"));
  EXPECT_EQ(outer.count_params(), 6);
  outer.add(layers::Dense(3));
  EXPECT_EQ(outer.count_params(), 15);
}

}  // namespace
}  // namespace sinew
