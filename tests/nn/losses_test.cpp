#include "sinew/nn/losses.h"

#include <cmath>

#include "nn/layer_harness.h"
#include "sinew/autodiff/gradients.h"
#include "sinew/compiler/eval.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Values a sample, or reduced with these weights.
Tensor loss_of(const Loss& loss, const Tensor& y_true, const Tensor& y_pred, bool reduce = false,
               const Tensor& weights = {}) {
  Graph graph;
  const Value t = graph.constant(y_true);
  const Value p = graph.constant(y_pred);
  if (!reduce) return eval(loss.call(t, p));
  return eval(loss(t, p, weights.defined() ? graph.constant(weights) : Value{}));
}

const Tensor kTruth = f64({1, 0, 0.5, 2, -1, 3}, {2, 3});
const Tensor kPrediction = f64({0.5, 0.25, 0.5, 1, 1, 1}, {2, 3});

TEST(Losses, Regression) {
  expect_near(loss_of("mse", kTruth, kPrediction), {(0.25 + 0.0625) / 3, (1.0 + 4 + 4) / 3}, 1e-14);
  expect_near(loss_of("mean_absolute_error", kTruth, kPrediction), {0.75 / 3, 5.0 / 3}, 1e-14);
  expect_near(loss_of("MeanSquaredError", f64({1, 2}, {2}), f64({3, 5}, {2, 1})), {4, 9}, 1e-14);
}

TEST(Losses, ReductionsAndWeights) {
  const double a = 0.3125 / 3;
  const double b = 3.0;
  const Tensor weights = f64({3, 0.5}, {2});
  expect_near(loss_of("mse", kTruth, kPrediction, true), {(a + b) / 2}, 1e-14);
  expect_near(loss_of("mse", kTruth, kPrediction, true, weights), {(3 * a + 0.5 * b) / 2}, 1e-14);
  expect_near(loss_of("MeanSquaredError(reduction=\"sum\")", kTruth, kPrediction, true, weights),
              {3 * a + 0.5 * b}, 1e-14);
  expect_near(loss_of(losses::MeanSquaredError({.reduction = "mean_with_sample_weight"}), kTruth,
                      kPrediction, true, weights),
              {(3 * a + 0.5 * b) / 3.5}, 1e-14);
  expect_near(loss_of("MeanSquaredError(reduction=\"mean\")", kTruth, kPrediction, true, weights),
              {(3 * a + 0.5 * b) / 2}, 1e-14);
}

TEST(Losses, MeanOverWeightsThatAreAllZeroIsZero) {
  Graph graph;
  const Value p = graph.constant(kPrediction);
  const Value loss = Loss("MeanSquaredError(reduction=\"mean_with_sample_weight\")")(
      graph.constant(kTruth), p, graph.constant(f64({0, 0}, {2})));
  const std::vector<Tensor> found =
      eval(std::vector<Value>{loss, gradients(loss, std::vector<Value>{p})[0]}, {});
  EXPECT_EQ(found[0].at(0), 0.0);
  for (std::int64_t i = 0; i < found[1].numel(); ++i) EXPECT_EQ(found[1].at(i), 0.0);
}

TEST(Losses, MeanOverWeightsDividesByThemAsGiven) {
  // One weight for all columns of a sample counts once, as in Keras 3.
  const Tensor truth = f64({1, 2, 3, 4}, {2, 2, 1});
  const Tensor prediction = f64({2, 2, 3, 6}, {2, 2, 1});
  expect_near(loss_of("MeanSquaredError(reduction=\"mean_with_sample_weight\")", truth, prediction,
                      true, f64({1, 3}, {2, 1})),
              {(1 * 1.0 + 3 * 4.0) / 4}, 1e-14);
}

double binary(double y, double p) { return -y * std::log(p) - (1 - y) * std::log(1 - p); }

TEST(Losses, BinaryCrossentropy) {
  const Tensor y = f64({1, 0, 1, 1}, {4, 1});
  const Tensor p = f64({0.9, 0.2, 1.0, 0.0}, {4, 1});
  expect_near(loss_of("binary_crossentropy", y, p),
              {binary(1, 0.9), binary(0, 0.2), -std::log(1 - 1e-7), -std::log(1e-7)}, 1e-8);
  const Tensor logits = f64({0.7, -3, 30, -40}, {4, 1});
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  expect_near(loss_of(losses::BinaryCrossentropy({.from_logits = true}), y, logits),
              {binary(1, sigmoid(0.7)), binary(0, sigmoid(-3)), std::log1p(std::exp(-30)), 40},
              1e-12);
  expect_near(loss_of("BinaryCrossentropy(label_smoothing=0.2)", f64({1, 0}, {1, 2}),
                      f64({0.8, 0.4}, {1, 2})),
              {(binary(0.9, 0.8) + binary(0.1, 0.4)) / 2}, 1e-12);
}

TEST(Losses, CategoricalCrossentropy) {
  const Tensor y = f64({0, 1, 0, 0.5, 0, 0.5}, {2, 3});
  const Tensor p = f64({0.2, 0.7, 0.1, 0.25, 0.25, 0.5}, {2, 3});
  expect_near(loss_of("categorical_crossentropy", y, p),
              {-std::log(0.7), -0.5 * std::log(0.25) - 0.5 * std::log(0.5)}, 1e-6);
  // Rows that do not sum to 1 are scaled, as in Keras.
  expect_near(loss_of("categorical_crossentropy", f64({0, 1}, {1, 2}), f64({1, 3}, {1, 2})),
              {-std::log(0.75)}, 1e-6);
  expect_near(loss_of("CategoricalCrossentropy(label_smoothing=0.3)", f64({0, 1, 0}, {1, 3}),
                      f64({0.2, 0.7, 0.1}, {1, 3})),
              {-0.1 * std::log(0.2) - 0.8 * std::log(0.7) - 0.1 * std::log(0.1)}, 1e-6);
  const Tensor logits = f64({std::log(2.0), std::log(7.0), 0}, {1, 3});
  expect_near(loss_of("CategoricalCrossentropy(from_logits=true)", f64({0, 1, 0}, {1, 3}), logits),
              {-std::log(0.7)}, 1e-12);
}

TEST(Losses, SparseCategoricalCrossentropy) {
  const Tensor p = f64({0.2, 0.7, 0.1, 0.25, 0.25, 0.5}, {2, 3});
  const std::vector<double> expected = {-std::log(0.7), -std::log(0.5)};
  const Tensor labels = Tensor::from(std::vector<std::int64_t>{1, 2}, {2});
  expect_near(loss_of("sparse_categorical_crossentropy", labels, p), expected, 1e-6);
  expect_near(loss_of("sparse_categorical_crossentropy", labels.reshape({2, 1}), p), expected,
              1e-6);
  expect_near(loss_of("sparse_categorical_crossentropy", labels.cast(DType::UInt8), p), expected,
              1e-6);
  expect_near(loss_of("sparse_categorical_crossentropy", labels.cast(DType::Float32), p), expected,
              1e-6);
  const Tensor logits = f64({std::log(2.0), std::log(7.0), 0, 0, 0, std::log(2.0)}, {2, 3});
  expect_near(loss_of("SparseCategoricalCrossentropy(from_logits=true)", labels, logits), expected,
              1e-12);
}

/// A prediction that a softmax or sigmoid has rounded to 0 or 1 keeps its loss, because the logits
/// are used.
TEST(Losses, LogitsBehindProbabilitiesAreUsed) {
  Graph graph;
  const Value logits = graph.constant(f32({200, 0}, {1, 2}));
  const Value label = graph.constant(Tensor::from(std::vector<std::int64_t>{1}, {1}));
  // Whether they are said to be logits or not.
  EXPECT_NEAR(
      eval(
          Loss("SparseCategoricalCrossentropy(from_logits=true)").call(label, ops::softmax(logits)))
          .at(0),
      200, 1e-3);
  EXPECT_NEAR(eval(Loss("sparse_categorical_crossentropy").call(label, ops::softmax(logits))).at(0),
              200, 1e-4);
  const Value hot = graph.constant(f32({0, 1}, {1, 2}));
  EXPECT_NEAR(eval(Loss("categorical_crossentropy").call(hot, ops::softmax(logits))).at(0), 200,
              1e-4);
  const Value one = graph.constant(f32({200}, {1, 1}));
  EXPECT_NEAR(
      eval(Loss("binary_crossentropy").call(graph.constant(f32({0}, {1})), ops::sigmoid(one)))
          .at(0),
      200, 1e-4);
}

TEST(Losses, AnyFunctionOfValues) {
  const Loss cubic = [](Value y_true, Value y_pred) {
    return ops::mean(ops::pow(ops::abs(y_true - y_pred), 3.0), {-1});
  };
  expect_near(loss_of(cubic, f64({1, 2}, {1, 2}), f64({3, 3}, {1, 2})), {4.5}, 1e-13);
  EXPECT_THAT(message_of<ValueError>([&] { cubic.identifier(); }), HasSubstr("cannot be saved"));
}

TEST(Losses, IdentifiersRoundTrip) {
  for (const char* text :
       {"MeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy(from_logits=true)",
        "CategoricalCrossentropy(label_smoothing=0.1, reduction=\"sum\")",
        "SparseCategoricalCrossentropy"}) {
    EXPECT_EQ(Loss(text).identifier(), text);
  }
  EXPECT_EQ(Loss("mae").name(), "mean_absolute_error");
  EXPECT_EQ(losses::CategoricalCrossentropy({.label_smoothing = 0.1}).identifier(),
            "CategoricalCrossentropy(label_smoothing=0.1)");
}

TEST(Losses, Errors) {
  EXPECT_THAT(message_of<ValueError>([] { Loss("categorical_crossentropi"); }),
              HasSubstr("did you mean 'categorical_crossentropy'?"));
  EXPECT_THAT(message_of<ValueError>([] { Loss("MeanSquaredError(reduction=\"average\")"); }),
              HasSubstr("unknown reduction"));
  EXPECT_THAT(message_of<ValueError>([] { losses::BinaryCrossentropy({.label_smoothing = 2}); }),
              HasSubstr("label_smoothing is 2"));
  const Tensor scores(Shape{4, 3});
  const Tensor labels(Shape{4}, DType::Int64);
  const std::string advice =
      message_of<ShapeError>([&] { loss_of("categorical_crossentropy", labels, scores); });
  EXPECT_THAT(advice, AllOf(HasSubstr("y_true has shape (4,) and y_pred has shape (4, 3)"),
                            HasSubstr("Use sparse_categorical_crossentropy")));
  EXPECT_THAT(
      message_of<ShapeError>([&] { loss_of("sparse_categorical_crossentropy", scores, scores); }),
      HasSubstr("Use categorical_crossentropy"));
  EXPECT_THAT(message_of<ShapeError>(
                  [&] { loss_of("sparse_categorical_crossentropy", Tensor(Shape{5}), scores); }),
              HasSubstr("y_true must have shape (4,)"));
  EXPECT_THAT(message_of<ShapeError>([&] {
                loss_of("mse", Tensor(Shape{4, 2}), scores);
              }),
              AllOf(HasSubstr("(4, 2)"), HasSubstr("(4, 3)")));
  EXPECT_THAT(
      message_of<ShapeError>([&] { loss_of("mse", scores, scores, true, Tensor(Shape{3})); }),
      HasSubstr("sample weights of shape (3"));
}

}  // namespace
}  // namespace sinew
