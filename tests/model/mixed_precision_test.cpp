// dtype policies: bfloat16 in between, float32 weights, losses, metrics, optimizer and outputs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "model/small_models.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"
#include "sinew/sinew.h"

namespace sinew {
namespace {

using namespace layers;
using ::testing::HasSubstr;
using testing::message_of;
using testing::same_bits;
using testing::three_classes;

Sequential dense_classifier(const std::string& policy) {
  set_random_seed(11);
  Sequential model({Dense(32, {.activation = "relu", .input_shape = {4}}), Dropout(0.1),
                    Dense(3, {.activation = "softmax"})});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"},
                 .dtype_policy = policy});
  return model;
}

/// Where the processor has no products in bfloat16, compiling warns of it.
TEST(MixedPrecision, StandardOutputBelongsToTheProgram) {
  ::testing::internal::CaptureStdout();
  dense_classifier("mixed_bfloat16");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

/// Convolutions wide enough for oneDNN's own kernels, strided and not, and normalisation.
Sequential images(const std::string& policy) {
  set_random_seed(5);
  Sequential model(
      {Conv2D(16, {3, 3}, {.activation = "relu", .input_shape = {12, 12, 1}}), MaxPooling2D({2, 2}),
       Conv2D(32, {3, 3}, {.strides = {2, 2}, .padding = "same"}), BatchNormalization(),
       Activation("relu"), Conv2D(16, {2, 2}), Flatten(), Dense(10, {.activation = "softmax"})});
  model.compile(
      {.loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .dtype_policy = policy});
  return model;
}

struct Batch {
  Tensor x{Shape{24, 12, 12, 1}};
  Tensor y{Shape{24}, DType::Int64};

  Batch() {
    PhiloxStream numbers(3, 0);
    for (float& value : x.data<float>()) value = static_cast<float>(numbers.uniform());
    for (std::int64_t& label : y.data<std::int64_t>())
      label = static_cast<std::int64_t>(numbers.below(10));
  }
};

std::string program_of(Model& model, const Batch& batch) {
  model::Arrays arrays;
  arrays.x = {batch.x};
  arrays.y = {batch.y};
  arrays.rows = batch.x.shape()[0];
  const auto key = model::step_key(model::Mode::Train, arrays, arrays.rows);
  return model.state()->steps.get(*model.state(), key)->program().str();
}

TEST(MixedPrecision, KeepsWeightsAndOutputsInFloat32) {
  Sequential model = images("mixed_bfloat16");
  const Batch batch;
  model.train_on_batch(batch.x, batch.y);
  for (const VariablePtr& weight : model.weights()) EXPECT_EQ(weight->dtype(), DType::Float32);
  EXPECT_EQ(model.predict(batch.x).dtype(), DType::Float32);
  // Normalisation computes in float32 on data in bfloat16.
  EXPECT_THAT(program_of(model, batch), HasSubstr("batch_norm bfloat16"));
  EXPECT_EQ(model.layers()[0]->compute_dtype(), DType::BFloat16);
  EXPECT_EQ(model.layers()[0]->dtype(), DType::Float32);
}

TEST(MixedPrecision, FloatPoliciesComputeAsBefore) {
  const Batch batch;
  Sequential plain = images("float32");
  plain.train_on_batch(batch.x, batch.y);
  EXPECT_THAT(program_of(plain, batch), ::testing::Not(HasSubstr("bfloat16")));
}

TEST(MixedPrecision, StepsAreCloseToThoseOfFloat32) {
  const Batch batch;
  Sequential narrow = images("mixed_bfloat16");
  Sequential wide = images("float32");
  for (int step = 0; step < 3; ++step) {
    const double a = narrow.train_on_batch(batch.x, batch.y)["loss"];
    const double b = wide.train_on_batch(batch.x, batch.y)["loss"];
    EXPECT_NEAR(a, b, 0.02 * b) << step;
  }
}

TEST(MixedPrecision, LearnsAsFloat32Does) {
  const auto data = three_classes(512);
  std::vector<double> accuracies;
  for (const char* policy : {"float32", "mixed_bfloat16"}) {
    Sequential model = dense_classifier(policy);
    const History history = model.fit(data.x, data.y, {.epochs = 20, .verbose = 0});
    accuracies.push_back(history["accuracy"].back());
  }
  EXPECT_GT(accuracies[0], 0.9);
  EXPECT_NEAR(accuracies[1], accuracies[0], 0.03);
}

TEST(MixedPrecision, ThreadsDoNotChangeBits) {
  const Batch batch;
  const int threads = num_threads();
  std::vector<std::vector<Tensor>> weights;
  for (int count : {1, 2}) {
    set_num_threads(count);
    Sequential model = images("mixed_bfloat16");
    for (int step = 0; step < 3; ++step) model.train_on_batch(batch.x, batch.y);
    weights.push_back(model.get_weights());
  }
  set_num_threads(threads);
  EXPECT_TRUE(same_bits(weights[0], weights[1]));
}

TEST(MixedPrecision, FilesKeepThePolicy) {
  const Batch batch;
  Sequential model = images("mixed_bfloat16");
  model.train_on_batch(batch.x, batch.y);
  const testing::TemporaryFile file("mixed.safetensors");
  model.save(file.path());
  Model loaded = load_model(file.path());
  EXPECT_EQ(loaded.layers()[0]->dtype_policy().name(), "mixed_bfloat16");
  EXPECT_TRUE(same_bits(loaded.predict(batch.x), model.predict(batch.x)));
  loaded.train_on_batch(batch.x, batch.y);
  model.train_on_batch(batch.x, batch.y);
  EXPECT_TRUE(same_bits(loaded.get_weights(), model.get_weights()));
}

TEST(DTypePolicy, OfLayersAndOfTheSession) {
  EXPECT_EQ(Dense(2, {.dtype = "mixed_bfloat16"})->compute_dtype(), DType::BFloat16);
  EXPECT_EQ(Dense(2, {.dtype = DType::Float64})->dtype(), DType::Float64);
  set_dtype_policy("mixed_bfloat16");
  const LayerPtr layer = Dense(2);
  const LayerPtr own = Dense(2, {.dtype = "float32"});
  set_dtype_policy("float32");
  EXPECT_EQ(layer->dtype_policy().name(), "mixed_bfloat16");
  EXPECT_EQ(own->compute_dtype(), DType::Float32);
  EXPECT_EQ(Dense(2)->compute_dtype(), DType::Float32);

  // Layers of different policies follow each other: inputs are cast.
  const KerasTensor x = Input({8});
  const KerasTensor h = Dense(4, {.dtype = "mixed_bfloat16"})(x);
  EXPECT_EQ(h.dtype(), DType::BFloat16);
  EXPECT_EQ(own(h).dtype(), DType::Float32);
}

TEST(DTypePolicy, Float64OfLayersThatHaveNoWeightsYet) {
  Sequential model({Dense(3)});
  model.compile({.loss = "mse", .dtype_policy = "float64"});
  model.fit(Tensor({4, 2}), Tensor({4, 3}), {.verbose = 0});
  EXPECT_EQ(model.weights()[0]->dtype(), DType::Float64);
}

TEST(DTypePolicy, SaysWhatIsWrong) {
  EXPECT_THAT(message_of<ValueError>([] { Dense(2, {.dtype = "mixed_bfloat61"}); }),
              HasSubstr("unknown dtype policy 'mixed_bfloat61': did you mean 'mixed_bfloat16'?"));
  Sequential model({Dense(2, {.input_shape = {3}, .name = "first"})});
  EXPECT_THAT(
      message_of<ValueError>([&] { model.compile({.dtype_policy = "float64"}); }),
      HasSubstr("Dense \"first\": the dtype policy \"float64\" keeps weights in float64, but "
                "the layer has float32 ones already"));
}

}  // namespace
}  // namespace sinew
