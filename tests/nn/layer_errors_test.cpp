#include "nn/layer_harness.h"

namespace sinew {
namespace {

using namespace layers;
using testing::HasSubstr;

/// Layers are named so that messages are known in full.
struct WrongInput {
  const char* test_name;
  LayerPtr layer;
  /// What the layer is built for; rank 0: nothing.
  Shape first;
  Shape then;
  const char* message;
};

class WrongInputs : public testing::TestWithParam<WrongInput> {};

TEST_P(WrongInputs, AreNamed) {
  const WrongInput& given = GetParam();
  const auto build = [&](const Shape& shape) {
    given.layer->ensure_built({{given.layer->input_dtype(), shape}});
  };
  if (given.first.rank() > 0) build(given.first);
  EXPECT_EQ(message_of<ShapeError>([&] { build(given.then); }), given.message);
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongInputs,
    testing::Values(
        WrongInput{"BidirectionalFeatures",
                   Bidirectional(LSTM(4, {.name = "l"}), {.name = "b"}),
                   {-1, 5, 3},
                   {-1, 5, 2},
                   "LSTM \"forward_l\": input has 2 features, but the layer was built for 3. Did "
                   "the image size or the number of columns change?"},
        WrongInput{
            "RNNRank",
            RNN(GRUCell(4), {.name = "r"}),
            {},
            {-1, 5},
            "RNN \"r\": input has shape (None, 5), but the layer takes 3 axes (batch, steps, "
            "features)"},
        WrongInput{"ConvLSTMWindow",
                   ConvLSTM1D(2, 4, {.name = "c"}),
                   {},
                   {-1, 5, 3, 1},
                   "ConvLSTM1D \"c\": a window of 4 does not fit into a sequence of 3 (input shape "
                   "(None, 3, 1)). Use fewer or smaller windows before it, or padding \"same\""},
        WrongInput{"TimeDistributedRank",
                   TimeDistributed(Dense(2), {.name = "t"}),
                   {},
                   {-1},
                   "TimeDistributed \"t\": input has shape (None,), but the layer takes 2 axes "
                   "(batch, steps, ...)"},
        WrongInput{"MaskingRank",
                   Masking(0.0, {.name = "m"}),
                   {},
                   {-1},
                   "Masking \"m\": input has shape (None,), but the layer takes 3 axes (batch, "
                   "steps, features)"},
        WrongInput{"DenseFeatures",
                   Dense(10, {.name = "dense_1"}),
                   {-1, 1600},
                   {32, 1568},
                   "Dense \"dense_1\": input has 1,568 features, but the layer was built for 1,600 "
                   "(batch 32). Did the "
                   "image size or the number of columns change?"},
        WrongInput{"DenseRank",
                   Dense(10, {.name = "d"}),
                   {},
                   {32},
                   "Dense \"d\": input has shape (32,), but the layer takes 2 axes (batch, "
                   "features), or more with "
                   "features last"},
        WrongInput{"DenseUnknown",
                   Dense(10, {.name = "d"}),
                   {},
                   {-1, -1},
                   "Dense \"d\": the number of features must be known to make the weights, but the "
                   "input has shape "
                   "(None, None)"},
        WrongInput{"ConvRank",
                   Conv2D(8, 3, {.name = "c"}),
                   {},
                   {32, 28, 28},
                   "Conv2D \"c\": input has shape (32, 28, 28), but the layer takes 4 axes (batch, "
                   "rows, columns, "
                   "channels)"},
        WrongInput{"ConvChannels",
                   Conv2D(8, 3, {.name = "c"}),
                   {-1, 28, 28, 1},
                   {16, 28, 28, 3},
                   "Conv2D \"c\": input has 3 channels, but the layer was built for 1 (batch 16). "
                   "Did the number of "
                   "channels change?"},
        WrongInput{"ConvWindow",
                   Conv2D(8, 5, {.name = "c"}),
                   {},
                   {-1, 4, 9, 1},
                   "Conv2D \"c\": a window of 5 x 5 does not fit into an image of 4 x 9 (input "
                   "shape (None, 4, 9, 1)). "
                   "Use fewer or smaller windows before it, or padding \"same\""},
        WrongInput{"ConvGroups",
                   Conv2D(8, 3, {.groups = 4, .name = "c"}),
                   {},
                   {-1, 9, 9, 6},
                   "Conv2D \"c\": 6 input channels cannot be split into 4 groups of equal size"},
        WrongInput{"PoolWindow",
                   MaxPooling2D(2, {.name = "p"}),
                   {},
                   {-1, 1, 1, 8},
                   "MaxPooling2D \"p\": a window of 2 x 2 does not fit into an image of 1 x 1 "
                   "(input shape (None, 1, 1, "
                   "8)). Use fewer or smaller windows before it, or padding \"same\""},
        WrongInput{
            "Reshape",
            Reshape({5, -1}, {.name = "r"}),
            {},
            {-1, 4, 4},
            "Reshape \"r\": the 16 elements of a sample (input shape (None, 4, 4)) cannot be "
            "arranged as (5, None)"},
        WrongInput{"Embedding",
                   Embedding(4, 4, {.name = "e"}),
                   {},
                   {},
                   "Embedding \"e\": input has shape (), but the layer takes 1 axis (batch, ...)"},
        WrongInput{"DropoutNoise",
                   Dropout(0.5, {.noise_shape = {-1, 2}, .name = "d"}),
                   {},
                   {-1, 3},
                   "Dropout \"d\": noise_shape (None, 2) does not fit input shape (None, 3): each "
                   "extent must be -1, 1 "
                   "or the input's"},
        WrongInput{"HistorySteps",
                   FullHistoryRNN(4, {.name = "h"}),
                   {-1, 5, 3},
                   {8, 6, 3},
                   "FullHistoryRNN \"h\": input has 6 steps, but the layer was built for 5 (batch "
                   "8). Did the number of "
                   "steps change?"},
        WrongInput{"BatchNormalization",
                   BatchNormalization({.name = "b"}),
                   {-1, 5},
                   {-1, 6},
                   "BatchNormalization \"b\": input has 6 features, but the layer was built for 5. "
                   "Did the image size or "
                   "the number of columns change?"},
        WrongInput{"Concatenate",
                   Concatenate({.name = "j"}),
                   {},
                   {-1, 6},
                   "Concatenate \"j\": joins two or more inputs, but 1 was given"}),
    [](const auto& info) { return info.param.test_name; });

TEST(LayerErrors, WrongArguments) {
  const std::vector<std::pair<std::function<void()>, const char*>> table = {
      {[] { Dense(0, {.name = "d"}); }, "Dense \"d\": units is 0; it must be at least 1"},
      {[] { Dense(-5, {.name = "d"}); }, "Dense \"d\": units is -5; it must be at least 1"},
      {[] {
         Conv2D(8, {0, 3}, {.name = "c"});
       },
       "Conv2D \"c\": kernel_size is (0, 3); both must be at least 1"},
      {[] { Conv2D(8, 3, {.padding = "smae", .name = "c"}); },
       "Conv2D \"c\": unknown padding 'smae': did you mean 'same'? Known: valid, same"},
      {[] { Conv2D(8, 3, {.groups = 3, .name = "c"}); },
       "Conv2D \"c\": 8 filters cannot be split into 3 groups of equal size"},
      {[] { Conv2D(8, 3, {.strides = 2, .dilation_rate = 2, .name = "c"}); },
       "Conv2D \"c\": strides and dilation_rate cannot both be more than 1"},
      {[] { LSTM(std::int64_t{1} << 62, {.name = "l"}); },
       "LSTM \"l\": units is 4,611,686,018,427,387,904; no machine holds so many"},
      {[] {
         Conv2D(8, {3, std::int64_t{1} << 40}, {.name = "c"});
       },
       "Conv2D \"c\": kernel_size is (3, 1099511627776); neither may be more than 1048576"},
      {[] { Dropout(1.5, {.name = "d"}); },
       "Dropout \"d\": rate is 1.5; it must be between 0 and 1"},
      {[] {
         Reshape({-1, -1}, {.name = "r"});
       },
       "Reshape \"r\": target_shape is (None, None); at most one extent may be -1, and none below"},
      {[] { BatchNormalization({.axis = 0, .name = "b"}); },
       "BatchNormalization \"b\": axis 0 is the batch; normalise another axis, such as -1"},
      {[] { RNN(Dense(3, {.name = "d"}), {.name = "r"}); },
       "RNN \"r\": Dense \"d\" is no cell: give it SimpleRNNCell, LSTMCell, GRUCell, "
       "StackedRNNCells, or a class derived from RNNCell"},
      {[] { StackedRNNCells({}, {.name = "s"}); },
       "StackedRNNCells \"s\": needs at least one cell"},
      {[] { Bidirectional(Dense(3, {.name = "d"}), {.name = "b"}); },
       "Bidirectional \"b\": Dense \"d\" is not a recurrent layer (SimpleRNN, LSTM, GRU, RNN, "
       "ConvLSTM)"},
      {[] { Bidirectional(LSTM(3, {.go_backwards = true, .name = "l"}), {.name = "b"}); },
       "Bidirectional \"b\": LSTM \"forward_l\" and LSTM \"backward_l\" go the same way: one "
       "needs go_backwards"},
      {[] {
         Bidirectional(LSTM(3, {.name = "l"}),
                       {.backward_layer =
                            LSTM(3, {.return_sequences = true, .go_backwards = true, .name = "k"}),
                        .name = "b"});
       },
       "Bidirectional \"b\": LSTM \"forward_l\" and LSTM \"k\" must have the same "
       "return_sequences, return_state and stateful"},
      {[] { TimeDistributed(nullptr, {.name = "t"}); },
       "TimeDistributed \"t\": the layer is a null pointer"},
      {[] {
         SpectralNormalization(Flatten({.name = "f"}), {.name = "s"})
             ->ensure_built({{DType::Float32, {-1, 3}}});
       },
       "SpectralNormalization \"s\": Flatten \"f\" has no kernel and no embeddings to normalise"},
      {[] { ReversibleEmbedding(4, 3, {.logit_soft_cap = 0.0, .name = "e"}); },
       "ReversibleEmbedding \"e\": logit_soft_cap is 0; it must be positive"},
      {[] { Embedding(0, 3, {.name = "e"}); },
       "Embedding \"e\": input_dim is 0; it must be at least 1"},
  };
  for (const auto& [make, message] : table) EXPECT_EQ(message_of<ValueError>(make), message);
}

TEST(LayerErrors, SizesThatOverflow) {
  const std::int64_t large = std::int64_t{1} << 40;
  EXPECT_THAT(message_of<ShapeError>([&] {
                Dense(large, {.name = "d"})->ensure_built({{DType::Float32, {-1, large}}});
              }),
              HasSubstr("Dense \"d\": weight kernel"));
  EXPECT_THROW(Reshape({large, large})->ensure_built({{DType::Float32, {-1, 6}}}), ShapeError);
}

TEST(LayerErrors, WrongDType) {
  EXPECT_EQ(message_of<DTypeError>([] {
              run_layer(Dense(1, {.name = "d"}), Tensor(Shape{2, 3}, DType::Int64));
            }),
            "Dense \"d\": input is int64, but the layer computes in float32; convert the data, or "
            "give the layer that "
            "dtype");
  EXPECT_EQ(message_of<DTypeError>([] { Dense(1, {.name = "d", .dtype = DType::Int32}); }),
            "Dense \"d\": dtype int32 is not a floating type; use float32 or float64");
}

TEST(LayerErrors, WhatCannotBeSavedSaysSo) {
  EXPECT_THAT(
      message_of<ValueError>([] { Lambda([](Value x) { return x; }, {.name = "l"})->config(); }),
      HasSubstr("Lambda \"l\": a Lambda layer is a function in the program and cannot be saved"));
  EXPECT_THAT(message_of<ValueError>([] {
                Dense(1, {.activation = [](Value x) { return x * x; }, .name = "d"})->config();
              }),
              HasSubstr("Dense \"d\": an activation that is a function of Values has no name and "
                        "cannot be saved"));
}

TEST(LayerErrors, CellsWantTheirStates) {
  EXPECT_EQ(message_of<ShapeError>([] { LSTMCell(2, {.name = "c"})(Input({4})); }),
            "LSTMCell \"c\": takes 3 inputs, but 1 were given");
  EXPECT_EQ(message_of<ShapeError>([] {
              StackedRNNCells({LSTMCell(2), GRUCell(3)}, {.name = "s"})(Input({4}));
            }),
            "StackedRNNCells \"s\": takes 4 inputs, but 1 were given");
}

}  // namespace
}  // namespace sinew
