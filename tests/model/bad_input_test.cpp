#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/small_models.h"
#include "sinew/base/error.h"

namespace sinew {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

class BadInput : public ::testing::Test {
 protected:
  /// The message of fit(); no weight may have changed.
  template <typename Exception>
  std::string fit_message(const Tensor& x, const Tensor& y, FitArguments arguments = {}) {
    arguments.verbose = 0;
    const std::vector<Tensor> before = model_.get_weights();
    const std::string text = message_of<Exception>([&] { model_.fit(x, y, arguments); });
    EXPECT_TRUE(same_bits(before, model_.get_weights()));
    return text;
  }

  Classes data_ = three_classes(20);
  Sequential model_ = classifier();
};

TEST_F(BadInput, NotANumberInX) {
  data_.x.data<float>()[4 * 7 + 2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(fit_message<ValueError>(data_.x, data_.y),
              HasSubstr("x holds nan in row 7 (element 2 of the row)"));
}

TEST_F(BadInput, InfinityInTheValidationData) {
  Tensor x = data_.x.clone();
  x.data<float>()[0] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(fit_message<ValueError>(data_.x, data_.y, {.validation_data = {x, data_.y}}),
              HasSubstr("validation_data x holds inf in row 0"));
}

TEST_F(BadInput, NumbersThatFloat32DoesNotHold) {
  Tensor x = data_.x.cast(DType::Float64);
  x.data<double>()[4 * 7 + 2] = -1e300;
  EXPECT_THAT(fit_message<ValueError>(x, data_.y),
              AllOf(HasSubstr("x holds -1e+300 in row 7 (element 2 of the row)"),
                    HasSubstr("computes in float32, whose largest number is 3.4028235e+38")));
  Sequential model({layers::Dense(1, {.input_shape = {4}, .dtype = "float64"})});
  model.compile({.loss = "mean_squared_error"});
  EXPECT_NO_THROW(model.fit(x, data_.y, {.epochs = 1, .verbose = 0}));
}

TEST_F(BadInput, LabelsOutOfRange) {
  data_.y.data<std::int64_t>()[11] = 3;
  EXPECT_THAT(fit_message<ValueError>(data_.x, data_.y),
              AllOf(HasSubstr("label 3 in row 11"), HasSubstr("the model's output has 3 classes")));
  data_.y.data<std::int64_t>()[11] = -1;
  EXPECT_THAT(fit_message<ValueError>(data_.x, data_.y), HasSubstr("label -1 in row 11"));
}

TEST_F(BadInput, TargetsThatAreNoProbabilities) {
  Sequential model({layers::Dense(1, {.activation = "sigmoid", .input_shape = {4}})});
  model.compile({.loss = "binary_crossentropy"});
  Tensor y({20, 1});
  y.data<float>()[7] = 5;
  EXPECT_THAT(message_of<ValueError>([&] { model.fit(data_.x, y, {.verbose = 0}); }),
              HasSubstr("y: target 5 in row 7 is not between 0 and 1"));
}

TEST_F(BadInput, TokensOutsideTheTable) {
  Sequential model({layers::Embedding(5, 2, {.input_shape = {3}, .name = "tokens"}),
                    layers::Flatten(), layers::Dense(1)});
  model.compile({.loss = "mse"});
  Tensor x({4, 3}, DType::Int64);
  x.data<std::int64_t>()[8] = 77;
  const std::vector<Tensor> before = model.get_weights();
  EXPECT_THAT(message_of<ValueError>([&] {
                model.fit(x, Tensor({4, 1}), {.verbose = 0});
              }),
              AllOf(HasSubstr("Embedding \"tokens\""), HasSubstr("index 77")));
  EXPECT_TRUE(same_bits(before, model.get_weights()));
}

TEST_F(BadInput, LabelsThatAreNoIntegers) {
  Tensor y = data_.y.cast(DType::Float32);
  y.data<float>()[2] = 0.5f;
  EXPECT_THAT(fit_message<ValueError>(data_.x, y),
              HasSubstr("label 0.5 in row 2 is not an integer in [0, 3)"));
}

TEST_F(BadInput, InputsOfAnotherShape) {
  EXPECT_THAT(fit_message<ShapeError>(Tensor({20, 5}), data_.y),
              AllOf(HasSubstr("expects shape (None, 4)"), HasSubstr("x has shape (20, 5)")));
  EXPECT_THAT(fit_message<ShapeError>(Tensor({20, 4, 1}), data_.y),
              HasSubstr("x has shape (20, 4, 1)"));
  EXPECT_THAT(message_of<ShapeError>([&] {
                model_.predict(Tensor({2, 3}));
              }),
              HasSubstr("x has shape (2, 3)"));
}

TEST_F(BadInput, TargetsOfAnotherShape) {
  EXPECT_THAT(
      fit_message<ShapeError>(data_.x, Tensor({20, 3})),
      AllOf(HasSubstr("y has shape (20, 3)"), HasSubstr("use the loss categorical_crossentropy")));
  model_.compile({.loss = "categorical_crossentropy"});
  EXPECT_THAT(fit_message<ShapeError>(data_.x, data_.y),
              HasSubstr("use the loss sparse_categorical_crossentropy"));
}

TEST_F(BadInput, SizesThatDiffer) {
  EXPECT_THAT(fit_message<ValueError>(data_.x, Tensor({19}, DType::Int64)),
              HasSubstr("x has 20 samples (shape (20, 4)), but y has 19 (shape (19,))"));
  EXPECT_THAT(fit_message<ValueError>(data_.x, data_.y, {.sample_weight = Tensor({3})}),
              HasSubstr("sample_weight has 3 (shape (3,))"));
}

TEST_F(BadInput, NothingToTrainOn) {
  EXPECT_THAT(fit_message<ValueError>(Tensor({0, 4}), Tensor({0}, DType::Int64)),
              HasSubstr("x is empty: its shape is (0, 4)"));
  EXPECT_THAT(fit_message<ValueError>(Tensor(), data_.y),
              HasSubstr("the model has 1 input, but 0 tensors were given"));
  EXPECT_THAT(fit_message<ValueError>(data_.x, Tensor()), HasSubstr("y is empty"));
}

TEST_F(BadInput, WrongNumberOfInputs) {
  EXPECT_THAT(message_of<ValueError>([&] {
                model_.fit({data_.x, data_.x}, data_.y);
              }),
              HasSubstr("the model has 1 input, but 2 tensors were given as x"));
}

TEST_F(BadInput, ArgumentsOutOfRange) {
  EXPECT_THAT(fit_message<ValueError>(data_.x, data_.y, {.batch_size = 0}),
              HasSubstr("batch_size is 0"));
  EXPECT_THAT(fit_message<ValueError>(data_.x, data_.y, {.validation_split = 1.5}),
              HasSubstr("validation_split is 1.5"));
  EXPECT_THAT(fit_message<ValueError>(data_.x, data_.y, {.class_weight = {{1, std::nan("")}}}),
              HasSubstr("class_weight of class 1 is nan"));
  EXPECT_THAT(fit_message<ValueError>(data_.x, data_.y, {.validation_split = 0.99}),
              HasSubstr("leaves one of the two parts empty"));
  EXPECT_THAT(
      fit_message<ValueError>(data_.x, data_.y,
                              {.validation_split = 0.5, .validation_data = {data_.x, data_.y}}),
      HasSubstr("not both"));
  EXPECT_THAT(fit_message<ValueError>(data_.x, data_.y, {.checkpoint_every = 5}),
              HasSubstr("set checkpoint"));
}

TEST_F(BadInput, ModelsThatAreNotReady) {
  Sequential model({layers::Dense(1, {.input_shape = {4}})});
  EXPECT_THAT(message_of<ValueError>([&] { model.fit(data_.x, data_.y); }),
              HasSubstr("is not compiled"));
  Sequential empty;
  EXPECT_THAT(message_of<ValueError>([&] { empty.predict(data_.x); }), HasSubstr("has no layers"));
  EXPECT_THAT(message_of<ValueError>([&] { model.compile({.optimizer = "adm", .loss = "mse"}); }),
              HasSubstr("adam"));
  EXPECT_THAT(message_of<ValueError>([&] { model.compile({.loss = "msee"}); }), HasSubstr("mse"));
  EXPECT_THAT(message_of<ValueError>([&] {
                model.compile({.loss = {"mse", "mae"}});
              }),
              HasSubstr("2 losses given for a model with 1 output"));
}

}  // namespace
}  // namespace sinew
