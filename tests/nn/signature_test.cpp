#include "sinew/nn/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sinew/nn/registry.h"

namespace sinew {
namespace {

const Signature& of(const std::vector<Signature>& signatures, const std::string& class_name) {
  const auto at =
      std::find_if(signatures.begin(), signatures.end(),
                   [&](const Signature& signature) { return signature.class_name == class_name; });
  EXPECT_NE(at, signatures.end()) << class_name;
  return *at;
}

std::vector<std::string> names(const Signature& signature) {
  std::vector<std::string> result;
  for (const Argument& argument : signature.arguments) result.push_back(argument.name);
  return result;
}

TEST(Signatures, ListArgumentsInOrderWithKindsAndDefaults) {
  const auto signatures = layer_signatures();
  const Signature& dropout = of(signatures, "Dropout");
  EXPECT_THAT(names(dropout), testing::ElementsAre("rate", "noise_shape", "seed"));
  const Signature& conv = of(signatures, "Conv2D");
  EXPECT_EQ(conv.arguments[0].kind, ArgumentKind::Integer);
  EXPECT_TRUE(conv.arguments[0].required);
  const Argument& strides = conv.arguments[2];
  EXPECT_EQ(strides.name, "strides");
  EXPECT_EQ(strides.kind, ArgumentKind::Size);
  EXPECT_FALSE(strides.required);
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(*strides.value), (std::vector<std::int64_t>{1, 1}));
  const Argument& seed = dropout.arguments[2];
  EXPECT_TRUE(seed.optional);
  EXPECT_FALSE(seed.value.has_value());
}

TEST(Signatures, EveryLayerHasOne) {
  std::vector<std::string> listed;
  for (const Signature& signature : layer_signatures()) listed.push_back(signature.class_name);
  std::vector<std::string> known = layer_names();
  // Other tests register layers of their own, which list nothing.
  std::erase_if(known, [](const std::string& name) { return name.starts_with("LayerTest"); });
  EXPECT_EQ(listed, known);
}

TEST(Signatures, OptimizersBeginWithTheRateAndEndWithTheName) {
  const auto signatures = optimizer_signatures();
  const auto adam = names(of(signatures, "Adam"));
  EXPECT_EQ(adam.front(), "learning_rate");
  EXPECT_EQ(adam[1], "beta_1");
  EXPECT_EQ(adam.back(), "name");
  EXPECT_EQ(of(signatures, "Adam").arguments[0].kind, ArgumentKind::LearningRate);
}

TEST(Signatures, LossesAndMetricsAreListedWithTheirFunctions) {
  const auto losses = loss_signatures();
  const Signature& sparse = of(losses, "SparseCategoricalCrossentropy");
  EXPECT_EQ(sparse.function_name, "sparse_categorical_crossentropy");
  EXPECT_THAT(names(sparse),
              testing::ElementsAre("from_logits", "ignore_class", "reduction", "axis"));
  const auto metrics = metric_signatures();
  // Checked before it is read a second time: listed once.
  EXPECT_THAT(names(of(metrics, "TopKCategoricalAccuracy")), testing::ElementsAre("k"));
  EXPECT_TRUE(of(metrics, "MeanIoU").arguments[0].required);
}

TEST(Signatures, OthersAreNotLeftOut) {
  EXPECT_EQ(of(initializer_signatures(), "TruncatedNormal").arguments.size(), 3U);
  EXPECT_EQ(of(regularizer_signatures(), "L1L2").arguments.size(), 2U);
  EXPECT_EQ(of(constraint_signatures(), "MaxNorm").arguments.size(), 2U);
  EXPECT_EQ(schedule_signatures().size(), 6U);
  EXPECT_GE(activation_signatures().size(), 30U);
}

}  // namespace
}  // namespace sinew
