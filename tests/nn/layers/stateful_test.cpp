#include <gmock/gmock.h>

#include "nn/layers/recurrent_reference.h"

namespace sinew {
namespace {

/// Steps [begin, end) of a sequence of one sample.
Tensor steps(const Tensor& x, std::int64_t begin, std::int64_t end) {
  const std::int64_t features = x.shape()[2];
  Tensor part({1, end - begin, features}, x.dtype());
  for (std::int64_t i = 0; i < part.numel(); ++i)
    part.data<double>()[static_cast<std::size_t>(i)] = x.at(begin * features + i);
  return part;
}

/// A sequence in two pieces is the sequence.
void expect_goes_on(const std::string& class_name, Attributes config, const Tensor& x) {
  config.set("stateful", true);
  const LayerPtr layer = make_layer(class_name, config);
  layer->set_dtype_policy(DType::Float64);
  const Tensor whole = run_layer(layer, x);
  layer->reset_state();
  run_layer(layer, steps(x, 0, 2));
  const Tensor rest = run_layer(layer, steps(x, 2, x.shape()[1]));
  std::vector<double> wanted;
  for (std::int64_t i = 0; i < whole.numel(); ++i) wanted.push_back(whole.at(i));
  expect_near(rest, wanted, 1e-12);
}

TEST(Stateful, GoesOnWhereTheLastBatchEnded) {
  const std::int64_t units = 3;
  for (const char* name : {"SimpleRNN", "LSTM", "GRU"})
    expect_goes_on(name, {{"units", units}}, sequence(5, 2));
  expect_goes_on("GRU", {{"units", units}, {"reset_after", false}}, sequence(5, 2));
  expect_goes_on("RNN", layers::RNN({layers::LSTMCell(3), layers::GRUCell(2)})->config(),
                 sequence(5, 2));
}

TEST(Stateful, GoesOnInMixedPrecision) {
  const LayerPtr layer = layers::LSTM(3, {.stateful = true, .dtype = "mixed_bfloat16"});
  const Tensor x = Tensor::full({2, 4, 2}, 0.5);
  const Tensor first = run_layer(layer, x);
  ASSERT_EQ(layer->states().size(), 2U);
  EXPECT_EQ(layer->states()[0]->dtype(), DType::Float32);
  EXPECT_EQ(layer->states()[1]->shape(), (Shape{2, 3}));
  EXPECT_NE(run_layer(layer, x).at(0), first.at(0));
  layer->reset_state();
  EXPECT_EQ(run_layer(layer, x).at(0), first.at(0));
}

TEST(Stateful, StatesAreNoWeights) {
  const LayerPtr layer = layers::Bidirectional(layers::LSTM(3, {.stateful = true}));
  layer->ensure_built({{DType::Float32, {2, 4, 5}}});
  EXPECT_TRUE(layer->stateful());
  EXPECT_EQ(layer->weights().size(), 6U);
  EXPECT_EQ(layer->states().size(), 4U);
  EXPECT_FALSE(layers::LSTM(3)->stateful());
}

TEST(Stateful, NeedsOneBatchSize) {
  const LayerPtr layer = layers::GRU(3, {.stateful = true, .name = "g"});
  EXPECT_EQ(message_of<ValueError>([&] {
              layer(Input({4, 2}));
            }),
            "GRU \"g\": is stateful, so the batch size must be known, but the input has shape "
            "(None, 4, 2): give Input() its batch_size");
  EXPECT_EQ(layer(Input({4, 2}, {.batch_size = 6})).shape(), (Shape{6, 3}));
  EXPECT_EQ(message_of<ShapeError>([&] {
              layer->ensure_built({{DType::Float32, {5, 4, 2}}});
            }),
            "GRU \"g\": is stateful and keeps states of 6 sequences, but the input has shape "
            "(5, 4, 2): give fit(), evaluate() and predict() a batch_size of 6, and data of whole "
            "batches");
  EXPECT_THAT(message_of<ValueError>([] {
                Input({4, 2}, {.name = "x", .batch_size = 0});
              }),
              testing::HasSubstr("batch_size is 0"));
  EXPECT_THAT(message_of<ValueError>([] {
                layers::Bidirectional(layers::LSTM(2, {.stateful = true}),
                                      {.backward_layer = layers::LSTM(2, {.go_backwards = true})});
              }),
              testing::HasSubstr("must have the same return_sequences, return_state and stateful"));
}

/// A file may say anything of the number of steps.
TEST(Unrolled, RefusesAbsurdlyManySteps) {
  const std::int64_t steps = 1'000'000'000;
  for (const LayerPtr& layer :
       {layers::ConvLSTM1D(1, 1, {.name = "r"}),
        layers::RNN(layers::GRUCell(2, {.activation = "relu", .name = "r"})),
        layers::GRU(2, {.activation = "relu", .name = "r"}),
        layers::FullHistoryRNN(2, {.name = "r"}),
        layers::FullHistoryRNN(2, {.shared_recurrent_kernel = true, .name = "r"})}) {
    const Shape shape = layer->class_name() == "ConvLSTM1D" ? Shape{steps, 2, 1} : Shape{steps, 1};
    EXPECT_THAT(message_of<ValueError>([&] { layer(Input(shape)); }),
                testing::AllOf(testing::HasSubstr("\"r\": the sequence has 1,000,000,000 steps"),
                               testing::HasSubstr("10,000 are the most")));
  }
  for (const LayerPtr& layer : {layers::LSTM(2), layers::GRU(2, {.reset_after = false})})
    EXPECT_EQ(layer(Input({steps, 1})).shape(), (Shape{Shape::kUnknown, 2}));
}

}  // namespace
}  // namespace sinew
